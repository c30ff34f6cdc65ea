"""The job queue in our own database, with a lane for each node.

All workers share the queue. A node's tick goes into its own lane: only that node's worker may
answer it, or a stalled worker would be covered by its neighbours; and it goes before the shared
rows, or a backlog of a thousand alerts would look like a stall, and hold up the sweeps.
"""

import time
from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ

LANE_SECONDS = 0.5  # how often the lane is looked at; the shared queue has each poll


def lane(node: str) -> str:
    """The queue key of what only `node` may run."""
    return f"{settings.Q_CLUSTER['name']}@{node}"


class Broker(ORM):
    """django-q2's own ORM broker, looking into this node's lane first."""

    lane_looked_at = 0.0

    def dequeue(self) -> list[tuple[int, str]] | None:
        """Lease the next rows: at most once each, the lane before the shared queue."""
        now = time.monotonic()
        if now - self.lane_looked_at >= LANE_SECONDS:
            self.lane_looked_at = now
            if leased := self.lease(self.get_connection().filter(key=lane(settings.NODE_NAME))):
                return leased
        shared: list[tuple[int, str]] | None = super().dequeue()
        return shared

    def lease(self, rows: QuerySet[OrmQ]) -> list[tuple[int, str]]:
        """Those of the free `rows` that this worker got."""
        free = rows.filter(lock__lt=timezone.now())
        return [
            (row.pk, row.payload)
            for row in free
            if rows.filter(pk=row.pk, lock=row.lock).update(lock=self.timeout(row))
        ]


class Later(Broker):
    """Puts what it is given into the shared queue for later: until then it counts as taken."""

    def __init__(self, wait: timedelta):
        super().__init__()
        self.wait = wait

    def enqueue(self, task: str) -> int:
        key = self.list_key or settings.Q_CLUSTER["name"]
        row = OrmQ.objects.create(key=key, payload=task, lock=timezone.now() + self.wait)
        return row.pk
