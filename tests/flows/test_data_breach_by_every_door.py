""" "data breach" by every door: P1, the tasks laid out and assigned, the right people rung."""

import re
from datetime import datetime, timedelta

import pytest

from tests.flows.callers import Caller, Visitor, alert_mail
from tests.flows.pages import Page
from tests.flows.shipped import key_of, laid_out, tasks_of

pytestmark = pytest.mark.product

WORDS = "data breach"
QUIET = "Something is odd here"
STORY = "The list of the morning looked different from yesterday, and I do not know why."
IN_SUBJECT = (f"There is a {WORDS} in my workspace", STORY)
IN_DESCRIPTION = (QUIET, f"{STORY} I am afraid it is a {WORDS}.")
AT_ONCE, LATER = {"DB": "full"}, {"RISK": "full", "DB": "full"}
# The first ones, in the first four hours (DOMAIN.md 6): who, and when after the report.
FIRST = {
    "DB01": ("handler", timedelta(minutes=30)),
    "DB02": ("handler", timedelta(hours=1)),
    "DB03": ("handler", timedelta(hours=1)),
    "DB04": ("handler", timedelta(hours=2)),
    "DB05": ("handler", timedelta(hours=4)),
}
REFERENCE = re.compile(r"INC-\d{6,}")


@pytest.fixture(scope="module")
def reporter(live):
    return Caller(live, "reporter")


@pytest.fixture(scope="module")
def manager(live):
    return Caller(live, "manager")


def through_the_portal(live, subject, description):
    visitor = Visitor(live, "reporter")
    words = {"subject": subject, "description": description}
    page = visitor.post("/report/", words, shown_at="/report/")
    assert page.url.endswith("/noticed/"), page.text
    return REFERENCE.search(page.url)[0]


def through_the_console(live, subject, description):
    visitor = Visitor(live, "handler")
    address = "/admin/incidents/incident/add/"
    form = Page(visitor.get(address).text).form_with("subject")
    words = form.filled(
        subject=subject, description=description, reporter="reporter", personal_data="no"
    )
    page = visitor.post(address, words, files=[])
    assert page.url.endswith("/change/"), page.text
    key = re.search(r"/(\d+)/change/", page.url)[1]
    return f"INC-{int(key):06d}"


def through_the_api(live, subject, description):
    report = Caller(live, "reporter").report(subject, description, personal_data="no")
    return report["reference"]


DOORS = {
    "portal": through_the_portal,
    "phone": through_the_console,
    "api": through_the_api,
}


def alarm_is_raised(live, manager, reference, playbooks=AT_ONCE):
    """Everything that "data breach" must bring about, seen through the API and in the mail.

    Later on, work that another playbook has laid out already keeps its code.
    """
    incident = manager.get(f"/incidents/{reference}/")
    assert incident["priority"] == 1
    assert incident["severity"] == 2
    assert incident["breach_status"] == "suspected"
    tasks = {row["code"]: row for row in manager.all(f"/incidents/{reference}/tasks/")}
    work = laid_out(playbooks)
    assert set(work.values()) <= set(tasks)
    reported_at = moment(incident["reported_at"])
    for name, (assignee, after) in FIRST.items():
        task = tasks[work[key_of("DB", name)]]
        assert task["assignee"] == (assignee if task["playbook"] == "DB" else "agent")
        assert moment(task["due_at"]) <= reported_at + after
    assert {"manager", "dpo", "ciso"} <= set(people_rung(manager, reference))
    for person in ("manager", "dpo", "ciso"):
        alert_mail(live, reference, person)


def people_rung(manager, reference):
    rows = manager.all(f"/incidents/{reference}/alerts/")
    return [row["recipient"] for row in rows if row["kind"] == "alert"]


def moment(text):
    return datetime.fromisoformat(text)


def codes(manager, reference):
    return [row["code"] for row in manager.all(f"/incidents/{reference}/tasks/")]


@pytest.mark.parametrize("words", [IN_SUBJECT, IN_DESCRIPTION], ids=["subject", "description"])
@pytest.mark.parametrize("door", DOORS)
def test_it_raises_the_alarm_by_every_door(live, manager, door, words):
    reference = DOORS[door](live, *words)

    alarm_is_raised(live, manager, reference)
    assert manager.get(f"/incidents/{reference}/")["reported_via"] == door
    assert len(codes(manager, reference)) == 26
    assert set(people_rung(manager, reference)) == {"handler", "manager", "ciso", "dpo"}


