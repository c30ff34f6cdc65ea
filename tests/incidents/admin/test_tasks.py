import pytest

from incidents.models import Task
from incidents.states import State, TaskState
from tests.console import about, on, words_of
from tests.factories import fresh, make_incident, make_task, make_user


def test_a_task_is_finished_with_its_result(handler):
    task = make_task(make_incident(), assignee=handler.user, result_needed="who was asked")

    page = words_of(handler.get(about(task)))
    answer = handler.post(about(task), result="The janitor was asked.")

    assert "who was asked" in page
    assert answer.status_code == 302
    assert fresh(task).state == TaskState.DONE
    assert "The janitor was asked." in words_of(handler.get(on(task.incident)))


def test_without_a_result_it_is_not_finished(handler):
    task = make_task(make_incident(), assignee=handler.user, result_needed="who was asked")

    answer = handler.post(about(task), result="  ")

    assert answer.status_code == 200
    assert "Write the result: who was asked." in words_of(answer)
    assert fresh(task).state == TaskState.TODO


def test_what_comes_first_is_named_and_the_result_is_kept(handler):
    first = make_task(make_incident(), title="Look first")
    second = make_task(first.incident, assignee=handler.user)
    Task.objects.filter(pk=second.pk).update(after=[first.dedupe_key])

    answer = handler.post(about(second), result="I did it already.")

    assert answer.status_code == 409
    assert f"Finish first: {first.code}." in words_of(answer)
    assert "I did it already." in answer.content.decode()
    assert fresh(second).state == TaskState.TODO


def test_somebody_elses_task_is_not_finished_by_a_crafted_post(agent, handler):
    task = make_task(make_incident(), role="IH", assignee=handler.user)

    page = words_of(agent.get(about(task)))
    answer = agent.post(about(task), result="I did not do it.")

    assert "must act." in page
    assert answer.status_code == 403
    assert fresh(task).state == TaskState.TODO


def test_waiving_is_for_those_who_may_and_needs_a_reason(handler, manager):
    task = make_task(make_incident(), is_mandatory=True)

    refused = handler.post(about(task, "waive"), reason="Not needed.")
    empty = manager.post(about(task, "waive"), reason="")
    manager.post(about(task, "waive"), reason="Another team did it.")

    assert refused.status_code == 403
    assert "Say why this task is not needed." in words_of(empty)
    assert fresh(task).state == TaskState.WAIVED
    assert fresh(task).reason == "Another team did it."


def test_what_can_never_be_waived_says_so(manager):
    task = make_task(make_incident(), is_mandatory=True)
    Task.objects.filter(pk=task.pk).update(is_no_waive=True)

    answer = manager.post(about(task, "waive"), reason="Please.")

    assert answer.status_code == 409
    assert "This task can never be waived." in words_of(answer)


def test_it_is_started_blocked_and_put_back(handler):
    task = make_task(make_incident(), assignee=handler.user)

    handler.post(about(task, "start"))
    assert fresh(task).state == TaskState.IN_PROGRESS
    refused = handler.post(about(task, "block"), reason="")
    assert "Say what blocks it." in words_of(refused)
    handler.post(about(task, "block"), reason="The key is lost.")
    assert fresh(task).state == TaskState.BLOCKED
    handler.post(about(task, "back"))

    assert fresh(task).state == TaskState.TODO


def test_it_is_given_to_somebody_with_a_role_only(agent, handler, reporter):
    task = make_task(make_incident())

    agent.post(about(task, "assign"), assignee=handler.user.username)
    refused = agent.post(about(task, "assign"), assignee=reporter.user.username)

    assert refused.status_code == 200
    assert fresh(task).assignee == handler.user


def test_a_task_is_added_by_hand(agent):
    incident = make_incident()

    answer = agent.post(
        on(incident, "task"),
        title="Ask the supplier",
        phase="assess",
        role="IH",
        due_at="2030-01-01T12:00",
        is_mandatory="on",
    )

    task = incident.tasks.get(title="Ask the supplier")
    assert answer.status_code == 302
    assert task.is_mandatory
    assert task.due_at is not None


def test_a_closed_incident_takes_no_task_and_says_why(handler):
    incident = make_incident(State.CLOSED)

    answer = handler.post(on(incident, "task"), title="Too late", phase="assess", role="IH")

    assert answer.status_code == 409
    assert "This incident is closed." in words_of(answer)


def test_the_list_shows_open_tasks_by_due_time_and_mine_apart(agent, handler):
    incident = make_incident()
    make_task(incident, title="Mine to do", assignee=agent.user)
    make_task(incident, title="Not mine", assignee=handler.user)

    assert "Not mine" in words_of(agent.get("incidents/task/"))
    mine = words_of(agent.get("incidents/task/", who="me"))
    assert "Mine to do" in mine
    assert "Not mine" not in mine


def test_an_outsider_sees_no_task(handler):
    task = make_task(make_incident())
    outsider = type(handler)(make_user("jurist", "legal"))

    assert outsider.get(about(task)).status_code == 404
    assert task.title not in words_of(outsider.get("incidents/task/"))


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("", {"result": "\x00" * 30}),
        ("", {"result": "\u202e" * 30}),
        ("", {"result": "x" * 100_000}),
        ("assign", {"assignee": "\x00"}),
        ("assign", {}),
    ],
)
def test_bad_input_is_told_and_changes_nothing(handler, page, words):
    task = make_task(make_incident(), assignee=handler.user)

    answer = handler.post(about(task, page or "change"), **words)

    assert answer.status_code == 200
    assert 'class="errorlist"' in answer.content.decode()
    assert fresh(task).state == TaskState.TODO


@pytest.mark.parametrize(
    "words",
    [
        {"title": ""},
        {"title": "x" * 500},
        {"title": "\x00"},
        {"phase": "party"},
        {"role": "KING"},
        {"due_at": "soon"},
        {"due_at": "99999-01-01T00:00"},
    ],
)
def test_a_senseless_new_task_is_refused_at_its_field(agent, words):
    incident = make_incident()
    whole = {"title": "Look", "phase": "assess", "role": "IH", **words}

    answer = agent.post(on(incident, "task"), **whole)

    assert answer.status_code == 200
    assert not incident.tasks.exists()
