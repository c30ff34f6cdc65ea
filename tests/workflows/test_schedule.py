"""When tasks are due: set from the incident's moments, moved when those move."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents import grading, lifecycle, milestones, risk, tasks
from incidents.models import Incident, Task
from incidents.states import State
from tests.factories import ASSESSMENT, fresh, make_incident, make_report, make_task
from workflows import playbooks, schedule

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)  # ten o'clock in Amsterdam


@pytest.fixture
def incident(db) -> Incident:
    return make_incident(State.TRIAGE, reported_at=MONDAY, priority=3)


def planned(incident: Incident, rule: str, **fields) -> Task:
    """A task with this due rule, as a playbook would have made it."""
    task = make_task(incident)
    Task.objects.filter(pk=task.pk).update(
        due_rule=rule, due_at=schedule.due_at(incident, rule), **fields
    )
    return fresh(task)


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("", None),
        ("R+30 min", MONDAY + timedelta(minutes=30)),
        ("R+1 wd", MONDAY + timedelta(days=1)),
        ("A+24 h", MONDAY + timedelta(hours=24)),
        ("C+5 wd", None),
        ("X+2 wd", None),
        ("DB17+24 h", None),
        ("before close", None),
        ("P1: R+15 min, P2: R+1 h, else: R+4 h", MONDAY + timedelta(hours=4)),
        ("score >= 16: R+2 wd, else: R+1 wd", MONDAY + timedelta(days=1)),
    ],
)
def test_a_rule_is_read_on_the_incidents_own_moments(rule, due, incident):
    assert schedule.due_at(incident, rule) == due


def test_containment_sets_what_counts_from_it(incident, handler):
    task = planned(incident, "C+1 wd")
    assert task.due_at is None

    milestones.record(incident, "contained_at", MONDAY, by=handler, reason="Share closed.")

    assert fresh(task).due_at == MONDAY + timedelta(days=1)
    entry = incident.timeline.filter(kind="task", data__act="due").get()
    assert (entry.actor, entry.data["tasks"]) == (None, {task.code: "2026-11-03T09:00:00Z"})


def test_a_corrected_milestone_moves_it_again(incident, handler):
    task = planned(incident, "C+1 wd")
    milestones.record(incident, "contained_at", MONDAY, by=handler, reason="Share closed.")

    later = MONDAY + timedelta(days=1)
    milestones.record(incident, "contained_at", later, by=handler, reason="It leaked on.")

    assert fresh(task).due_at == MONDAY + timedelta(days=2)


def test_awareness_moves_what_counted_from_the_report(incident, dpo):
    task = planned(incident, "A+24 h")

    aware = MONDAY - timedelta(hours=6)
    milestones.record(incident, "aware_at", aware, by=dpo, reason="The first mail.")

    assert fresh(task).due_at == aware + timedelta(hours=24)


def test_what_is_not_known_yet_moves_nothing_and_writes_nothing(incident, handler):
    planned(incident, "X+2 wd")
    before = incident.timeline.count()

    assert schedule.recalculate(incident) == []

    assert incident.timeline.count() == before


def test_settled_tasks_and_those_without_a_rule_stay(incident, handler):
    done, free = planned(incident, "C+1 wd"), planned(incident, "")
    tasks.finish(done, by=handler, result="Done.")

    milestones.record(incident, "contained_at", MONDAY, by=handler, reason="Share closed.")

    assert (fresh(done).due_at, fresh(free).due_at) == (None, None)


def test_a_raised_priority_tightens_what_is_due_by_priority(incident, handler):
    task = planned(incident, "P1: R+15 min, P2: R+1 h, else: R+4 h")

    grading.regrade(incident, by=handler, why="It spreads.", priority=1)

    assert fresh(task).due_at == MONDAY + timedelta(minutes=15)


def test_the_risk_score_decides_between_variants(incident, handler):
    task = planned(incident, "score >= 16: R+1 wd, else: R+4 wd")
    assert task.due_at == MONDAY + timedelta(days=4)

    risk.assess(incident, by=handler, **{**ASSESSMENT, "likelihood": 5, "impact_integrity": 4})

    assert fresh(task).due_at == MONDAY + timedelta(days=1)


def test_resolving_sets_what_counts_from_it(team, reference, reporter):
    incident = make_report(reporter)
    answer = incident.tasks.get(code="RK10")
    assert answer.due_at is None

    Incident.objects.filter(pk=incident.pk).update(resolved_at=MONDAY)
    schedule.recalculate(incident)

    assert fresh(answer).due_at == MONDAY + timedelta(days=2)


def test_a_result_starts_what_counts_from_its_task(team, reference, reporter):
    incident = make_report(reporter)
    assert incident.tasks.get(code="RK4").due_at is None  # RK3+2 h

    for code in ("RK1", "RK2", "RK3"):
        tasks.finish(incident.tasks.get(code=code), by=team["handler"], result="Done.")

    settled_at = incident.tasks.get(code="RK3").settled_at
    assert incident.tasks.get(code="RK4").due_at == settled_at + timedelta(hours=2)
    assert incident.tasks.get(code="RK5").due_at == settled_at + timedelta(hours=4)


def test_it_counts_also_when_the_task_came_from_another_playbook(team, reference, reporter):
    incident = make_report(reporter, subject="Suspicious mail")
    handler = team["handler"]
    playbooks.attach(incident, "RISK", by=handler, why="More than one question.")
    assert not incident.tasks.filter(code="RK3").exists()  # CM3 is the same work

    tasks.finish(incident.tasks.get(code="CM3"), by=handler, result="Version 1 saved.")

    settled_at = incident.tasks.get(code="CM3").settled_at
    assert incident.tasks.get(code="RK4").due_at == settled_at + timedelta(hours=2)


def test_every_step_counts_anew(incident, handler):
    risk.assess(incident, by=handler, **ASSESSMENT)
    task = planned(incident, "C+1 wd")
    Incident.objects.filter(pk=incident.pk).update(contained_at=MONDAY)

    lifecycle.transition(
        incident, "declare", by=handler, inputs={"category": "fraud/phishing", "severity": 3}
    )

    assert fresh(task).due_at == MONDAY + timedelta(days=1)
