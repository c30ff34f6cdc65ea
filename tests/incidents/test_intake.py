"""The only birth of an incident: what is taken, what is refused by name, and nothing in between."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from incidents import evidence, intake
from incidents.models import Department, Evidence, Incident, TimelineEntry
from incidents.models.evidence import evidence_storage
from incidents.models.organisation import Tenant, VirtualMachine, Workspace
from incidents.states import Door
from tests.factories import QUIET, QUIET_STORY, fresh, make_department, make_report, make_user
from workflows.models import Alert

MILLION = "x" * 1_000_000


def text_file(name: str = "note.txt", content: bytes = b"what I saw") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def stored_files() -> set[str]:
    storage = evidence_storage()
    folders = storage.listdir("")[0] if storage.exists("") else []
    return {f"{folder}/{name}" for folder in folders for name in storage.listdir(folder)[1]}


def test_a_report_is_on_the_record_with_all_that_was_said(reporter):
    incident = make_report(
        reporter,
        subject="  A door \n stood open ",
        description=" Since  this morning.\n\nReally. ",
        language="nl",
        answers={
            "about": "something_else",
            "noticed_at": "2026-11-02T10:30:00+01:00",
            "noticed_at_precision": "about",
            "ongoing": "no",
            "personal_data": "no",
            "users_affected": "2-10",
            "workspaces_text": "The blue one",
            "already_done": "Closed it.",
            "is_name_confidential": True,
        },
    )

    kept = fresh(incident)
    assert (kept.subject, kept.description) == (
        "A door stood open",
        "Since  this morning.\n\nReally.",
    )
    assert kept.noticed_at == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    assert kept.milestone_notes["noticed_at"] == {"source": "portal", "precision": "about"}
    assert (kept.state, kept.severity, kept.urgency, kept.priority) == ("new", 3, 3, 3)
    assert (kept.reporter, kept.entered_by, kept.reported_via) == (reporter, None, "portal")
    assert (kept.contact_name, kept.contact_email) == ("reporter", reporter.email)
    assert (kept.language, kept.users_affected, kept.is_name_confidential) == ("nl", "2-10", True)
    assert kept.reference == f"INC-{kept.pk:06d}"
    assert timezone.now() - kept.reported_at < timedelta(seconds=20)


def test_what_is_not_answered_has_a_careful_default(reporter):
    incident = make_report(reporter)

    assert timezone.now() - incident.noticed_at < timedelta(seconds=20)
    assert (incident.ongoing, incident.about, incident.personal_data) == ("unknown", "", "")
    assert (incident.urgency, incident.confidentiality, incident.tlp) == (
        2,
        "team",
        "TLP:AMBER+STRICT",
    )


def test_whoever_types_it_in_for_somebody_is_named_beside_the_reporter(agent, reporter):
    incident = make_report(agent, reporter=reporter, door=Door.PHONE)

    assert (incident.reporter, incident.entered_by) == (reporter, agent)
    assert incident.contact_email == reporter.email


def test_a_tool_reports_nobodys_ticket(agent):
    incident = make_report(agent, door=Door.DETECTION)

    assert (incident.reporter, incident.entered_by) == (None, agent)
    assert make_report(None, door=Door.MAIL).reporter is None


def test_a_name_longer_than_its_column_costs_no_report(db):
    person = make_user("long", first_name="F" * 150, last_name="L" * 150)

    assert make_report(person).contact_name == str(person)[:200]


# Everything that is refused, by the name of the field that is said to be wrong.
BAD = [
    ({"subject": ""}, "subject"),
    ({"subject": "Four"}, "subject"),
    ({"subject": "    x    "}, "subject"),
    ({"subject": "\u200b" * 20}, "subject"),
    ({"subject": "\n" * 20}, "subject"),
    ({"subject": "x" * 151}, "subject"),
    ({"subject": MILLION}, "subject"),
    ({"subject": "A door\x00 open"}, "subject"),
    ({"subject": "A door \ud83d open"}, "subject"),
    ({"subject": "A \u202erood open"}, "subject"),
    ({"subject": "A \u202drood open"}, "subject"),
    ({"subject": None}, "subject"),
    ({"subject": 12345}, "subject"),
    ({"subject": ["A door stood open"]}, "subject"),
    ({"description": ""}, "description"),
    ({"description": "Nine char"}, "description"),
    ({"description": "\u2060" * 40}, "description"),
    ({"description": "x" * 20_001}, "description"),
    ({"description": MILLION}, "description"),
    ({"description": "A story with \x00 inside"}, "description"),
    ({"description": "A story with \udc80 inside"}, "description"),
    ({"description": {"text": "A story in an object"}}, "description"),
    ({"department": "kitchen"}, "department"),
    ({"department": ""}, "department"),
    ({"department": None}, "department"),
    ({"department": "secur\x00ity"}, "department"),
    ({"department": ["security"]}, "department"),
    ({"language": "a-language-with-a-long-name"}, "language"),
    ({"contact_email": "no address"}, "contact_email"),
    ({"contact_email": f"{'x' * 300}@tocsin.test"}, "contact_email"),
    ({"contact_name": "N" * 201}, "contact_name"),
    ({"contact_name": "N\x00"}, "contact_name"),
    ({"about": "aliens"}, "about"),
    ({"about": ["malware"]}, "about"),
    ({"about": True}, "about"),
    ({"personal_data": "perhaps"}, "personal_data"),
    ({"ongoing": "sometimes"}, "ongoing"),
    ({"ongoing": True}, "ongoing"),
    ({"noticed_at_precision": "vague"}, "noticed_at_precision"),
    ({"users_affected": "three"}, "users_affected"),
    ({"users_affected": 3}, "users_affected"),
    ({"data_location": "moon"}, "data_location"),
    ({"data_recipient": "everybody"}, "data_recipient"),
    ({"reported_elsewhere": "press"}, "reported_elsewhere"),
    ({"noticed_at": "yesterday"}, "noticed_at"),
    ({"noticed_at": ""}, "noticed_at"),
    ({"noticed_at": None}, "noticed_at"),
    ({"noticed_at": 1_762_000_000}, "noticed_at"),
    ({"noticed_at": "1989-12-31T23:59:59Z"}, "noticed_at"),
    ({"noticed_at": "0001-01-01T00:00:00Z"}, "noticed_at"),
    ({"noticed_at": "9999-12-31T23:59:59Z"}, "noticed_at"),
    ({"noticed_at": "99999-01-01T00:00:00Z"}, "noticed_at"),
    ({"noticed_at": "2026-02-30T10:00:00Z"}, "noticed_at"),
    ({"noticed_at": "2026-11-02T10:00:00+99:00"}, "noticed_at"),
    ({"occurred_from": "1970-01-01T00:00:00Z"}, "occurred_from"),
    ({"occurred_to": "soon"}, "occurred_to"),
    (
        {"noticed_at": "2026-11-02T10:00:00Z", "occurred_from": "2026-11-02T10:00:01Z"},
        "occurred_from",
    ),
    (
        {"occurred_from": "2026-11-02T10:00:00Z", "occurred_to": "2026-11-02T09:00:00Z"},
        "occurred_to",
    ),
    ({"data_kinds": MILLION}, "data_kinds"),
    ({"data_kinds": "x" * 2001}, "data_kinds"),
    ({"data_recipient_text": "x" * 2001}, "data_recipient_text"),
    ({"already_done": "x" * 2001}, "already_done"),
    ({"workspaces_text": "x" * 2001}, "workspaces_text"),
    ({"virtual_machines_text": "x" * 2001}, "virtual_machines_text"),
    ({"people_affected": "x" * 101}, "people_affected"),
    ({"concerned": "x" * 301}, "concerned"),
    ({"supplier": "x" * 201}, "supplier"),
    ({"contact_phone": "1" * 51}, "contact_phone"),
    ({"safe_channel": "x" * 301}, "safe_channel"),
    ({"on_behalf_of": "x" * 201}, "on_behalf_of"),
    ({"workspaces": 114}, "workspaces"),
    ({"workspaces": [114]}, "workspaces"),
    ({"workspaces": {"name": "x"}}, "workspaces"),
    ({"workspaces": ["w"] * 101}, "workspaces"),
    ({"workspaces": ["x" * 2001]}, "workspaces"),
    ({"workspaces": ["w\x00"]}, "workspaces"),
    ({"virtual_machines": ["\ud800"]}, "virtual_machines"),
    ({"is_name_confidential": "yes"}, "is_name_confidential"),
    ({"is_name_confidential": 1}, "is_name_confidential"),
    ({"colour": "red"}, "colour"),
    ({"state": "closed"}, "state"),
    ({"priority": 1}, "priority"),
    ({"severity": 1}, "severity"),
    ({"resolution": "Solved before it was reported."}, "resolution"),
    ({"reporter": "outsider"}, "reporter"),
    ({"legal_hold": True}, "legal_hold"),
]
HEAD = {"subject", "description", "department", "language", "contact_email", "contact_name"}


def nothing_is_stored() -> bool:
    rows = (Incident, TimelineEntry, Evidence, Alert)
    return not any(model.objects.exists() for model in rows)


@pytest.mark.parametrize(("given", "field"), BAD)
def test_what_cannot_be_used_is_named_and_nothing_is_stored(given, field, reporter):
    make_department()
    before = stored_files()
    head = {name: value for name, value in given.items() if name in HEAD}
    answers = {name: value for name, value in given.items() if name not in HEAD}
    words = {"subject": QUIET, "description": QUIET_STORY, **head}

    with pytest.raises(ValidationError) as refused:
        intake.report(by=reporter, door="portal", answers=answers, files=[text_file()], **words)

    assert set(refused.value.message_dict) == {field}
    assert all(len(message) < 500 for message in refused.value.message_dict[field])
    assert nothing_is_stored()
    assert stored_files() == before


@pytest.mark.parametrize(
    "given",
    [
        {"subject": "Fives"},
        {"subject": "x" * 150},
        {"subject": "Türkçe ünïcode 😀 \u200d ok"},
        {"description": "Ten chars."},
        {"description": "x" * 20_000},
        {"answers": {"data_kinds": "x" * 2000}},
        {"answers": {"noticed_at": "1990-01-01T00:00:00Z"}},
        {"answers": {"about": "", "personal_data": None, "users_affected": ""}},
        {"answers": {"workspaces": "Blue", "virtual_machines": ["a", "b"]}},
        {"department": "Security"},
    ],
)
def test_what_is_just_inside_the_limits_is_taken(given, reporter):
    assert make_report(reporter, **given).pk


def test_a_clock_that_runs_ahead_a_little_costs_no_report(reporter):
    ahead = timezone.now() + timedelta(minutes=4)

    assert make_report(reporter, answers={"noticed_at": ahead.isoformat()}).noticed_at == ahead

    with pytest.raises(ValidationError) as refused:
        make_report(reporter, answers={"noticed_at": ahead + timedelta(minutes=3)})
    assert set(refused.value.message_dict) == {"noticed_at"}


def test_every_wrong_field_is_named_at_once(reporter):
    make_department()

    with pytest.raises(ValidationError) as refused:
        intake.report(
            by=reporter,
            door="portal",
            subject="",
            description="short",
            files=[text_file("virus.exe")],
            answers={"about": "aliens", "colour": "red", "noticed_at": "soon"},
        )

    assert set(refused.value.message_dict) == {
        "subject",
        "description",
        "about",
        "colour",
        "noticed_at",
        "files",
    }


def test_a_department_that_is_switched_off_takes_no_report(reporter):
    make_department()
    Department.objects.update(is_active=False)

    with pytest.raises(ValidationError) as refused:
        make_report(reporter)

    assert set(refused.value.message_dict) == {"department"}
    assert nothing_is_stored()


BAD_FILES = {
    "a program as a picture": [text_file("cat.png", b"MZ\x90\x00" + b"\x00" * 200)],
    "a program": [text_file("setup.exe", b"MZ\x90\x00")],
    "an archive": [text_file("all.zip", b"PK\x03\x04")],
    "a drawing that can run": [text_file("logo.svg", b"<svg onload='x()'/>")],
    "a web page": [text_file("page.html", b"<p>hello</p>")],
    "no ending": [text_file("README", b"hello")],
    "an empty file": [text_file("empty.txt", b"")],
    "one bad among good ones": [text_file(), text_file("setup.exe", b"MZ"), text_file()],
    "too many": [text_file(f"{n}.txt") for n in range(11)],
}


@pytest.mark.parametrize("files", BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_cannot_be_taken_is_named_and_nothing_is_left_behind(files, reporter):
    before = stored_files()

    with pytest.raises(ValidationError) as refused:
        make_report(reporter, files=files)

    assert set(refused.value.message_dict) == {"files"}
    assert nothing_is_stored()
    assert stored_files() == before


def test_a_file_that_is_too_large_is_named(reporter, settings):
    settings.UPLOAD_MAX_BYTES = 1024**2

    with pytest.raises(ValidationError, match=r"large\.txt.*1 MB"):
        make_report(reporter, files=[text_file("large.txt", b"x" * (1024**2 + 1))])

    assert nothing_is_stored()
    assert make_report(reporter, files=[text_file("large.txt", b"x" * 1024**2)]).pk


def test_as_many_files_as_allowed_are_kept_as_they_came(reporter):
    files = [text_file(f"{n}.txt", f"text {n}".encode()) for n in range(settings.UPLOAD_MAX_FILES)]

    incident = make_report(reporter, files=files)

    kept = list(incident.evidence.all())
    assert [row.name for row in kept] == [f"{n}.txt" for n in range(10)]
    assert all(row.from_reporter and row.added_by == reporter for row in kept)
    assert all(evidence.is_intact(row) for row in kept)


def test_a_report_that_fails_late_leaves_no_file_behind(reporter, monkeypatch):
    make_department()
    before = stored_files()
    monkeypatch.setattr(evidence.timeline, "append", fail_at_evidence(evidence.timeline.append))

    with pytest.raises(RuntimeError), transaction.atomic():
        make_report(reporter, files=[text_file("a.txt"), text_file("b.txt")])

    assert nothing_is_stored()
    assert stored_files() == before


def fail_at_evidence(append):
    """Like timeline.append(), but the disk is full when the second file is entered."""
    entered = []

    def failing(incident, kind, **fields):
        if kind == "evidence":
            entered.append(fields)
        if len(entered) == 2:
            raise RuntimeError("disk full")
        return append(incident, kind, **fields)

    return failing


@pytest.fixture
def places(reporter, outsider):
    """A workspace of the reporter, one for which they are Accountable, and one of somebody else."""
    north, south = Tenant.objects.create(name="North"), Tenant.objects.create(name="South")
    mine = Workspace.objects.create(name="Alpha-1", tenant=north)
    mine.members.add(reporter)
    accountable = Workspace.objects.create(name="Beta-2", tenant=south, accountable=reporter)
    theirs = Workspace.objects.create(name="Gamma-3", tenant=south)
    theirs.members.add(outsider)
    for workspace in (mine, accountable, theirs):
        VirtualMachine.objects.create(name=f"vm-{workspace.name}", workspace=workspace)
    return mine, accountable, theirs


def names(rows) -> list[str]:
    return sorted(row.name for row in rows.all())


def test_ones_own_workspaces_become_links_and_bring_their_tenants(places, reporter):
    incident = make_report(reporter, answers={"workspaces": ["alpha-1", " Beta-2 "]})

    assert names(incident.workspaces) == ["Alpha-1", "Beta-2"]
    assert names(incident.tenants) == ["North", "South"]
    assert incident.workspaces_text == ""


def test_a_machine_brings_its_workspace_and_tenant(places, reporter):
    incident = make_report(reporter, answers={"virtual_machines": ["vm-Alpha-1"]})

    assert names(incident.virtual_machines) == ["vm-Alpha-1"]
    assert names(incident.workspaces) == ["Alpha-1"]
    assert names(incident.tenants) == ["North"]


def test_nobody_learns_which_names_exist(places, reporter):
    answers = {"workspaces": ["Gamma-3", "Omega-9"], "virtual_machines": ["vm-Gamma-3", "vm-none"]}

    incident = make_report(reporter, answers=answers)

    assert names(incident.workspaces) == names(incident.virtual_machines) == []
    assert names(incident.tenants) == []
    assert incident.workspaces_text == "Gamma-3\nOmega-9"
    assert incident.virtual_machines_text == "vm-Gamma-3\nvm-none"


@pytest.mark.parametrize("order", [1, -1])
def test_what_becomes_no_link_is_added_to_the_text_beside_it(order, places, reporter):
    answers = [("workspaces", ["Omega-9", "Alpha-1"]), ("workspaces_text", "and a blue one")]

    incident = make_report(reporter, answers=dict(answers[::order]))

    assert names(incident.workspaces) == ["Alpha-1"]
    assert incident.workspaces_text.splitlines() == ["and a blue one", "Omega-9"]


def test_the_response_team_may_name_every_workspace(places, agent):
    incident = make_report(agent, answers={"workspaces": ["Gamma-3"]})

    assert names(incident.workspaces) == ["Gamma-3"]


def test_a_report_is_there_as_a_whole_or_not_at_all(reporter):
    with transaction.atomic():
        make_report(reporter, files=[text_file()])
        transaction.set_rollback(True)

    assert nothing_is_stored()
