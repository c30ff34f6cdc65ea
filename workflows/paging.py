"""Ringing people: alert rows, written in the caller's transaction, and the job that sends them."""

import hashlib
from collections.abc import Iterable
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django_q.tasks import async_task

from incidents import access, clock, records, roles, timeline
from incidents.models import Incident, NamedPerson
from incidents.models.timeline import Kind
from incidents.roles import Role
from incidents.states import Confidentiality, Priority
from workflows.models import Alert

logger = structlog.get_logger(__name__)

CAUSE_MOST = 120
REASON_MOST = 300
# These ring on until somebody takes the incident. Others want an answer about something else, such
# as a second signature: they neither stand for a page nor, once answered, stop the ringing.
RINGING = ("alert", "escalation", "reopening", "nobody")


@transaction.atomic
def page(
    incident: Incident,
    *,
    called: Iterable[str],
    why: str,
    cause: str,
    priority: int,
    level: int = 1,
    template: str = "alert",
    person: Any = None,
) -> list[Alert]:
    """Ring whoever holds the `called` roles, once for each cause and person.

    With a `person` who works on it, ring that one instead.

    Nobody gets a second page while one is open, unless the priority or the level has risen since
    (DOMAIN.md 9, alert storms). When nobody at all can be rung, that is an alarm of its own.
    """
    locked = records.lock(incident)
    called = sorted({str(role) for role in called})
    people = [person] if is_reachable(locked, person) else recipients(locked, called)
    if not people:
        people, template = sound_the_void(locked, called), "nobody"
    asked = Alert(
        incident=locked,
        template=template,
        reason=why[:REASON_MOST],
        priority=priority,
        level=level,
        # DOMAIN.md 9: a P4 waits in the console; whoever it escalates to is told by mail.
        channel=Alert.Channel.CONSOLE
        if priority == Priority.P4 and level == 1 and template != "nobody"
        else Alert.Channel.MAIL,
    )
    rows = [addressed(asked, person, cause) for person in people]
    rows = put(locked, without_storm(locked, rows))
    if rows:
        note(locked, rows, called, why)
    return rows


def pages() -> QuerySet[Alert]:
    """The alerts that ring people until somebody acknowledges the incident."""
    return Alert.objects.filter(kind=Alert.Kind.ALERT, template__in=RINGING)


def is_reachable(incident: Incident, person: Any) -> bool:
    """True for somebody who is still of the team and may see the incident."""
    return person is not None and bool(roles.of(person)) and access.may_see(person, incident)


def recipients(incident: Incident, called: Iterable[str]) -> list[Any]:
    """The people to ring, each once. Of a restricted incident only named people may hear."""
    held = roles.holders(called)
    people = list(dict.fromkeys(person for role in held for person in held[role]))
    if incident.confidentiality != Confidentiality.RESTRICTED:
        return people
    rows = NamedPerson.objects.filter(incident=incident, person__is_active=True)
    named = [row.person for row in rows.select_related("person").order_by("pk")]
    return [person for person in people if person in named] or named


def sound_the_void(incident: Incident, called: list[str]) -> list[Any]:
    """Nobody holds the roles and nobody stands in: tell those who can mend that."""
    logger.error("nobody_to_alert", incident=incident.reference, roles=called)
    timeline.append(
        incident,
        Kind.PROBLEM,
        by=None,
        text="Nobody could be alerted: no active person holds these roles or stands in.",
        data={"roles": called},
    )
    held = roles.holders([Role.CISO, Role.ADM])
    return list(dict.fromkeys(person for people in held.values() for person in people))


def addressed(asked: Alert, person: Any, cause: str) -> Alert:
    """`asked` for one person."""
    if len(cause) > CAUSE_MOST:
        cause = hashlib.sha256(cause.encode()).hexdigest()
    return Alert(
        incident=asked.incident,
        kind=Alert.Kind.ALERT,
        template=asked.template,
        reason=asked.reason,
        priority=asked.priority,
        level=asked.level,
        channel=asked.channel,
        recipient=person,
        address=person.email if asked.channel == Alert.Channel.MAIL else "",
        dedupe_key=f"{asked.incident.pk}:{cause}:{person.pk}:{asked.channel}",
        next_try_at=clock.now(),
    )


def letter(
    incident: Incident,
    person: Any,
    *,
    template: str,
    why: str,
    cause: str,
    kind: str = Alert.Kind.NOTICE,
) -> Alert:
    """A row that mails one person, once for each cause, and rings nobody else."""
    return Alert(
        incident=incident,
        kind=kind,
        recipient=person,
        address=person.email,
        template=template,
        reason=why,
        priority=incident.priority,
        dedupe_key=f"{incident.pk}:{cause}:{person.pk}:{Alert.Channel.MAIL}",
        next_try_at=clock.now(),
    )


def without_storm(incident: Incident, rows: list[Alert]) -> list[Alert]:
    """Those of `rows` that are new, and whose person has no open page that says as much.

    A page from before the incident was closed asks for nothing any more.
    """
    before = list(pages().filter(incident=incident))
    known = {alert.dedupe_key for alert in before}
    is_open = [
        alert
        for alert in before
        if alert.acknowledged_at is None
        and alert.state != Alert.State.FAILED
        and (incident.closed_at is None or alert.created_at >= incident.closed_at)
    ]
    return [
        row
        for row in rows
        if row.dedupe_key not in known
        and not any(
            alert.recipient_id == row.recipient_id
            and alert.priority <= row.priority
            and alert.level >= row.level
            for alert in is_open
        )
    ]


def put(incident: Incident, rows: list[Alert]) -> list[Alert]:
    """Store `rows`, and wake a worker for them when the transaction is committed."""
    for row in rows:
        row.incident = incident
    stored = Alert.objects.bulk_create(rows)
    if stored:
        Wake.in_this_transaction().add([alert.pk for alert in stored])
    return stored


def note(incident: Incident, rows: list[Alert], called: list[str], why: str) -> None:
    """The timeline says who is rung, as what, and why."""
    timeline.append(
        incident,
        Kind.ALERT,
        by=None,
        text=why,
        data={
            "people": [row.recipient.username for row in rows if row.recipient],
            "roles": called,
            "channel": rows[0].channel,
            "priority": rows[0].priority,
            "level": rows[0].level,
        },
    )


class Wake:
    """The alerts of one transaction, sent to the workers as one job.

    Each add() has a hook of its own, so that it goes with its savepoint when that is rolled back;
    the first hook that runs takes all ids, the others find none. Ids that were rolled back are
    unknown to the job and do no harm.
    """

    def __init__(self) -> None:
        self.ids: list[int] = []

    @classmethod
    def in_this_transaction(cls) -> "Wake":
        """The one that is on the list of hooks already, or a new one."""
        hooks = transaction.get_connection().run_on_commit
        owners = (getattr(hook, "__self__", None) for _sids, hook, _robust in hooks)
        return next((owner for owner in owners if isinstance(owner, cls)), cls())

    def add(self, ids: list[int]) -> None:
        """Have these sent too."""
        self.ids += ids
        # Robust: the record is committed; a queue that fails must not look like a lost report.
        # The sweep finds what it left behind.
        transaction.on_commit(self.ring, robust=True)

    def ring(self) -> None:
        """Queue the job, unless an earlier hook did."""
        ids, self.ids = self.ids, []
        if ids:
            async_task("workflows.jobs.deliver", ids)
