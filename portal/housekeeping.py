"""What the database need not keep: thrown away once an hour, whoever comes by or not."""

from datetime import timedelta

import structlog
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from portal.api.idempotency import KEPT_FOR
from portal.models import IdempotencyRecord
from portal.selfservice import drafts

EVERY = timedelta(hours=1)

log = structlog.get_logger(__name__)


def clean_up() -> None:
    """Forget what is over. Safe to run twice, and on several nodes at once."""
    drafts.forget_old()
    SessionStore.clear_expired()
    forgotten = {
        "answers": forget_answers(),
        "sessions": forget_ended_sessions(),
    }
    log.info("cleaned_up", **forgotten)


def forget_answers() -> int:
    """What a form or a program that sends the same twice is answered from; how many rows."""
    old = IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    return old.delete()[0]


def forget_ended_sessions() -> int:
    """Lines in people's lists of sessions that are no more; how many.

    A session is written at the end of the request that begins it, its line before.
    """
    alive = Session.objects.values("session_key")
    settled = UserSession.objects.filter(created_at__lt=timezone.now() - EVERY)
    return settled.exclude(session_key__in=alive).delete()[0]
