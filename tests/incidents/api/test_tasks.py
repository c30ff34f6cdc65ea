"""Tasks through the API: seen, added, handed on, waived. Finishing: tests/workflows/api."""

import pytest

from incidents.models import Task
from incidents.states import TaskState
from tests.calling import Caller, problem, refused_fields, told
from tests.factories import fresh, make_incident, make_task, make_user

pytestmark = pytest.mark.django_db

WORK = {"title": "Ask the reporter", "phase": "assess", "role": "IH"}
PROMISED = {
    "id",
    "code",
    "title",
    "phase",
    "role",
    "assignee",
    "due_at",
    "state",
    "mandatory",
    "result",
}


@pytest.fixture
def incident(reporter):
    return make_incident("triage", reporter=reporter)


@pytest.fixture
def task(incident, handler):
    return make_task(incident, assignee=handler)


def test_the_tasks_are_listed_with_what_was_promised(agent, incident, task):
    [shown] = told(Caller(agent).get(f"incidents/{incident.reference}/tasks/"))["results"]

    assert set(shown) >= PROMISED
    assert (shown["id"], shown["assignee"], shown["mandatory"]) == (task.pk, "handler", False)
    assert told(Caller(agent).get(f"tasks/{task.pk}/")) == shown


def test_an_agent_adds_a_task(agent, handler, incident):
    body = {**WORK, "assignee": "handler", "due_at": "2027-01-01T10:00:00+01:00", "mandatory": True}

    answer = Caller(agent).post(f"incidents/{incident.reference}/tasks/", body)

    shown = told(answer, 201)
    assert (shown["assignee"], shown["mandatory"]) == ("handler", True)
    assert shown["due_at"] == "2027-01-01T09:00:00Z"
    assert answer["Location"].endswith(f"/api/v1/tasks/{shown['id']}/")


def test_without_an_assignee_the_role_gets_it(agent, handler, incident):
    shown = told(Caller(agent).post(f"incidents/{incident.reference}/tasks/", WORK), 201)

    assert shown["assignee"] in {"handler", "a-handler"}


def test_who_may_not_add_is_refused(reporter, outsider, auditor, incident):
    path = f"incidents/{incident.reference}/tasks/"

    problem(Caller(reporter).post(path, WORK), 403)
    problem(Caller(auditor).post(path, WORK), 403)
    problem(Caller(outsider).post(path, WORK), 404)

    assert not Task.objects.exists()


def test_tasks_are_hidden_like_their_incident(reporter, outsider, admin, task):
    nothing = problem(Caller(outsider).get("tasks/999999/"), 404)

    for user in (reporter, outsider, admin):
        assert problem(Caller(user).get(f"tasks/{task.pk}/"), 404) == nothing
        problem(Caller(user).patch(f"tasks/{task.pk}/", {"state": "in_progress"}), 404)
        problem(Caller(user).post(f"tasks/{task.pk}/waive/", {"reason": "No."}), 404)

    assert fresh(task).state == TaskState.TODO


@pytest.mark.parametrize("key", ["0", "-1", "x", "9" * 30, "1e3", "%00"])
def test_a_number_that_is_no_task_does_not_exist(agent, key):
    problem(Caller(agent).get(f"tasks/{key}/"), 404)


def test_it_is_handed_on_and_started_in_one_go(agent, manager, task):
    make_user("second", "handler")

    shown = told(
        Caller(manager).patch(f"tasks/{task.pk}/", {"assignee": "second", "state": "in_progress"})
    )

    assert (shown["assignee"], shown["state"]) == ("second", "in_progress")


def test_it_is_blocked_for_a_reason(handler, task):
    body = {"state": "blocked", "reason": "Waits for the supplier."}

    shown = told(Caller(handler).patch(f"tasks/{task.pk}/", body))

    assert (shown["state"], shown["reason"]) == ("blocked", "Waits for the supplier.")


def test_one_half_refused_is_nothing_done(agent, handler, task):
    make_user("second", "handler")

    problem(
        Caller(handler).patch(f"tasks/{task.pk}/", {"assignee": "second", "state": "blocked"}), 400
    )

    assert fresh(task).assignee == handler


