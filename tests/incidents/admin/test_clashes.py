"""Two sessions on one form: nothing is lost, and nothing is overwritten unseen."""

import pytest

from incidents import grading, tasks
from incidents.models.timeline import Kind
from incidents.states import State, TaskState
from tests.console import about, on, words_of
from tests.factories import fresh, make_incident, make_task


def sent_back(response) -> dict:
    """The form of a page as a browser would send it back."""
    form = response.context["form"]
    return {
        name: "" if (value := form[name].value()) is None else value
        for name in form.fields
        if not isinstance(form[name].value(), bool)
    }


@pytest.fixture
def incident(db):
    return make_incident(State.TRIAGE)


def test_facts_that_only_one_side_touched_are_merged(agent, handler, incident):
    mine = {**sent_back(agent.get(on(incident, "facts"))), "supplier": "Mine"}
    theirs = sent_back(handler.get(on(incident, "facts")))
    handler.post(on(incident, "facts"), **{**theirs, "concerned": "Theirs"})

    answer = agent.post(on(incident, "facts"), **mine)

    assert answer.status_code == 302
    assert (fresh(incident).supplier, fresh(incident).concerned) == ("Mine", "Theirs")


def test_a_note_in_between_is_no_clash(agent, handler, incident):
    mine = {**sent_back(agent.get(on(incident, "facts"))), "supplier": "Mine"}
    handler.post(on(incident, "write"), audience="internal", text="By the way.")

    assert agent.post(on(incident, "facts"), **mine).status_code == 302
    assert fresh(incident).supplier == "Mine"


def clashing(agent, handler, incident):
    mine = {
        **sent_back(agent.get(on(incident, "facts"))),
        "supplier": "Mine",
        "already_done": "Mine alone",
    }
    theirs = sent_back(handler.get(on(incident, "facts")))
    handler.post(
        on(incident, "facts"), **{**theirs, "supplier": "Theirs", "concerned": "Theirs alone"}
    )
    return agent.post(on(incident, "facts"), **mine)


def test_a_fact_that_both_wrote_comes_back_with_both_texts_who_and_when(agent, handler, incident):
    clash = clashing(agent, handler, incident)

    page = words_of(clash)
    assert clash.status_code == 409
    assert "Supplier involved Theirs Mine" in page
    assert "Saved by handler," in page
    assert clash.context["form"]["supplier"].value() == "Mine"
    assert clash.context["form"]["concerned"].value() == "Theirs alone"
    assert [each.name for each in clash.context["clashes"]] == ["supplier"]
    assert fresh(incident).supplier == "Theirs"


def test_mine_can_be_saved_on_top_and_nothing_else_of_theirs_is_touched(agent, handler, incident):
    clash = clashing(agent, handler, incident)

    agent.post(on(incident, "facts"), **sent_back(clash))

    saved = fresh(incident)
    assert (saved.supplier, saved.already_done, saved.concerned) == (
        "Mine",
        "Mine alone",
        "Theirs alone",
    )
    assert ["Theirs", "Mine"] in incident.timeline.last().data.values()


def test_theirs_can_be_taken_and_the_rest_of_mine_is_saved(agent, handler, incident):
    clash = clashing(agent, handler, incident)

    agent.post(on(incident, "facts"), **sent_back(clash), theirs="supplier ")

    saved = fresh(incident)
    assert (saved.supplier, saved.already_done) == ("Theirs", "Mine alone")


def test_a_third_who_saves_before_the_decision_is_seen_too(agent, handler, manager, incident):
    clash = sent_back(clashing(agent, handler, incident))
    third = sent_back(manager.get(on(incident, "facts")))
    manager.post(on(incident, "facts"), **{**third, "supplier": "Third"})

    again = agent.post(on(incident, "facts"), **clash)

    assert again.status_code == 409
    assert "Supplier involved Third Mine" in words_of(again)


