"""Playbooks: those in use, those at work, attaching one, and finishing what they ask."""

import pytest

from incidents.models import Task
from incidents.states import TaskState
from tests.calling import Caller, problem, refused_fields, told
from tests.factories import fresh, make_incident, make_report, make_task
from workflows import playbooks
from workflows.models import PlaybookRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident(reporter, team, reference):
    return make_report(reporter)


@pytest.fixture
def doubtful(reporter, team, reference):
    """A report that only asks whether there was a data breach."""
    return make_report(reporter, subject="There was no data breach")


def runs(user, incident) -> dict[str, str]:
    found = told(Caller(user).get(f"incidents/{incident.reference}/playbooks/"))["results"]
    return {each["code"]: each["mode"] for each in found}


def question(incident) -> Task:
    task = playbooks.confirm_task(PlaybookRun.objects.get(incident=incident, code="DB"))
    assert task is not None
    return task


def finish(user, task, body):
    return Caller(user).post(f"tasks/{task.pk}/finish/", body)


def test_the_playbooks_in_use_are_for_those_who_work_here(reference, agent, admin, reporter):
    for user in (agent, admin):
        found = told(Caller(user).get("playbooks/"))["results"]
        assert {each["code"] for each in found} == set(
            "DB RISK PHISH MAL LOST ACC DOS VULN INSIDER SUPP".split()
        )

    problem(Caller(reporter).get("playbooks/"), 403)


def test_a_playbook_is_attached_by_hand(agent, reporter, outsider, incident):
    path = f"incidents/{incident.reference}/playbooks/"
    body = {"code": "PHISH", "reason": "The mail is attached."}

    shown = told(Caller(agent).post(path, body), 201)

    assert (shown["code"], shown["mode"], shown["started_by"]) == ("PHISH", "full", "agent")
    assert runs(agent, incident)["PHISH"] == "full"
    told(Caller(agent).post(path, body), 200)
    problem(Caller(reporter).post(path, body), 403)
    problem(Caller(outsider).post(path, body), 404)


def test_an_auditor_attaches_nothing(auditor, incident):
    body = {"code": "PHISH", "reason": "The mail is attached."}

    problem(Caller(auditor).post(f"incidents/{incident.reference}/playbooks/", body), 403)

    assert "PHISH" not in runs(auditor, incident)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"code": "NONE"}, {"code"}),
        ({"code": ""}, {"code"}),
        ({"code": 5}, {"code"}),
        ({"code": "\ud800"}, {"code"}),
        ({"reason": ""}, {"reason"}),
        ({"reason": "\u200b"}, {"reason"}),
        ({"reason": None}, {"reason"}),
        ({"mode": "full"}, {"mode"}),
    ],
)
def test_a_bad_attachment_is_named(agent, incident, change, names):
    body = {"code": "PHISH", "reason": "The mail is attached.", **change}

    assert (
        refused_fields(Caller(agent).post(f"incidents/{incident.reference}/playbooks/", body))
        == names
    )

    assert set(runs(agent, incident)) == {"RISK"}


def test_a_closed_incident_takes_no_playbook(agent, reporter, team, reference):
    incident = make_incident("closed", reporter=reporter)

    body = {"code": "PHISH", "reason": "The mail is attached."}
    problem(Caller(agent).post(f"incidents/{incident.reference}/playbooks/", body), 409)


def test_a_task_is_finished_with_its_result(handler, reporter, outsider, incident):
    task = make_task(incident, assignee=handler)

    for user in (reporter, outsider):
        problem(finish(user, task, {"result": "I did it."}), 404)
    shown = told(finish(handler, task, {"result": "Looked twice."}))

    assert (shown["state"], shown["result"], shown["settled_by"]) == (
        "done",
        "Looked twice.",
        "handler",
    )


def test_who_has_no_part_in_a_task_does_not_finish_it(agent, auditor, incident, handler):
    task = make_task(incident, assignee=handler)

    problem(finish(agent, task, {"result": "I did it."}), 403)
    problem(finish(auditor, task, {"result": "I did it."}), 403)

    assert fresh(task).state == TaskState.TODO


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({}, {"result"}),
        ({"result": ""}, {"result"}),
        ({"result": " \u200b "}, {"result"}),
        ({"result": None}, {"result"}),
        ({"result": 5}, {"result"}),
        ({"result": "\x00"}, {"result"}),
        ({"result": "\ud800"}, {"result"}),
        ({"result": "x" * 1_000_000}, {"result"}),
        ({"result": "Done.", "state": "done"}, {"state"}),
        ({"result": "Done.", "decision": "confirm"}, {"decision"}),
        ({"result": "Done.", "decision": "maybe"}, {"decision"}),
    ],
)
def test_a_task_without_a_proper_result_stays_open(handler, incident, body, names):
    task = make_task(incident, assignee=handler)

    assert refused_fields(finish(handler, task, body)) == names

    assert fresh(task).state == TaskState.TODO


def test_a_task_waits_for_those_before_it(handler, manager, incident):
    first = make_task(incident, assignee=handler)
    second = make_task(incident, assignee=handler)
    Task.objects.filter(pk=second.pk).update(after=[first.dedupe_key])

    answer = finish(handler, second, {"result": "Too early."})

    assert [each["code"] for each in problem(answer, 409)["reasons"]] == ["task_waits"]


@pytest.mark.parametrize(
    "body",
    [
        {"result": "Names were in it.", "decision": "confirm"},
        {"result": "Confirmed: names were in it."},
        {"result": "“confirm”"},
    ],
)
def test_confirming_starts_the_whole_playbook(manager, doubtful, body):
    task = question(doubtful)
    assert runs(manager, doubtful) == {"DB": "confirm"}

    shown = told(finish(manager, task, body))

    assert (shown["state"], shown["result"]) == ("done", body["result"])
    assert runs(manager, doubtful) == {"DB": "full"}
    assert Task.objects.filter(incident=doubtful, code="DB01").exists()


@pytest.mark.parametrize(
    "body",
    [
        {"result": "It was a drill text.", "decision": "dismiss"},
        {"result": "Dismissed, it was a drill text."},
    ],
)
def test_dismissing_starts_nothing(manager, doubtful, body):
    told(finish(manager, question(doubtful), body))

    assert runs(manager, doubtful) == {"DB": "dismissed"}
    assert not Task.objects.filter(incident=doubtful, code="DB01").exists()


def test_a_question_without_a_decision_stays_open(manager, doubtful):
    for result in ("I do not know.", "...", "Not confirmed."):
        assert refused_fields(finish(manager, question(doubtful), {"result": result})) == {
            "decision"
        }

    assert runs(manager, doubtful) == {"DB": "confirm"}
