import csv
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.admin import export
from incidents.models.timeline import Kind
from incidents.states import Confidentiality, State
from tests.console import Console, words_of
from tests.factories import make_incident, make_task, make_user

QUEUE = "incidents/incident/"


def rows_of(answer) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8")
    assert text.startswith(export.BOM)
    return list(csv.reader(StringIO(text.removeprefix(export.BOM))))


def exported(console, **query) -> list[list[str]]:
    answer = console.get(f"{QUEUE}export.csv", **query)
    assert answer.status_code == 200
    return rows_of(answer)


def test_the_file_holds_what_the_list_shows_filters_and_words_alike(manager):
    make_incident(State.TRIAGE, subject="A parcel mail, “urgent”", severity=2)
    make_incident(State.TRIAGE, subject="A lost laptop")
    make_incident(State.CLOSED, subject="An old parcel mail")

    head, *rows = exported(manager, q="parcel")

    assert [row[head.index("Subject")] for row in rows] == ["A parcel mail, “urgent”"]
    assert rows[0][head.index("Severity")] == "SEV2"
    assert rows[0][head.index("State")] == "Triage"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])  # noqa: RUF001
def test_no_cell_is_a_formula(start):
    assert export.plain(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"
    assert export.plain("a=1") == "a=1"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("x;=cmd|' /C calc'!A0;y", "x;'=cmd|' /C calc'!A0;y"),
        ("x; +1", "x; '+1"),
        ("a|@b", "a|'@b"),
        ("\u200b=1+1", "'\u200b=1+1"),
        ("\ufeff-1", "'\ufeff-1"),
        ("first; second - third", "first; second - third"),
    ],
)
def test_no_cell_begins_a_formula_where_lists_are_parted_otherwise(typed, written):
    assert export.plain(typed) == written


def test_what_a_reporter_typed_runs_in_no_spreadsheet(manager):
    make_incident(subject='=HYPERLINK("https://evil.example";"Look")')

    head, row = exported(manager)
    book = b"".join(manager.get(f"{QUEUE}export.xlsx").streaming_content)
    with ZipFile(BytesIO(book)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()

    assert row[head.index("Subject")].startswith("'=HYPERLINK")
    assert "=HYPERLINK" in sheet
    assert "<f>" not in sheet


def test_who_took_which_rows_is_written_down_where_the_auditor_reads(manager, auditor):
    make_incident()
    make_incident(State.CLOSED)

    exported(manager, state="closed")

    entry = LogEntry.objects.get()
    assert entry.user == manager.user
    assert entry.change_message == "exported 1 rows of the queue as csv: state=closed"
    assert entry.change_message in words_of(auditor.get("admin/logentry/"))


def test_a_handler_takes_their_own_along_and_an_agent_none(handler, agent):
    make_incident(State.TRIAGE, subject="My own", owner=handler.user)
    make_incident(State.TRIAGE, subject="Of others")
    asked = make_incident(State.TRIAGE, subject="With my task")
    make_task(asked, assignee=handler.user)

    head, *rows = exported(handler)

    subjects = {row[head.index("Subject")] for row in rows}
    assert subjects == {"My own", "With my task"}
    assert "Export my own of these" in words_of(handler.get(QUEUE))
    assert agent.get(f"{QUEUE}export.csv").status_code == 403
    assert "Export" not in words_of(agent.get(QUEUE))
    assert LogEntry.objects.count() == 1


def test_an_outsider_is_shown_the_door(reporter, administrator):
    make_incident()

    assert reporter.get(f"{QUEUE}export.csv").status_code == 403
    assert administrator.get(f"{QUEUE}export.csv").status_code == 403


def test_a_restricted_incident_is_in_the_file_of_named_people_only_and_they_are_written_down(
    manager, auditor
):
    secret = make_incident(subject="Secret matter", confidentiality=Confidentiality.RESTRICTED)
    secret.named_people.create(person=manager.user)

    shown, hidden = exported(manager), exported(auditor)

    assert len(shown) == 2
    assert len(hidden) == 1
    looked = secret.timeline.get(kind=Kind.ACCESS)
    assert looked.actor == manager.user
    assert looked.text == "exported this incident"


def test_the_name_of_a_reporter_who_asked_for_it_is_left_out_for_everybody(manager):
    make_incident(contact_name="Sam Jansen", is_name_confidential=True)
    make_incident(contact_name="Kim Visser")

    head, *rows = exported(manager)

    names = {row[head.index("Reporter")] for row in rows}
    assert names == {"kept confidential", "Kim Visser"}


def test_a_file_that_was_cut_says_so(manager, monkeypatch):
    monkeypatch.setattr(export, "ROWS_MOST", 2)
    for _n in range(3):
        make_incident()

    rows = exported(manager)

    assert len(rows) == 4
    assert rows[-1][0].startswith("Only the first 2 are in this file.")


def test_a_senseless_filter_leads_back_to_the_list(manager):
    answer = manager.get(f"{QUEUE}export.csv", reporter__password__startswith="a")

    assert answer.status_code == 302
    assert LogEntry.objects.count() == 0


def test_the_file_takes_the_same_queries_for_one_row_and_for_twenty(manager):
    make_incident(State.TRIAGE, owner=manager.user)
    exported(manager)
    with CaptureQueriesContext(connection) as few:
        exported(manager)
    for _n in range(20):
        make_incident(State.TRIAGE, owner=make_user(f"person{_n}", "handler"))

    with CaptureQueriesContext(connection) as many:
        exported(manager)

    assert len(many) == len(few)


def test_the_console_of_a_jurist_has_no_export(db):
    assert Console(make_user("jurist", "legal")).get(f"{QUEUE}export.csv").status_code == 403
