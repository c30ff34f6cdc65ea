"""When nobody acknowledges, the next people are rung: in time, once, until somebody does."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from incidents import lifecycle
from incidents.models.timeline import Kind
from incidents.states import Priority
from tests.factories import fresh, make_report
from workflows import alerts, escalation
from workflows.models import Escalation

pytestmark = pytest.mark.django_db

FRIDAY_NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # 13:00 in Amsterdam


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(FRIDAY_NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def incident(reporter):
    """Reported before there was a team: nobody has been rung for it."""
    return make_report(reporter)


@pytest.fixture
def crew(incident, team, reference):
    return team


def ring(incident, priority, cause="test"):
    return alerts.request(
        incident,
        roles=alerts.roles_for(priority),
        why="a test",
        cause=cause,
        priority=priority,
    )


def rung(incident, level) -> set[str]:
    return {row.recipient.username for row in incident.alerts.filter(level=level)}


def at(**units) -> datetime:
    return FRIDAY_NOON + timedelta(**units)


@pytest.mark.parametrize(
    ("priority", "moments"),
    [
        (Priority.P1, [at(minutes=15), at(minutes=30), at(minutes=60)]),
        (Priority.P2, [at(minutes=30), at(minutes=60), at(minutes=120)]),
        # Friday 13:00 and four office hours: exactly at five.
        (Priority.P3, [at(hours=4)]),
        # Two working days after Friday is Tuesday.
        (Priority.P4, [at(days=4)]),
    ],
)
def test_the_policy_is_frozen_with_its_moments(incident, crew, priority, moments):
    ring(incident, priority)

    row = fresh(incident.escalation)
    assert [datetime.fromisoformat(level["at"]) for level in row.policy] == moments
    assert row.next_at == moments[0]


def test_each_level_rings_its_people_when_it_is_due(incident, crew):
    ring(incident, Priority.P1)

    escalation.advance(at(minutes=14, seconds=59))
    assert rung(incident, 2) == set()
    escalation.advance(at(minutes=15))
    assert rung(incident, 2) == {"handler", "agent"}
    assert rung(incident, 3) == set()
    escalation.advance(at(minutes=30))
    assert rung(incident, 3) == {"manager", "ciso"}
    escalation.advance(at(minutes=60))
    assert rung(incident, 4) == {"manager"}


def test_advancing_twice_rings_once(incident, crew):
    ring(incident, Priority.P1)

    escalation.advance(at(minutes=15))
    escalation.advance(at(minutes=15))

    assert incident.alerts.filter(level=2).count() == 2


def test_after_an_outage_every_level_that_is_due_is_rung(incident, crew):
    ring(incident, Priority.P1)

    escalation.advance(at(hours=3))

    assert all(rung(incident, level) for level in (2, 3, 4))
    assert fresh(incident.escalation).next_at is None


def test_an_acknowledgement_ends_it(incident, crew):
    rows = ring(incident, Priority.P1)
    alerts.acknowledge(rows[0], by=rows[0].recipient)

    escalation.advance(at(hours=3))

    assert rung(incident, 2) == set()
    assert "acknowledged by" in fresh(incident.escalation).stopped_why


def test_taking_it_into_triage_ends_it(incident, crew):
    ring(incident, Priority.P1)
    lifecycle.transition(incident, "acknowledge", by=crew["manager"])

    escalation.advance(at(hours=3))

    assert rung(incident, 2) == set()


def test_a_higher_priority_replaces_a_slower_policy(incident, crew):
    ring(incident, Priority.P3)

    ring(incident, Priority.P1, cause="worse")

    row = fresh(incident.escalation)
    assert (row.priority, row.next_at) == (Priority.P1, at(minutes=15))


def test_a_lower_priority_slows_nothing_down(incident, crew):
    ring(incident, Priority.P1)

    alerts.request(incident, roles=["DPO"], why="a test", cause="less", priority=Priority.P3)

    row = fresh(incident.escalation)
    assert (row.priority, row.next_at) == (Priority.P1, at(minutes=15))


def test_new_pages_after_an_acknowledgement_start_it_afresh(incident, crew, noon):
    rows = ring(incident, Priority.P1)
    alerts.acknowledge(rows[0], by=rows[0].recipient)
    noon.move_to(at(hours=1))

    alerts.request(incident, roles=["DPO"], why="a test", cause="breach", priority=Priority.P1)
    escalation.advance(at(hours=1, minutes=15))

    assert rung(incident, 2) == {"handler", "agent"}


def test_a_policy_that_changes_later_does_not_move_what_runs(incident, crew, monkeypatch):
    ring(incident, Priority.P1)
    monkeypatch.setitem(escalation.POLICY, Priority.P1, ())

    escalation.advance(at(minutes=15))

    assert rung(incident, 2) == {"handler", "agent"}


def test_the_end_of_the_ladder_is_loud(incident, crew, caplog):
    ring(incident, Priority.P3)

    escalation.advance(at(days=5))

    assert "escalation_at_its_end" in caplog.text
    entry = incident.timeline.filter(kind=Kind.PROBLEM).last()
    assert "last level" in entry.text


def test_p4_waits_in_the_console_and_escalates_by_mail(incident, crew):
    ring(incident, Priority.P4)

    escalation.advance(at(days=5))

    by_level = dict(incident.alerts.exclude(kind="receipt").values_list("level", "channel"))
    assert by_level == {1: "console", 2: "mail"}


def test_one_broken_incident_does_not_keep_the_others_from_being_rung(crew, incident, caplog):
    other = make_report(crew["agent"])
    ring(incident, Priority.P1)
    ring(other, Priority.P1, cause="other")
    Escalation.objects.filter(incident=incident).update(policy=[], next_at=at(minutes=-1))

    escalation.advance(at(minutes=15))

    assert "escalation_failed" in caplog.text
    assert rung(other, 2) == {"handler", "agent"}


def test_the_number_of_escalations_costs_nothing_while_none_is_due(
    incident, crew, django_assert_num_queries
):
    ring(incident, Priority.P1)

    with django_assert_num_queries(1):
        escalation.advance(at(minutes=1))
