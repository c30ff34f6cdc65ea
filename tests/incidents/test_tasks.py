"""Work is done only with its result, waived only with a reason and the right, and never lost."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from incidents import access, facts, lifecycle, need_to_know, records, rights, tasks
from incidents.models import Incident, Task
from incidents.roles import Role
from incidents.states import State, TaskState
from tests.attempts import is_allowed
from tests.factories import fresh, make_incident, make_task, make_user


@pytest.fixture
def incident(db):
    return make_incident(State.TRIAGE)


def allowed(people: dict, act) -> set[str]:
    """The names of those who may do it; `act` takes the person."""
    return {name for name, by in people.items() if is_allowed(partial(act, by))}


def change(task: Task, **fields) -> Task:
    """The task with further fields, as a playbook would have made it."""
    Task.objects.filter(pk=task.pk).update(**fields)
    return fresh(task)


def codes(refused: pytest.ExceptionInfo) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def test_a_task_is_done_with_its_result_which_the_timeline_keeps(incident, handler):
    task = make_task(incident, role="IH", title="Block the sender")

    done = tasks.finish(task, by=handler, result=" Rule 7 blocks it. ")

    assert (done.state, done.result, done.settled_by) == ("done", "Rule 7 blocks it.", handler)
    assert timezone.now() - fresh(task).settled_at < timedelta(seconds=20)
    entry = incident.timeline.filter(kind="task").last()
    assert (entry.actor, entry.text) == (handler, "Rule 7 blocks it.")
    assert entry.data == {"act": "done", "task": task.code, "title": "Block the sender"}


NO_WORDS = [
    "",
    "   ",
    "\n\t",
    "\u200b\u2060",
    "NUL \x00",
    "\ud800",
    "\u202eok",
    "x" * 20_001,
    None,
    5,
]


@pytest.mark.parametrize("result", NO_WORDS)
def test_a_task_is_not_done_without_its_result(result, incident, handler):
    task = make_task(incident, result_needed="Rule number")

    with pytest.raises(ValidationError) as refused, transaction.atomic():
        tasks.finish(task, by=handler, result=result)

    assert set(refused.value.message_dict) == {"result"}
    assert fresh(task).state == TaskState.TODO


def test_the_refusal_says_which_result_is_needed(incident, handler):
    task = make_task(incident, result_needed="Rule number")

    with pytest.raises(ValidationError, match="Rule number"):
        tasks.finish(task, by=handler, result="")


@pytest.mark.parametrize("words", NO_WORDS)
def test_a_task_is_not_waived_without_a_reason(words, incident, manager):
    task = make_task(incident, is_mandatory=True)

    with pytest.raises(ValidationError) as refused, transaction.atomic():
        tasks.waive(task, by=manager, reason=words)

    assert set(refused.value.message_dict) == {"reason"}
    assert fresh(task).state == TaskState.TODO


def test_a_waived_task_keeps_who_and_why(incident, manager):
    task = make_task(incident, is_mandatory=True)

    waived = tasks.waive(task, by=manager, reason="The mailbox is gone.")

    assert (waived.state, waived.reason, waived.settled_by) == (
        "waived",
        "The mailbox is gone.",
        manager,
    )
    assert incident.timeline.filter(kind="task").last().text == "The mailbox is gone."


@pytest.mark.parametrize(
    ("role", "who"),
    [("IH", {"manager", "ciso"}), ("DPO", {"manager", "ciso", "dpo"})],
)
def test_waiving_is_for_the_manager_the_security_officer_and_privacy_for_the_dpo(
    role, who, incident, people
):
    task = make_task(incident, role=role, is_mandatory=True)

    assert allowed(people, lambda by: tasks.waive(task, by=by, reason="Not needed.")) == who


def test_a_no_waive_task_is_waived_only_when_its_condition_does_not_hold(incident, manager):
    always = change(make_task(incident, is_mandatory=True), is_no_waive=True)
    conditional = change(
        make_task(incident, is_mandatory=True), is_no_waive=True, condition="there is a demand"
    )

    with pytest.raises(tasks.TaskRefused) as refused, transaction.atomic():
        tasks.waive(always, by=manager, reason="There is none.")
    assert codes(refused) == ["task_no_waive"]
    assert fresh(always).state == TaskState.TODO

    assert tasks.waive(conditional, by=manager, reason="There is none.").state == TaskState.WAIVED


def test_a_task_waits_for_those_before_it(incident, handler, manager):
    first, second = make_task(incident), make_task(incident)
    last = change(make_task(incident), after=[first.dedupe_key, second.dedupe_key])

    with pytest.raises(tasks.TaskRefused) as refused, transaction.atomic():
        tasks.finish(last, by=handler, result="Done.")
    assert codes(refused) == ["task_waits"]
    assert first.code in str(refused.value)
    assert second.code in str(refused.value)

    tasks.finish(first, by=handler, result="Done.")
    tasks.waive(second, by=manager, reason="Not needed.")
    assert tasks.finish(last, by=handler, result="Done.").state == TaskState.DONE


def test_a_task_may_be_waived_before_those_it_waits_for(incident, manager):
    first = make_task(incident)
    last = change(make_task(incident), after=[first.dedupe_key])

    assert tasks.waive(last, by=manager, reason="Not needed.").state == TaskState.WAIVED


@pytest.mark.parametrize(
    ("role", "deputy", "who"),
    [
        ("IH", "", {"handler", "manager", "ciso"}),
        ("SDA", "", {"agent", "handler", "manager", "ciso"}),
        ("DPO", "", {"dpo", "manager", "ciso"}),
        ("CISO", "", {"manager", "ciso"}),
        ("SYS", "", {"handler", "manager", "ciso"}),
        ("IH", "SDA", {"agent", "handler", "manager", "ciso"}),
        ("MIM", "", {"manager", "ciso"}),
    ],
)
def test_a_task_is_done_by_its_role_its_deputy_whoever_stands_in_and_the_overseers(
    role, deputy, who, incident, people
):
    task = change(make_task(incident, role=role), deputy=deputy, assignee=None)

    assert allowed(people, lambda by: tasks.finish(task, by=by, result="Done.")) == who
    assert allowed(people, lambda by: tasks.set_state(task, "in_progress", by=by)) == who


def test_the_assignee_may_whatever_their_role_unless_they_left(incident, agent):
    task = change(make_task(incident, role="CISO"), assignee=agent)
    agent.is_active = False

    with pytest.raises(rights.Denied), transaction.atomic():
        tasks.finish(task, by=agent, result="Done.")

    agent.is_active = True
    assert tasks.finish(task, by=agent, result="Done.").state == TaskState.DONE


@pytest.mark.parametrize("settled", ["done", "waived", "cancelled"])
def test_a_settled_task_is_settled_for_good(settled, incident, manager):
    task = make_task(incident)
    {
        "done": lambda: tasks.finish(task, by=manager, result="Done."),
        "waived": lambda: tasks.waive(task, by=manager, reason="Not needed."),
        "cancelled": lambda: tasks.cancel(task, reason="Covered by another."),
    }[settled]()

    for act in (
        lambda: tasks.finish(task, by=manager, result="Again."),
        lambda: tasks.waive(task, by=manager, reason="Again."),
        lambda: tasks.set_state(task, "todo", by=manager),
        lambda: tasks.assign(task, manager, by=manager),
        lambda: tasks.cancel(task, reason="Again."),
    ):
        with pytest.raises(tasks.TaskRefused) as refused, transaction.atomic():
            act()
        assert codes(refused) == ["task_settled"]
    assert fresh(task).state == settled


def test_a_closed_incident_refuses_every_change_of_its_tasks(manager):
    incident = make_incident(State.RESOLVED)
    task = make_task(incident, phase="learn")
    closed = lifecycle.transition(incident, "close", by=manager)

    for act in (
        lambda: tasks.add(closed, by=manager, title="More", phase="learn", role="IH"),
        lambda: tasks.finish(task, by=manager, result="Done."),
        lambda: tasks.waive(task, by=manager, reason="Not needed."),
        lambda: tasks.assign(task, manager, by=manager),
        lambda: tasks.set_state(task, "in_progress", by=manager),
    ):
        with pytest.raises(records.Closed), transaction.atomic():
            act()
    assert fresh(task).state == TaskState.TODO


def test_nobody_takes_the_work_of_another_role_by_giving_it_to_themselves(incident, people):
    task = make_task(incident, role="DPO", assignee=people["dpo"])

    with pytest.raises(ValidationError) as refused, transaction.atomic():
        tasks.assign(task, people["agent"], by=people["agent"])

    assert set(refused.value.message_dict) == {"assignee"}
    with pytest.raises(rights.Denied), transaction.atomic():
        tasks.finish(task, by=people["agent"], result="Done.")


def test_a_task_that_is_blocked_says_by_what(incident, handler):
    task = make_task(incident)

    with pytest.raises(ValidationError) as refused, transaction.atomic():
        tasks.set_state(task, "blocked", by=handler, reason="\u200b")
    assert set(refused.value.message_dict) == {"reason"}

    blocked = tasks.set_state(task, "blocked", by=handler, reason="Waiting for the key.")
    assert (blocked.state, fresh(task).reason) == ("blocked", "Waiting for the key.")
    assert tasks.set_state(task, "todo", by=handler).reason == ""


@pytest.mark.parametrize("state", ["done", "waived", "cancelled", "gone", ""])
def test_a_task_is_not_settled_by_setting_its_state(state, incident, manager):
    task = make_task(incident)

    with pytest.raises(ValidationError) as refused, transaction.atomic():
        tasks.set_state(task, state, by=manager, reason="Because.")

    assert set(refused.value.message_dict) == {"state"}
    assert fresh(task).state == TaskState.TODO


def test_the_team_adds_tasks_and_gives_them_and_nobody_else(incident, people):
    task = make_task(incident)
    team = {"agent", "handler", "manager", "ciso", "dpo"}

    words = {"title": "Look again", "phase": "assess", "role": "IH"}
    assert allowed(people, lambda by: tasks.add(incident, by=by, **words)) == team
    assert allowed(people, lambda by: tasks.assign(task, people["handler"], by=by)) == team


def test_a_task_is_given_to_somebody_who_can_work_on_it(incident, people):
    task = make_task(incident)

    for name in ("reporter", "outsider", "auditor", "admin"):
        with pytest.raises(ValidationError) as refused, transaction.atomic():
            tasks.assign(task, people[name], by=people["handler"])
        assert set(refused.value.message_dict) == {"assignee"}

    with pytest.raises(ValidationError, match="Incident handler"), transaction.atomic():
        tasks.assign(task, people["dpo"], by=people["handler"])
    given = tasks.assign(task, people["dpo"], by=people["manager"])
    assert given.assignee == people["dpo"]
    assert incident.timeline.filter(kind="task").last().data == {
        "act": "assigned",
        "task": task.code,
        "to": "dpo",
    }


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "\u200b"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "x" * 1_000_000}, "title"),
        ({"title": "NUL \x00"}, "title"),
        ({"title": ["a"]}, "title"),
        ({"instruction": "\u202e"}, "instruction"),
        ({"instruction": "x" * 20_001}, "instruction"),
        ({"result_needed": "\ud800"}, "result_needed"),
        ({"phase": "later"}, "phase"),
        ({"phase": ""}, "phase"),
        ({"role": "KING"}, "role"),
        ({"role": "REP"}, "role"),
        ({"role": "AUD"}, "role"),
        ({"role": "ADM"}, "role"),
        ({"role": ""}, "role"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_added(given, field, incident, handler):
    words = {"title": "Look again", "phase": "assess", "role": "IH", **given}

    with pytest.raises(ValidationError) as refused, transaction.atomic():
        tasks.add(incident, by=handler, **words)

    assert set(refused.value.message_dict) == {field}
    assert not incident.tasks.exists()


def test_tasks_added_by_hand_are_numbered(incident, handler):
    words = {"phase": "contain", "role": "IH"}

    added = [tasks.add(incident, by=handler, title=f"Task {n}", **words) for n in range(3)]

    assert [task.code for task in added] == ["X01", "X02", "X03"]
    assert incident.timeline.filter(kind="task").last().data["title"] == "Task 2"


def test_an_added_task_goes_to_the_owner_if_they_fit_else_to_the_least_loaded(incident):
    busy, free = make_user("busy", "legal"), make_user("free", "legal")
    make_task(incident, role="LEG", assignee=busy)

    assert make_task(incident, role="LEG").assignee == free
    assert make_task(incident, role="MIM").assignee == incident.owner


def test_a_task_that_nobody_holds_the_role_of_still_says_who_must_act(db):
    incident = make_incident()
    task = Task(incident=incident, title="x", phase="assess", role=Role.HR)

    assert (task.who, str(task)) == ("Human resources", "x")


def test_a_task_is_overdue_only_while_it_is_open(incident, handler):
    past = timezone.now() - timedelta(minutes=1)
    late, later = make_task(incident, due_at=past), make_task(incident)

    assert (late.is_overdue, later.is_overdue) == (True, False)

    assert not tasks.finish(late, by=handler, result="Done.").is_overdue


@pytest.mark.parametrize(
    "fields",
    [{"state": "done"}, {"state": "done", "result": ""}, {"state": "waived", "reason": ""}],
)
def test_the_database_too_wants_result_and_reason(fields, incident):
    task = make_task(incident)

    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(**fields)

    assert fresh(task).state == TaskState.TODO


def test_work_on_a_restricted_incident_goes_to_named_people_only(incident, people):
    task = make_task(incident, assignee=people["handler"])
    Incident.objects.filter(pk=incident.pk).update(confidentiality="restricted")
    access.restrict_to(incident, [people["agent"], people["handler"]])

    refused = [
        lambda: tasks.assign(task, people["manager"], by=people["agent"]),
        lambda: make_task(incident, by=people["agent"], assignee=people["manager"]),
        lambda: facts.edit(fresh(incident), {"owner": "manager"}, by=people["agent"]),
    ]
    for act in refused:
        with pytest.raises(ValidationError, match="Name them first"), transaction.atomic():
            act()

    assert not access.may_see(people["manager"], incident)
    need_to_know.name_person(incident, people["manager"], by=people["handler"], reason="Helps.")
    assert (
        tasks.assign(task, people["manager"], by=people["handler"]).assignee.username == "manager"
    )
