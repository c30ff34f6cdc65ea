"""Signs of life of the workers: one row a node, written by the tick that the worker runs."""

from datetime import timedelta

from django.db.models import Max, QuerySet
from django.utils import timezone

from workflows.models import Heartbeat


def beat(name: str, token: str) -> None:
    """Note that the worker of node `name` has just run the tick `token`."""
    now = timezone.now()
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": now, "token": token})


def age(name: str) -> timedelta | None:
    """How long ago the worker of node `name` beat; None if it never did. One query."""
    return since(Heartbeat.objects.filter(name=name))


def youngest_age() -> timedelta | None:
    """How long ago any worker beat; None if none ever did. One query."""
    return since(Heartbeat.objects.all())


def since(beats: QuerySet[Heartbeat]) -> timedelta | None:
    """How long ago the last of `beats` was."""
    last = beats.aggregate(last=Max("beat_at"))["last"]
    return timezone.now() - last if last else None
