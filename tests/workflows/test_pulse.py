"""When a worker counts as stalled, and when it is merely busy."""

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Task

from workflows import broker
from workflows.broker import Broker
from workflows.pulse import Pulse

pytestmark = pytest.mark.django_db

NODE = "node-1"


def make_row(key: str = "tocsin") -> OrmQ:
    return OrmQ.objects.create(key=key, payload="", lock=timezone.now())


def make_failure(number: int) -> None:
    now = timezone.now()
    Task.objects.create(id=f"{number:032}", name="x", func="x", started=now, stopped=now)


@pytest.fixture
def pulse(settings) -> Pulse:
    """The pulse of a node whose tick is out, and which is felt for the second time."""
    settings.NODE_NAME = NODE
    felt = Pulse(NODE)
    make_row()
    make_row(broker.lane(NODE))
    assert felt.feel()
    return felt


def wait(pulse: Pulse, seconds: float) -> None:
    """Let `seconds` pass, as the pulse sees it."""
    pulse.sent_at -= seconds
    pulse.moved_at -= seconds


def test_a_tick_is_sent_when_none_is_out(monkeypatch):
    sent = []
    monkeypatch.setattr("workflows.pulse.async_task", lambda *job, **how: sent.append((job, how)))

    assert Pulse(NODE).feel()

    ((job, how),) = sent
    assert job[:2] == ("workflows.jobs.tick", NODE)
    assert how == {"cluster": "tocsin@node-1", "ack_failure": True}


def test_no_second_tick_is_sent_while_one_is_out(pulse, monkeypatch):
    monkeypatch.setattr("workflows.pulse.async_task", None)

    assert pulse.feel()


def test_a_tick_that_waits_for_long_is_a_stall(pulse, settings):
    wait(pulse, settings.STALL_SECONDS + 1)

    assert not pulse.feel()


def test_a_tick_that_waits_a_little_is_none(pulse, settings):
    wait(pulse, settings.STALL_SECONDS - 1)

    assert pulse.feel()


def test_a_worker_that_finishes_other_jobs_is_only_busy(pulse, settings):
    wait(pulse, settings.STALL_SECONDS + 1)
    OrmQ.objects.filter(key="tocsin").delete()

    assert pulse.feel()


def test_a_worker_whose_jobs_fail_is_only_busy(pulse, settings):
    wait(pulse, settings.STALL_SECONDS + 1)
    make_failure(1)

    assert pulse.feel()


def test_new_jobs_are_no_sign_of_life(pulse, settings):
    wait(pulse, settings.STALL_SECONDS + 1)
    make_row()

    assert not pulse.feel()


def test_being_busy_is_an_excuse_for_so_long_only(pulse, settings):
    jobs = settings.Q_CLUSTER
    wait(pulse, settings.STALL_SECONDS + jobs["timeout"] * 3 + 1)
    make_failure(1)

    assert not pulse.feel()


def test_a_fresh_worker_starts_with_a_clean_lane(pulse):
    pulse.restart()

    assert list(OrmQ.objects.values_list("key", flat=True)) == ["tocsin"]


def test_the_lane_comes_before_the_shared_queue(pulse):
    queue = Broker("tocsin")

    first, second = queue.dequeue(), queue.dequeue()

    assert first == [(OrmQ.objects.get(key="tocsin@node-1").pk, "")]
    assert second == [(OrmQ.objects.get(key="tocsin").pk, "")]


def test_the_lane_of_another_node_is_left_alone(settings):
    settings.NODE_NAME = "node-2"
    make_row(broker.lane(NODE))

    assert Broker("tocsin").dequeue() is None


def test_a_row_is_leased_once(pulse):
    assert Broker("tocsin").dequeue()
    assert Broker("tocsin").dequeue() == [(OrmQ.objects.get(key="tocsin").pk, "")]
    assert Broker("tocsin").dequeue() is None
