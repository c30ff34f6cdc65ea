"""Would an alarm get through now? As /readyz says, in the words of the console's first page."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from incidents import ages
from portal.health import LONGEST_WAIT
from workflows import heartbeat
from workflows.alerts import oldest_waiting
from workflows.models import Alert


@dataclass(frozen=True, slots=True)
class AlarmPath:
    """Ages and one number only: everybody in the console may know them."""

    worker_age: str  # nothing when none was ever seen
    is_worker_late: bool
    waiting_age: str  # nothing when no alert waits
    is_waiting_late: bool
    failed: int


def look() -> AlarmPath:
    """The path as it is now. Three queries."""
    worker, oldest = heartbeat.youngest_age(), oldest_waiting()
    age = timezone.now() - oldest if oldest else None
    return AlarmPath(
        worker_age="" if worker is None else ages.span(worker),
        is_worker_late=worker is None or worker > timedelta(seconds=settings.STALL_SECONDS),
        waiting_age="" if age is None else ages.span(age),
        is_waiting_late=age is not None and age > LONGEST_WAIT,
        failed=Alert.objects.filter(state=Alert.State.FAILED).count(),
    )