def test_two_who_grade_at_once_see_both_judgements(handler, manager, incident):
    mine = {**sent_back(handler.get(on(incident, "grade"))), "severity": "2", "why": "Mine"}
    grading.regrade(fresh(incident), by=manager.user, severity=1, why="Theirs")

    clash = handler.post(on(incident, "grade"), **mine)

    assert clash.status_code == 409
    assert "Severity SEV1 critical SEV2 high" in words_of(clash)
    assert "Saved by manager," in words_of(clash)
    assert clash.context["form"]["why"].value() == "Mine"
    assert fresh(incident).severity == 1
    assert handler.post(on(incident, "grade"), **sent_back(clash)).status_code == 302
    assert fresh(incident).severity == 2


def test_a_grade_that_only_one_side_touched_is_merged(handler, manager, incident):
    mine = {**sent_back(handler.get(on(incident, "grade"))), "severity": "2", "why": "Mine"}
    grading.regrade(fresh(incident), by=manager.user, urgency=1, why="Theirs")

    assert handler.post(on(incident, "grade"), **mine).status_code == 302
    assert (fresh(incident).severity, fresh(incident).urgency) == (2, 1)


def test_two_who_finish_a_task_both_keep_their_result(handler, manager, incident):
    task = make_task(incident, by=manager.user)
    mine = {**sent_back(handler.get(about(task))), "result": "My long result"}
    tasks.finish(task, by=manager.user, result="Their result")

    clash = handler.post(about(task), **mine)

    page = words_of(clash)
    assert clash.status_code == 409
    assert "Result Their result My long result" in page
    assert "Add mine as a note" in page
    assert fresh(task).result == "Their result"
    handler.post(on(incident, "write"), audience="internal", text="X01: My long result")
    assert incident.timeline.filter(kind=Kind.NOTE, text__contains="My long result").exists()


def test_a_result_typed_for_a_settled_task_is_kept_on_the_page_without_a_version(
    handler, manager, incident
):
    task = make_task(incident, by=manager.user)
    tasks.waive(task, by=manager.user, reason="Not needed.")

    answer = handler.post(about(task), result="My long result")

    assert answer.status_code == 409
    assert "My long result" in words_of(answer)


@pytest.mark.parametrize(("page", "field"), [("waive", "reason"), ("block", "reason")])
def test_reasons_typed_at_once_come_back_with_both(manager, handler, incident, page, field):
    task = make_task(incident, by=manager.user)
    mine = {**sent_back(manager.get(about(task, page))), field: "My reason"}
    tasks.set_state(task, TaskState.BLOCKED, by=handler.user, reason="Their reason")

    clash = manager.post(about(task, page), **mine)

    assert clash.status_code == 409
    assert "Their reason My reason" in words_of(clash)
    assert manager.post(about(task, page), **sent_back(clash)).status_code == 302
    assert fresh(task).reason == "My reason"


def test_two_who_assign_a_task_see_both_people(manager, handler, agent, incident):
    task = make_task(incident, by=manager.user)
    mine = {**sent_back(manager.get(about(task, "assign"))), "assignee": "agent"}
    tasks.assign(task, handler.user, by=manager.user)

    clash = manager.post(about(task, "assign"), **mine)

    assert clash.status_code == 409
    assert "Who does it handler agent" in words_of(clash)
    assert manager.post(about(task, "assign"), **sent_back(clash)).status_code == 302
    assert fresh(task).assignee == agent.user


def test_taking_theirs_shows_what_a_third_wrote_meanwhile_elsewhere(
    agent, handler, manager, incident
):
    clash = sent_back(clashing(agent, handler, incident))
    third = sent_back(manager.get(on(incident, "facts")))
    manager.post(on(incident, "facts"), **{**third, "already_done": "Third"})

    again = agent.post(on(incident, "facts"), **clash, theirs="supplier ")

    assert again.status_code == 409
    assert "Third Mine alone" in words_of(again)
    assert again.context["form"]["supplier"].value() == "Theirs"
    assert fresh(incident).already_done == "Third"
