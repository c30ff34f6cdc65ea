"""The forty reports of DOMAIN.md 7.3 through the real door: playbooks, tasks, alerts, mails."""

import json
import re
from pathlib import Path

import pytest

from tests.flows.callers import (
    ACKNOWLEDGE_LINK,
    Caller,
    Visitor,
    alert_mail,
    link_in,
    mails_about,
)
from tests.flows.shipped import is_restricted, people_rung, priority_of, tasks_of
from tests.waiting import eventually

pytestmark = pytest.mark.product

HERE = Path(__file__).resolve().parent
LINES = (HERE.parent / "data" / "reports.jsonl").read_text(encoding="utf-8")
CASES = {case["id"]: case for case in map(json.loads, LINES.splitlines())}
EVERY_CASE = pytest.mark.parametrize("number", CASES, ids=[f"case-{number}" for number in CASES])
WORD = re.compile(r"\w{5,}")
# What a mail may say by itself: its templates, and the name of the category.
OURS = [
    *HERE.parents[1].glob("workflows/templates/workflows/*.txt"),
    HERE.parents[1] / "incidents/shipped/rsit-1003.yaml",
]


@pytest.fixture(scope="module")
def manager(live):
    """Sees every incident, the restricted ones too."""
    return Caller(live, "manager")


@pytest.fixture(scope="module")
def handler(live):
    return Caller(live, "handler")


@pytest.fixture(scope="module")
def reports(live):
    """The forty, sent one after the other; what each 201 said."""
    reporter = Caller(live, "reporter")
    return {
        number: reporter.report(case["subject"], case["description"])
        for number, case in CASES.items()
    }


@EVERY_CASE
def test_the_answer_tells_the_playbooks_and_counts_the_tasks(reports, number):
    expected = CASES[number]["expected"]

    assert reports[number]["matches"] == expected
    assert reports[number]["tasks"]["total"] == len(tasks_of(reports[number]["matches"]))


@EVERY_CASE
def test_each_match_names_its_rule_its_version_and_its_words(reports, manager, number):
    report = reports[number]

    rows = manager.all(f"/incidents/{report['reference']}/matches/")

    keyword_playbooks = set(CASES[number]["expected"]) - {"RISK"}
    assert {row["playbook"] for row in rows} == keyword_playbooks
    for row in rows:
        text = CASES[number][row["field"]]
        assert text[slice(*row["span"])] == row["text"] != ""
        assert row["version"] >= 1
        assert row["phrase"]


@EVERY_CASE
def test_the_tasks_are_those_of_the_playbooks_and_each_is_somebodys(reports, manager, number):
    report = reports[number]

    rows = manager.all(f"/incidents/{report['reference']}/tasks/")

    assert sorted(row["code"] for row in rows) == tasks_of(report["matches"])
    assert [row["code"] for row in rows if not row["assignee"]] == []
    assert [row["code"] for row in rows if row["state"] != "todo"] == []


@EVERY_CASE
def test_the_alert_rows_name_whom_priority_and_playbooks_call(reports, manager, handler, number):
    report = reports[number]
    reader = manager if is_restricted(CASES[number]["expected"]) else handler

    assert reader.get(f"/incidents/{report['reference']}/")["priority"] == priority_of(
        CASES[number]["expected"]
    )
    assert set(people_of(reader, report)) == expected_people(manager, report)


@EVERY_CASE
def test_each_of_them_gets_one_neutral_mail_with_a_link_of_their_own(
    live, reports, manager, number
):
    report = reports[number]
    expected = expected_people(manager, report)

    mails = {person: alert_mail(live, report["reference"], person) for person in expected}

    rung = [
        mail
        for mail in mails_about(live, report["reference"])
        if ACKNOWLEDGE_LINK.search(mail.get_content())
    ]
    assert len(rung) == len(expected), "somebody else was rung, or somebody twice"
    assert len({link_in(mail) for mail in rung}) == len(rung)
    for mail in mails.values():
        assert words_given_away(mail, CASES[number]) == set()
        assert report["reference"] in mail.get_content()
        # No subject line may show that a restricted incident exists.
        is_named = report["reference"] in mail["Subject"]
        assert is_named != is_restricted(CASES[number]["expected"])


@EVERY_CASE
def test_every_mail_was_sent_and_the_ledger_says_so(reports, manager, number):
    path = f"/incidents/{reports[number]['reference']}/alerts/"

    def all_sent():
        rows = [row for row in manager.all(path) if row["channel"] == "mail"]
        return rows and all(row["sent_at"] for row in rows)

    eventually(all_sent, "every alert of the case has been sent")


