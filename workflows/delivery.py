"""Sending what is in the outbox: claim, send, note the answer, and try again until it is certain.

The rows are the truth. A job is only the wake-up: it may come twice, late or never.
"""

import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, Min, Q
from django_q.tasks import async_task

from incidents import access, clock, records, timeline
from incidents.models.timeline import Kind
from workflows import escalation, messages, paging
from workflows.channels import CHANNELS
from workflows.channels.base import Channel, ChannelError
from workflows.models import Alert, Attempt

logger = structlog.get_logger(__name__)

BACK_OFF = tuple(
    timedelta(seconds=seconds) for seconds in (30, 60, 2 * 60, 5 * 60, 15 * 60)
)  # the last one repeats
TRIES_MOST = 100  # about a day
STUCK_AFTER = timedelta(minutes=2)  # longer than any job may run
WAKE_AGAIN_AFTER = timedelta(minutes=1)
SWEEP_MOST = 500
IDS_A_JOB = 10
# Of a restricted incident these go to people who are not named on it too.
FOR_OFFICERS = {"nobody", "break_glass"}
SHARED = "shared"  # goes to an Accountable, who sees it in the portal
JOB_SECONDS = 12  # of the 30 that a job may take; a silent server costs EMAIL_TIMEOUT each
WAITING, SENDING, SENT, FAILED = Alert.State.values


def deliver(ids: Iterable[int]) -> None:
    """Send these, as far as the time of one job allows; the sweep finds the rest."""
    end = time.monotonic() + JOB_SECONDS
    for alert_id in ids:
        if time.monotonic() > end:
            return
        send(alert_id)


def send(alert_id: int, *, channels: Mapping[str, Channel] = CHANNELS) -> None:
    """Send one alert, if it is due and nobody else is at it. Safe to repeat."""
    alert = claim(alert_id)
    if alert is None:
        return
    try:
        check_need_to_know(alert)
        answer = channels[alert.channel].send(messages.render(alert))
    except ChannelError as problem:
        note_failure(alert, str(problem), is_permanent=problem.permanent)
    except Exception as problem:  # a bug must not strand this alert, nor those behind it
        logger.exception("alert_broke", alert=alert.pk)
        note_failure(alert, f"{type(problem).__name__}, see the log", is_permanent=False)
    else:
        note_success(alert, answer)


def claim(alert_id: int) -> Alert | None:
    """Take a waiting alert for sending; None if it is not due or another worker has it."""
    now = clock.now()
    due = Alert.objects.filter(pk=alert_id, state=WAITING, next_try_at__lte=now)
    if due.update(state=SENDING, claimed_at=now, tries=F("tries") + 1) != 1:
        return None
    return Alert.objects.select_related("incident__category", "recipient").get(pk=alert_id)


def check_need_to_know(alert: Alert) -> None:
    """Raise ChannelError if the recipient may not hear of the incident any more."""
    incident = alert.incident
    if alert.template in FOR_OFFICERS or messages.is_to_reporter(alert):
        return
    if alert.template == SHARED:
        check_is_shared(alert)
        return
    must_see = alert.kind != Alert.Kind.ALERT or messages.is_quiet(incident)
    if must_see and not access.may_see(alert.recipient, incident):
        raise ChannelError(
            "Not sent: restricted since, or not theirs to see any more.", permanent=True
        )


def check_is_shared(alert: Alert) -> None:
    """An Accountable hears of it while it is shared with them."""
    if not access.shared_with(alert.recipient).filter(pk=alert.incident_id).exists():
        raise ChannelError("Not sent: no longer shared with this person.", permanent=True)


@transaction.atomic
def note_success(alert: Alert, answer: str) -> None:
    """Keep the answer as the proof."""
    Attempt.objects.create(alert=alert, succeeded=True, answer=answer)
    Alert.objects.filter(pk=alert.pk).exclude(state=SENT).update(state=SENT, sent_at=clock.now())


@transaction.atomic
def note_failure(alert: Alert, answer: str, *, is_permanent: bool) -> None:
    """Keep the answer and try again later; when that is of no use, say so loudly."""
    is_last = is_permanent or alert.tries >= TRIES_MOST
    if is_last:
        records.lock(alert.incident)  # before its children, as everywhere
    Attempt.objects.create(alert=alert, succeeded=False, is_permanent=is_permanent, answer=answer)
    # Not if the sweep has released it meanwhile: then it is another worker's.
    claimed = Alert.objects.filter(pk=alert.pk, state=SENDING, claimed_at=alert.claimed_at)
    if is_last and claimed.update(state=FAILED):
        give_up(alert, answer)
    elif not is_last:
        wait = BACK_OFF[min(alert.tries, len(BACK_OFF)) - 1]
        claimed.update(state=WAITING, claimed_at=None, next_try_at=clock.now() + wait)
        logger.warning("alert_not_sent", alert=alert.pk, answer=answer, tries=alert.tries)


def give_up(alert: Alert, answer: str) -> None:
    """This one will not arrive: the next ones are rung at once, and the record says so."""
    logger.error("alert_failed", alert=alert.pk, incident=alert.incident.reference, answer=answer)
    rings = alert.kind == Alert.Kind.ALERT and alert.template in paging.RINGING
    is_named = not messages.is_to_reporter(alert)
    whom = getattr(alert.recipient, "username", "") if is_named else "the reporter"
    timeline.append(
        alert.incident,
        Kind.PROBLEM,
        by=None,
        text=f"An alert could not be delivered to {whom}.",
        data={"alert": alert.pk, "channel": alert.channel, "answer": answer},
    )
    if rings and alert.acknowledged_at is None:
        escalation.hasten(alert.incident, alert.level)


def sweep(now: datetime) -> None:
    """Find what a lost wake-up or a dead worker left behind, and have it sent."""
    stuck = Alert.objects.filter(state=SENDING, claimed_at__lt=now - STUCK_AFTER)
    for alert in stuck.select_related("incident", "recipient")[:SWEEP_MOST]:
        release(alert, now)
    # While claimed_at is set and recent, a job for it is in the queue: a backlog must not grow
    # by a job for each row at every sweep.
    asleep = Q(claimed_at=None) | Q(claimed_at__lt=now - WAKE_AGAIN_AFTER)
    due = Alert.objects.filter(asleep, state=WAITING, next_try_at__lte=now)
    ids = list(due.order_by("priority", "pk").values_list("pk", flat=True)[:SWEEP_MOST])
    due.filter(pk__in=ids).update(claimed_at=now)
    for start in range(0, len(ids), IDS_A_JOB):
        async_task("workflows.jobs.deliver", ids[start : start + IDS_A_JOB])


def release(alert: Alert, now: datetime) -> None:
    """Take an alert back from a worker that died, and count that as a failed try."""
    answer = "No answer: the worker ended while it was sending."
    if alert.tries >= TRIES_MOST:
        note_failure(alert, answer, is_permanent=False)
        return
    with transaction.atomic():
        mine = Alert.objects.filter(pk=alert.pk, state=SENDING, claimed_at=alert.claimed_at)
        if mine.update(state=WAITING, claimed_at=None, next_try_at=now):
            Attempt.objects.create(alert=alert, succeeded=False, answer=answer)


def oldest_waiting() -> datetime | None:
    """Since when the longest waiting alert to the team waits; None if none does. One query.

    Receipts do not count: a reporter's full mailbox does not keep the team from being told.
    """
    waiting = Alert.objects.filter(kind=Alert.Kind.ALERT, state__in=[WAITING, SENDING])
    return waiting.aggregate(oldest=Min("created_at"))["oldest"]
