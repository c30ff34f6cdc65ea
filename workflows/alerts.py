"""Telling people, with proof: each alert is a row before it is sent, each try is appended to it.

paging.py writes the rows, delivery.py sends them, messages.py says what, escalation.py goes on
when nobody acknowledges. This is the door to all of them.
"""

import uuid
from collections.abc import Iterable

from django.db import transaction

from incidents import clock, records, rights, timeline
from incidents.models import Incident, TimelineEntry
from incidents.models.timeline import Kind
from incidents.roles import Role
from incidents.states import Priority
from workflows import escalation, paging
from workflows.delivery import oldest_waiting, send, sweep
from workflows.messages import sign, unsign
from workflows.models import Alert

__all__ = [
    "acknowledge",
    "after_reply",
    "after_transition",
    "notify_reporter",
    "oldest_waiting",
    "priority_raised",
    "receipt",
    "reopening_requested",
    "request",
    "roles_for",
    "send",
    "sign",
    "sweep",
    "unsign",
]

# DOMAIN.md 9, "alert at once"; a playbook may name more.
AT_ONCE: dict[int, frozenset[Role]] = {
    Priority.P1: frozenset({Role.IH, Role.MIM, Role.CISO}),
    Priority.P2: frozenset({Role.IH, Role.SDA}),
    Priority.P3: frozenset({Role.SDA, Role.IH}),
    Priority.P4: frozenset({Role.SDA}),
}
# What the reporter hears after which step (DOMAIN.md 1.3).
NEWS = {
    "acknowledge": "acknowledged",
    "dismiss": "dismissed",
    "refute": "dismissed",
    "resolve": "resolved",
    "close": "closed",
    "merge": "known",
}


def roles_for(priority: int) -> set[str]:
    """The roles that hear of an incident of this priority at once."""
    return set(AT_ONCE[priority])


@transaction.atomic
def request(
    incident: Incident, *, roles: Iterable[str], why: str, cause: str, priority: int
) -> list[Alert]:
    """Ring whoever holds these roles, and others if nobody acknowledges.

    Call it in the transaction of what it is about: the rows are written with that or not at all,
    and sent after the commit. The same `cause` rings a person once. Returns the new alerts.
    """
    rows = paging.page(incident, called=roles, why=why, cause=cause, priority=priority)
    if rows:
        escalation.start(incident, priority)
    return rows


def priority_raised(incident: Incident) -> list[Alert]:
    """Ring those who hear of the priority that the incident has been raised to."""
    return request(
        incident,
        roles=roles_for(incident.priority),
        why=f"Raised to {incident.get_priority_display()}",
        cause=f"priority-{incident.priority}-{incident.version}",
        priority=incident.priority,
    )


def reopening_requested(incident: Incident, entry: TimelineEntry) -> list[Alert]:
    """Ring whoever can decide on it: the owner, else the handlers. Once for each request."""
    rows = paging.page(
        incident,
        called=[Role.IH],
        person=incident.owner,
        why="The reporter asks to reopen it",
        cause=f"reopening-{entry.sequence}",
        priority=incident.priority,
        template="reopening",
    )
    if rows:
        escalation.start(incident, incident.priority)
    return rows


def receipt(incident: Incident) -> Alert | None:
    """The reporter's proof of having reported; None when nothing may be mailed to them."""
    return tell_reporter(
        incident, Alert.Kind.RECEIPT, "receipt", why="Receipt for the report", cause="receipt"
    )


def notify_reporter(incident: Incident, template: str, why: str) -> Alert | None:
    """News for the reporter; None when nothing may be mailed to them.

    While the same news waits to be sent, it is not sent twice: it only leads to the ticket.
    """
    same = Alert.objects.filter(incident=incident, template=template, state=Alert.State.WAITING)
    if waiting := same.filter(kind=Alert.Kind.NOTICE).first():
        return waiting
    cause = f"{template}-{uuid.uuid4().hex}"
    return tell_reporter(incident, Alert.Kind.NOTICE, template, why=why, cause=cause)


@transaction.atomic
def tell_reporter(
    incident: Incident, kind: Alert.Kind, template: str, *, why: str, cause: str
) -> Alert | None:
    address = incident.contact_email or getattr(incident.reporter, "email", "")
    obstacle = ""
    if incident.safe_channel:
        obstacle = "the reporter asked to be reached another way"
    elif not address:
        obstacle = "no mail address is known"
    data = {"to": "reporter", "text": template, **({"not_sent": obstacle} if obstacle else {})}
    timeline.append(incident, Kind.ALERT, by=None, text=why, data=data)
    if obstacle:
        return None
    row = Alert(
        kind=kind,
        recipient=incident.reporter,
        address=address[:254],
        template=template,
        reason=why[: paging.REASON_MOST],
        priority=incident.priority,
        dedupe_key=f"{incident.pk}:{cause}:reporter",
        next_try_at=clock.now(),
    )
    return paging.put(incident, [row])[0]


@transaction.atomic
def acknowledge(alert: Alert, *, by) -> Alert:
    """Its recipient has it. Again changes nothing. Raises rights.Denied.

    A page covers every page that this person has open on the incident, and nobody else is rung.
    """
    incident = records.lock(alert.incident)
    current = Alert.objects.select_for_update().get(pk=alert.pk)
    is_theirs = current.kind == Alert.Kind.ALERT and current.recipient_id == by.pk
    if not (is_theirs and by.is_active):
        raise rights.Denied("acknowledge_this_alert")
    if current.acknowledged_at is not None:
        return current
    if current.template in paging.RINGING:
        close_pages(incident, by)
    else:
        note_answers(incident, [current.pk], by)
    current.refresh_from_db()
    return current


def close_pages(incident: Incident, by) -> None:
    """Note that `by` has seen their open pages, and stop ringing. The incident is locked."""
    pages = paging.pages().filter(incident=incident, recipient=by, acknowledged_at=None)
    keys = list(pages.values_list("pk", flat=True))
    if keys:
        note_answers(incident, keys, by)
        escalation.stop(incident, f"acknowledged by {by}")


def note_answers(incident: Incident, keys: list[int], by) -> None:
    """`by` has these alerts: on their rows, and on the record."""
    rows = Alert.objects.filter(pk__in=keys)
    rows.update(acknowledged_at=clock.now(), acknowledged_by=by)
    timeline.append(incident, Kind.ALERT, by=by, text="Alert acknowledged", data={"alerts": keys})


@transaction.atomic
def after_reply(incident: Incident, *, by) -> None:
    """The reporter is told. On a closed incident an answer also settles what rang about it."""
    if incident.is_closed:
        close_pages(incident, by)
        escalation.stop(incident, f"answered by {by}")
    notify_reporter(incident, "reply", "the team wrote to the reporter")


def after_transition(incident: Incident, step: str, *, by) -> None:
    """Whoever takes a step is on it: the ringing stops. Then the reporter is told."""
    if by is not None:
        close_pages(incident, by)
    escalation.stop(incident, f"{step} by {by}")
    if step in NEWS:
        notify_reporter(incident, NEWS[step], f"The reporter is told: {NEWS[step]}")
