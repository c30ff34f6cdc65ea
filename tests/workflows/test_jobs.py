"""What the workers run: by name, with ids only, and safe to repeat."""

import pytest
import time_machine
from django.utils import timezone
from django_q.tasks import async_task

from tests.factories import fresh, make_report
from workflows import alerts, escalation, jobs
from workflows.models import Alert, Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(reporter, team, reference) -> Alert:
    incident = make_report(reporter)
    return incident.alerts.filter(recipient__username="handler").get()


def test_the_queue_finds_the_job_by_its_name(alert, mailoutbox):
    async_task("workflows.jobs.deliver", [alert.pk])

    assert fresh(alert).state == Alert.State.SENT


def test_a_tick_beats_sweeps_and_escalates(alert, mailoutbox):
    with time_machine.travel(fresh(alert.incident.escalation).next_at, tick=False):
        jobs.tick("node-1", "token-1")

    assert Heartbeat.objects.get(name="node-1").token == "token-1"
    assert fresh(alert).state == Alert.State.SENT
    assert alert.incident.alerts.filter(level=2).exists()


def test_a_tick_can_come_twice(alert, mailoutbox):
    jobs.tick("node-1", "token-1")
    jobs.tick("node-1", "token-1")

    assert fresh(alert).attempts.count() == 1


def test_what_fails_in_a_tick_does_not_stop_the_rest(alert, monkeypatch, caplog):
    def fail(now):
        raise RuntimeError("the sweep is broken")

    monkeypatch.setattr("workflows.delivery.sweep", fail)

    with time_machine.travel(fresh(alert.incident.escalation).next_at, tick=False):
        jobs.tick("node-1", "token-1")

    assert "tick_failed" in caplog.text
    assert Heartbeat.objects.filter(name="node-1").exists()
    assert alert.incident.alerts.filter(level=2).exists()


def test_everything_is_quiet_when_there_is_nothing_to_do():
    now = timezone.now()

    alerts.sweep(now)
    escalation.advance(now)

    assert Alert.objects.count() == 0