@pytest.mark.parametrize("door", DOORS)
def test_without_these_words_nobody_of_the_three_is_rung(live, manager, door):
    reference = DOORS[door](live, QUIET, STORY)

    assert manager.get(f"/incidents/{reference}/")["priority"] > 1
    assert set(people_rung(manager, reference)) == {"agent", "handler"}
    assert set(codes(manager, reference)) == set(tasks_of({"RISK": "full"}))


def test_the_first_tasks_are_due_to_the_minute(manager, reporter):
    reference = reporter.report(*IN_SUBJECT)["reference"]

    tasks = {row["code"]: row for row in manager.all(f"/incidents/{reference}/tasks/")}

    reported_at = moment(manager.get(f"/incidents/{reference}/")["reported_at"])
    for name, (_assignee, after) in FIRST.items():
        assert moment(tasks[name]["due_at"]) == reported_at + after


def test_an_edit_of_the_subject_in_the_console_raises_it(live, manager, reporter):
    reference = reporter.report(QUIET, STORY)["reference"]
    page = f"/admin/incidents/incident/{int(reference[4:])}/facts/"
    visitor = Visitor(live, "handler")
    form = Page(visitor.get(page).text).form_with("subject")

    answer = visitor.post(page, form.filled(subject=f"It was a {WORDS}"))

    assert answer.url.endswith("/change/"), answer.text
    alarm_is_raised(live, manager, reference, LATER)


@pytest.mark.parametrize("field", ["subject", "description"])
def test_an_edit_through_the_api_raises_it(live, manager, reporter, field):
    reference = reporter.report(QUIET, STORY)["reference"]

    change = {field: f"It was a {WORDS} after all"}
    answer = manager.call("PATCH", f"/incidents/{reference}/", change)

    assert answer.status == 200, answer.text
    alarm_is_raised(live, manager, reference, LATER)


def test_a_later_message_on_the_ticket_raises_it(live, manager, reporter):
    reference = reporter.report(QUIET, STORY)["reference"]
    visitor = Visitor(live, "reporter")
    page = f"/tickets/{reference}/"

    answer = visitor.post(
        page, {"text": f"I am sure now: this is a {WORDS}."}, files=[], shown_at=page
    )

    assert answer.status == 200
    alarm_is_raised(live, manager, reference, LATER)


def test_a_later_message_through_the_api_raises_it(live, manager, reporter):
    reference = reporter.report(QUIET, STORY)["reference"]

    reporter.post(f"/incidents/{reference}/timeline/", {"text": f"This is a {WORDS}."}, status=201)

    alarm_is_raised(live, manager, reference, LATER)


def test_further_edits_and_messages_remove_and_repeat_nothing(live, manager, reporter):
    reference = reporter.report(*IN_SUBJECT)["reference"]
    alarm_is_raised(live, manager, reference)
    tasks, rung = codes(manager, reference), people_rung(manager, reference)

    for subject in (QUIET, f"Yes, a {WORDS}", "No data breach at all", f"A {WORDS}, I am sure"):
        assert manager.call("PATCH", f"/incidents/{reference}/", {"subject": subject}).status == 200
    for text in (f"A {WORDS}, once more.", "It is no data breach after all."):
        reporter.post(f"/incidents/{reference}/timeline/", {"text": text}, status=201)

    assert codes(manager, reference) == tasks
    assert people_rung(manager, reference) == rung
    assert manager.get(f"/incidents/{reference}/")["priority"] == 1
    assert manager.get(f"/incidents/{reference}/")["breach_status"] == "suspected"


def test_a_question_becomes_the_whole_playbook_and_its_task_is_settled(live, manager, reporter):
    report = reporter.report("No data breach, just a question", STORY)
    assert report["matches"] == {"DB": "confirm"}

    reporter.post(
        f"/incidents/{report['reference']}/timeline/",
        {"text": f"I was wrong, it is a {WORDS}."},
        status=201,
    )

    alarm_is_raised(live, manager, report["reference"])
    rows = manager.all(f"/incidents/{report['reference']}/tasks/")
    assert [row["state"] for row in rows if row["code"] == "DB00"] == ["cancelled"]
    assert len({row["code"] for row in rows}) == len(rows)
