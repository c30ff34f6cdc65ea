"""What time it is for the record: now.

Only the demo lays out a fortnight in one go, each act of it inside at(). Where DEMO is 0 nothing
can be dated back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """Now, in UTC; inside at() the moment that the demo's story has reached."""
    return _told.get() or timezone.now()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Write the record as if at `moment`. Raises PermissionDenied where DEMO is 0."""
    if not settings.DEMO:
        raise PermissionDenied("Only the demo tells of the past.")
    before = _told.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _told.reset(before)