@EVERY_CASE
def test_the_reporter_gets_one_receipt_that_gives_nothing_away(live, reports, number):
    reference = reports[number]["reference"]

    mails = eventually(lambda: mails_about(live, reference, "reporter"), "the receipt has come")

    assert len(mails) == 1
    assert words_given_away(mails[0], CASES[number]) == set()
    assert f"{live.url}/tickets/{reference}/" in mails[0].get_content()


def test_looking_at_the_link_does_not_acknowledge(live, reports, handler):
    path, row = alert_of(live, handler, reports[1], "handler")

    pages = [Visitor(live).get(path), Visitor(live, "handler").get(path)]

    assert [page.status for page in pages] == [200, 200]
    assert reports[1]["reference"] in pages[1].text
    assert acknowledged(handler, reports[1], row) is None


def test_somebody_else_cannot_acknowledge_by_the_link(live, reports, handler):
    path, row = alert_of(live, handler, reports[1], "handler")

    answers = {name: Visitor(live, name) for name in ("agent", "manager", "reporter", "admin")}
    statuses = {name: visitor.post(path, shown_at="/").status for name, visitor in answers.items()}
    stranger = Visitor(live)
    asked = stranger.post(path, shown_at="/accounts/login/")

    assert set(statuses.values()) == {404}, statuses
    assert "/accounts/login/" in asked.url
    assert acknowledged(handler, reports[1], row) is None


def test_a_forged_link_is_not_there(live, reports):
    path = link_in(alert_mail(live, reports[2]["reference"], "handler"))
    forged = path.replace("/a/", "/a/1", 1)

    assert Visitor(live, "handler").get(forged).status == 404
    assert Visitor(live, "handler").post(forged, shown_at="/").status == 404


def test_its_recipient_acknowledges_by_pressing_the_button(live, reports, handler):
    path, row = alert_of(live, handler, reports[3], "handler")
    visitor = Visitor(live, "handler")

    page = visitor.post(path, shown_at=path)

    assert page.status == 200
    assert acknowledged(handler, reports[3], row) is not None
    others = [each for each in alerts_of(handler, reports[3]) if each["id"] != row["id"]]
    assert [each for each in others if each["acknowledged_at"]] == []


def test_a_recipient_acknowledges_through_the_api_and_nobody_else_can(live, reports, handler):
    row = row_of(handler, reports[4], "handler")
    agent = Caller(live, "agent")

    refused = agent.call("POST", f"/alerts/{row['id']}/acknowledge/", {})
    handler.post(f"/alerts/{row['id']}/acknowledge/")

    assert refused.status in {403, 404}
    assert acknowledged(handler, reports[4], row) is not None


def alerts_of(reader, report):
    """The alert rows, without what went to the reporter."""
    rows = reader.all(f"/incidents/{report['reference']}/alerts/")
    return [row for row in rows if row["kind"] == "alert"]


def people_of(reader, report):
    people = [row["recipient"] for row in alerts_of(reader, report)]
    assert len(people) == len(set(people)), "somebody was rung twice"
    assert all(row["reason"] for row in alerts_of(reader, report))
    return people


def expected_people(manager, report):
    """Of a restricted incident only those hear who are named: MIM, CISO and who has a task."""
    called = people_rung(report["matches"])
    if not is_restricted(report["matches"]):
        return called
    tasks = manager.all(f"/incidents/{report['reference']}/tasks/")
    return called & {"manager", "ciso", *(task["assignee"] for task in tasks)}


def row_of(reader, report, person):
    return next(row for row in alerts_of(reader, report) if row["recipient"] == person)


def alert_of(live, reader, report, person):
    """The path of a person's acknowledge page, and the row behind it."""
    mail = alert_mail(live, report["reference"], person)
    return link_in(mail), row_of(reader, report, person)


def acknowledged(reader, report, row):
    rows = alerts_of(reader, report)
    return next(each for each in rows if each["id"] == row["id"])["acknowledged_at"]


def words_given_away(mail, case):
    """The words of the report that the mail repeats, beyond those that mails say anyway."""
    anyway = words(*(file.read_text(encoding="utf-8") for file in OURS))
    said = words(str(mail["Subject"]), mail.get_content())
    return said & words(case["subject"], case["description"]) - anyway


def words(*texts):
    return {word for text in texts for word in WORD.findall(text.casefold())}
