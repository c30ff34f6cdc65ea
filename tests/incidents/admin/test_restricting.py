"""Restricting at the console: whose tasks come free is said, and nobody else sees the page."""

from incidents.states import State
from tests.console import Console, on, words_of
from tests.factories import fresh, make_incident, make_task, make_user

WHY = "About a colleague of the team."


def test_whose_tasks_come_free_is_told_to_who_restricts_and_on_the_timeline(manager, agent):
    incident = make_incident(State.TRIAGE)
    task = make_task(incident, assignee=agent.user)

    manager.post(on(incident, "restrict"), people=["manager"], reason=WHY)

    page = words_of(manager.get(on(incident)))
    assert f"waits for somebody else: {task.code}." in page
    assert f"took back the tasks {task.code} from agent" in page
    assert fresh(task).assignee is None
    assert agent.get(on(incident)).status_code == 404


def test_where_everybody_at_work_is_named_nothing_is_said_of_tasks(manager, agent):
    incident = make_incident(State.TRIAGE)
    task = make_task(incident, assignee=agent.user)

    manager.post(on(incident, "restrict"), people=["manager", "agent"], reason=WHY)

    assert "waits for somebody else" not in words_of(manager.get(on(incident)))
    assert fresh(task).assignee == agent.user


def test_who_is_taken_off_the_list_hands_back_their_tasks(manager, agent):
    incident = make_incident(State.TRIAGE, handler=manager.user)
    manager.post(on(incident, "restrict"), people=["agent"], reason=WHY)
    task = make_task(incident, by=manager.user, assignee=agent.user)

    manager.post(on(incident, "named/unname"), person="agent", reason="It concerns them.")

    assert f"waits for somebody else: {task.code}." in words_of(manager.get(on(incident)))
    assert fresh(task).assignee is None


def test_nobody_without_the_right_restricts(agent, auditor, reporter):
    incident = make_incident(State.TRIAGE)
    outsider = Console(make_user("outsider"))

    answers = [each.post(on(incident, "restrict"), people=[], reason=WHY)
               for each in (agent, auditor, reporter, outsider)]  # fmt: skip

    assert {answer.status_code for answer in answers} == {403}
    assert fresh(incident).confidentiality == "team"
