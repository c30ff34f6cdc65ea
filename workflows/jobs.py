"""Everything that the workers run. Each job takes ids, may run twice, and calls one function."""

from collections.abc import Callable

import structlog
from django.utils import timezone

from workflows import delivery, escalation, heartbeat

logger = structlog.get_logger(__name__)


def deliver(ids: list[int]) -> None:
    """Send these alerts."""
    delivery.deliver(ids)


def tick(node: str, token: str) -> None:
    """What happens every few seconds on each node; `token` names this one tick."""
    now = timezone.now()
    attempt(lambda: heartbeat.beat(node, token))
    attempt(lambda: delivery.sweep(now))
    attempt(lambda: escalation.advance(now))


def attempt(act: Callable[[], None]) -> None:
    """Run one part of the tick."""
    try:
        act()
    except Exception:  # what fails must not keep the other parts from running
        logger.exception("tick_failed")
