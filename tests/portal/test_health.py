"""/healthz, /readyz and /metrics: what each says, to whom, and when it says no."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from portal import health
from workflows import heartbeat
from workflows.models import Heartbeat

pytestmark = pytest.mark.django_db

WELL = {"ready": True, "database": "ok", "migrations": "ok", "worker": "ok", "alerts": "ok"}


@pytest.fixture
def beating():
    heartbeat.beat("node-1", "token")


def test_alive_asks_nothing_of_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert answer.status_code == 200


def test_ready_when_all_is_well(client, beating):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, WELL)


def test_not_ready_before_any_worker_has_run(client):
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {**WELL, "ready": False, "worker": "no worker has run yet"}


def test_not_ready_when_the_worker_fell_silent(client, beating, settings):
    age = timedelta(seconds=settings.STALL_SECONDS + 5)
    Heartbeat.objects.update(beat_at=timezone.now() - age)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["worker"].startswith("the last sign of life of a worker is")


def test_one_living_worker_is_enough(client, beating):
    heartbeat.beat("node-2", "token")
    Heartbeat.objects.filter(name="node-2").update(beat_at=timezone.now() - timedelta(days=1))

    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(("minutes", "status"), [(1, 200), (3, 503)])
def test_ready_only_while_no_alert_waits_for_long(client, beating, monkeypatch, minutes, status):
    waiting_since = timezone.now() - timedelta(minutes=minutes)
    monkeypatch.setattr(health, "oldest_waiting", lambda: waiting_since)

    assert client.get("/readyz").status_code == status


def test_a_dead_database_is_named_without_its_address(client, monkeypatch):
    def refuse() -> str:
        raise OperationalError("connection to server at db.internal as tocsin failed")

    monkeypatch.setitem(health.CHECKS, "database", refuse)
    monkeypatch.setattr(health.connection, "close", lambda: None)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "database": "the database does not answer (OperationalError)",
    }


def test_a_missing_migration_is_named(client, beating, monkeypatch):
    monkeypatch.setattr(health, "is_migrated", lambda: False)

    assert "manage.py migrate" in client.get("/readyz").json()["migrations"]


def test_metrics_count_the_house(client, beating):
    text = client.get("/metrics").content.decode()

    assert 'tocsin_incidents{state="new"} 0.0' in text
    assert "tocsin_tasks_overdue 0.0" in text
    assert 'tocsin_alerts{state="failed"} 0.0' in text
    assert 'tocsin_worker_heartbeat_age_seconds{node="node-1"}' in text


@pytest.mark.parametrize(
    "origin",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
    ],
)
def test_metrics_do_not_exist_for_other_machines(client, origin):
    assert client.get("/metrics", **origin).status_code == 404


def test_with_a_token_only_its_holder_sees_metrics(client, settings):
    settings.METRICS_TOKEN = "open-sesame"
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    holder = {**elsewhere, "HTTP_AUTHORIZATION": "Bearer open-sesame"}
    stranger = {**elsewhere, "HTTP_AUTHORIZATION": "Bearer open-sesam"}

    assert client.get("/metrics", **holder).status_code == 200
    assert client.get("/metrics", **stranger).status_code == 404
    assert client.get("/metrics").status_code == 404
