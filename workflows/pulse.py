"""Feels the pulse of this node's worker by sending it ticks and looking whether they are done.

Measured: kill -9 of one idle django-q2 worker stalls the whole cluster without a log line, for the
dead process held the lock of the task queue; a killed monitor leaves finished tasks unacknowledged,
to be run again and again. In both cases a tick stays in the queue, and that is what is looked for.
"""

import time
import uuid
from datetime import timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django_q.models import OrmQ, Task
from django_q.tasks import async_task

from workflows import broker
from workflows.models import Heartbeat

FORGET_AFTER = timedelta(days=7)  # a node that was taken out of service


class Pulse:
    """The tick that is out, and since when nothing has moved."""

    def __init__(self, node: str):
        self.node = node
        self.rows = OrmQ.objects.filter(key=broker.lane(node))
        self.sent_at = self.moved_at = time.monotonic()
        self.work_done: tuple[object, ...] = ()

    def restart(self) -> None:
        """A new worker has started: forget the ticks that the old one took with it."""
        self.rows.delete()
        Heartbeat.objects.filter(beat_at__lt=timezone.now() - FORGET_AFTER).delete()
        self.excuse()

    def excuse(self) -> None:
        """Start counting anew: for the time until now the worker is not to blame."""
        self.sent_at = self.moved_at = time.monotonic()

    def feel(self) -> bool:
        """Send a tick if none is out. False when the one that is out tells of a stall."""
        tick = self.rows.order_by("pk").first()
        if tick is None:
            self.send()
            return True
        work_done = self.count_work(tick)
        if work_done != self.work_done:
            self.work_done, self.moved_at = work_done, time.monotonic()
        return not self.is_stalled(time.monotonic())

    def send(self) -> None:
        """Put the next tick into this node's lane."""
        self.excuse()
        async_task(
            "workflows.jobs.tick",
            self.node,
            uuid.uuid4().hex,
            cluster=broker.lane(self.node),
            ack_failure=True,  # a tick that fails is logged and not retried: the next one follows
        )

    def count_work(self, tick: OrmQ) -> tuple[object, ...]:
        """Changes whenever a job ends: good ones leave the queue, failed ones are kept apart."""
        failures = Task.objects.aggregate(last=Max("stopped"))["last"]
        return tick.pk, OrmQ.objects.filter(pk__lte=tick.pk).count(), failures

    def is_stalled(self, now: float) -> bool:
        """True when no job ends, or the tick waits longer than a full queue can hold it."""
        jobs = settings.Q_CLUSTER
        longest_wait = jobs["timeout"] * (jobs["queue_limit"] / jobs["workers"] + 1)
        return (
            now - self.moved_at > settings.STALL_SECONDS
            or now - self.sent_at > settings.STALL_SECONDS + longest_wait
        )