def test_no_patch_finishes_a_task(handler, task):
    for state in ("done", "waived", "cancelled"):
        assert refused_fields(Caller(handler).patch(f"tasks/{task.pk}/", {"state": state})) == {
            "state"
        }

    assert fresh(task).state == TaskState.TODO


BAD = [
    ({"assignee": "nobody"}, {"assignee"}),
    ({"assignee": "reporter"}, {"assignee"}),
    ({"assignee": None}, {"assignee"}),
    ({"assignee": 7}, {"assignee"}),
    ({"assignee": "\x00"}, {"assignee"}),
    ({"state": "nonsense"}, {"state"}),
    ({"state": ["todo"]}, {"state"}),
    ({"reason": "Because."}, {"state"}),
    ({"state": "blocked"}, {"reason"}),
    ({"state": "blocked", "reason": "\ud800"}, {"reason"}),
    ({"result": "Done."}, {"result"}),
    ({"title": "Other"}, {"title"}),
    ({"due_at": None}, {"due_at"}),
]


@pytest.mark.parametrize(("body", "names"), BAD, ids=[ascii(each)[:40] for each, _names in BAD])
def test_a_bad_change_is_named(manager, reporter, task, body, names):
    assert refused_fields(Caller(manager).patch(f"tasks/{task.pk}/", body)) == names

    assert fresh(task).state == TaskState.TODO


BAD_WORK = [
    ({"title": ""}, {"title"}),
    ({"title": "x" * 201}, {"title"}),
    ({"title": "\u202eevil"}, {"title"}),
    ({"title": None}, {"title"}),
    ({"phase": "nonsense"}, {"phase"}),
    ({"phase": []}, {"phase"}),
    ({"role": "KING"}, {"role"}),
    ({"role": {}}, {"role"}),
    ({"assignee": "nobody"}, {"assignee"}),
    ({"due_at": "soon"}, {"due_at"}),
    ({"due_at": 5}, {"due_at"}),
    ({"due_at": "1990-01-01T00:00:00Z"}, {"due_at"}),
    ({"due_at": "9999-12-31T23:59:59Z"}, {"due_at"}),
    ({"mandatory": "yes"}, {"mandatory"}),
    ({"instruction": "x" * 20_001}, {"instruction"}),
    ({"state": "done"}, {"state"}),
]


@pytest.mark.parametrize(("change", "names"), BAD_WORK, ids=[ascii(b)[:40] for b, _n in BAD_WORK])
def test_bad_work_is_named_and_not_added(agent, incident, change, names):
    answer = Caller(agent).post(f"incidents/{incident.reference}/tasks/", {**WORK, **change})

    assert refused_fields(answer) == names
    assert not Task.objects.exists()


def test_a_manager_waives_with_a_reason(manager, handler, task):
    problem(Caller(handler).post(f"tasks/{task.pk}/waive/", {"reason": "Not needed."}), 403)
    assert refused_fields(Caller(manager).post(f"tasks/{task.pk}/waive/", {})) == {"reason"}
    assert refused_fields(
        Caller(manager).post(f"tasks/{task.pk}/waive/", {"reason": "\u200b\u200b"})
    ) == {"reason"}

    shown = told(Caller(manager).post(f"tasks/{task.pk}/waive/", {"reason": "Not needed."}))

    assert (shown["state"], shown["reason"]) == ("waived", "Not needed.")


def test_what_is_settled_stays_settled(manager, task):
    caller = Caller(manager)
    told(caller.post(f"tasks/{task.pk}/waive/", {"reason": "Not needed."}))

    for answer in (
        caller.post(f"tasks/{task.pk}/waive/", {"reason": "Again."}),
        caller.patch(f"tasks/{task.pk}/", {"state": "todo"}),
        caller.post(f"tasks/{task.pk}/finish/", {"result": "Done after all."}),
    ):
        assert [each["code"] for each in problem(answer, 409)["reasons"]] == ["task_settled"]


def test_a_task_that_is_never_waived(manager, task):
    Task.objects.filter(pk=task.pk).update(is_no_waive=True)

    answer = Caller(manager).post(f"tasks/{task.pk}/waive/", {"reason": "Not needed."})

    assert [each["code"] for each in problem(answer, 409)["reasons"]] == ["task_no_waive"]
