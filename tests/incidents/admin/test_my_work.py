"""One's tasks across incidents: finished in their row, given to somebody, many at once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Task
from incidents.states import Confidentiality, State, TaskState
from tests.console import about, words_of
from tests.factories import fresh, make_incident, make_task, make_user

WORK = "incidents/task/"


def choose(console, action, *tasks, **words):
    """Press a button of the bar with these rows chosen, and follow to the page that comes."""
    given = {"action": action, "index": "0", "_selected_action": [row.pk for row in tasks]}
    return console.client.post(f"/admin/{WORK}?state=all", given | words, follow=True)


def test_what_is_due_first_stands_first_over_all_incidents(handler):
    late = "2026-11-01T08:00:00+01:00"
    make_task(make_incident(), title="Whenever", assignee=handler.user)
    make_task(make_incident(), title="Long ago", assignee=handler.user, due_at=late)

    page = words_of(handler.get(WORK, who="me"))

    assert page.index("Long ago") < page.index("Whenever")
    assert "Hand over my work" in page


def test_a_task_is_finished_in_its_row_and_one_stays_in_the_list(handler):
    task = make_task(make_incident(), assignee=handler.user, result_needed="who was asked")
    handler.get(WORK, who="me")

    page = handler.get(WORK, who="me").content.decode()
    done = handler.post(about(task), result="The janitor was asked.", back="tasks")

    assert f'<form id="finish-{task.pk}" method="post" action="/admin/{about(task)}">' in page
    assert "Result: who was asked" in page
    assert done.url == f"/admin/{WORK}?who=me"
    assert fresh(task).state == TaskState.DONE


def test_what_lacks_comes_back_with_what_was_typed_and_still_leads_to_the_list(handler):
    task = make_task(make_incident(), assignee=handler.user)
    second = make_task(task.incident, assignee=handler.user)
    type(second).objects.filter(pk=second.pk).update(after=[task.dedupe_key])

    page = handler.post(about(second), result="I did it already.", back="tasks")

    assert page.status_code == 409
    assert "I did it already." in page.content.decode()
    assert '<input type="hidden" name="back" value="tasks">' in page.content.decode()


def test_a_row_offers_to_finish_only_to_whom_may(agent, auditor):
    task = make_task(make_incident(), role="IH")

    for console in (agent, auditor):
        assert f'"finish-{task.pk}"' not in console.get(WORK).content.decode()
    assert "Hand over my work" not in words_of(auditor.get(WORK))


def test_many_are_given_to_somebody_each_by_the_rules_for_one(agent, handler):
    fitting = make_task(make_incident(), role="IH")
    settled = make_task(make_incident(), role="IH", assignee=handler.user)
    handler.post(about(settled), result="Done.")
    foreign = make_task(make_incident(), role="DPO")

    asked = choose(agent, "assign", fitting, settled, foreign)
    done = words_of(
        choose(agent, "assign", fitting, settled, foreign, apply="1", assignee="handler")
    )

    assert fitting.incident.reference in words_of(asked)
    assert fresh(fitting).assignee == handler.user
    assert "1 task is given to handler." in done
    assert "2 tasks were refused and stay as they were:" in done
    assert f"{settled.incident.reference} {settled.code}: This task is settled already" in done
    assert "Name somebody who holds the role Data protection officer." in done
    assert fresh(foreign).assignee != handler.user


@pytest.mark.parametrize("name", ["", "a-reporter", "auditor", "nobody"])
def test_they_are_given_only_to_somebody_who_can_be_given_work(name, agent, auditor):
    task = make_task(make_incident(), role="IH")
    before = task.assignee

    choose(agent, "assign", task, apply="1", assignee=name)

    assert fresh(task).assignee == before


def test_who_may_not_assign_has_no_such_button_and_gains_nothing_without(auditor, agent):
    make_user("ann", "handler")
    task = make_task(make_incident(), role="IH")
    before = task.assignee

    page = choose(auditor, "assign", task, apply="1", assignee="ann")

    assert page.status_code in {200, 403}
    assert fresh(task).assignee == before


def test_what_one_may_not_see_is_not_given_to_anybody(agent, handler):
    secret = make_incident(State.TRIAGE, confidentiality=Confidentiality.RESTRICTED)
    task = make_task(secret, role="IH")
    before = task.assignee

    page = choose(agent, "assign", task, apply="1", assignee="handler")

    assert secret.reference not in words_of(page)
    assert fresh(task).assignee == before


def test_the_list_costs_as_many_queries_with_many_rows_as_with_few(
    handler, django_assert_num_queries
):
    incident = make_incident()
    make_task(incident, assignee=handler.user)
    handler.get(WORK, who="me")
    with CaptureQueriesContext(connection) as few:
        handler.get(WORK, who="me")
    for _n in range(20):
        make_task(incident, assignee=handler.user)

    with django_assert_num_queries(len(few)):
        handler.get(WORK, who="me")


def test_what_asks_for_a_decision_leads_to_its_own_page(agent, auditor):
    task = make_task(make_incident(), role="SDA")
    Task.objects.filter(pk=task.pk).update(dedupe_key="confirm-DB")
    link = f'href="/admin/incidents/task/{task.pk}/change/">Decide'

    assert link in agent.get(WORK).content.decode()
    assert link not in auditor.get(WORK).content.decode()
