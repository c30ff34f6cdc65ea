"""What is said: the reporter's messages, the team's words to them and to the workspaces, notes."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from incidents import access, clock, duplicates, mentions, plain_text, records, rights, timeline
from incidents.events import (
    message_received,
    people_mentioned,
    reopening_requested,
    reply_sent,
    update_shared,
)
from incidents.models import Incident, TimelineEntry
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.states import Confidentiality, State, WaitingOn

REOPEN_WITHIN = timedelta(days=30)
ASKS_TO_REOPEN = Q(kind=Kind.MESSAGE, data__asks_to_reopen=True)
# Bounds the search for requests by an index; whatever waits that long has been escalated.
WAITS_AT_MOST = timedelta(days=90)


@transaction.atomic
def receive(incident: Incident, text: str, *, by, settles: bool = True) -> TimelineEntry:
    """A message of the reporter; unless `settles` is False, the team no longer waits for them.

    A closed incident takes messages too: late facts arrive this way. Raises ValidationError.
    """
    text = _read(text)
    current = duplicates.hold_all(incident)
    if settles and current.waiting_on == WaitingOn.REPORTER:
        current.waiting_on = WaitingOn.NONE
    records.save(current, "waiting_on")
    entry = timeline.append(current, Kind.MESSAGE, by=by, text=text, public=True)
    message_received.send(Incident, incident=current, entry=entry)
    return entry


@transaction.atomic
def ask_to_reopen(incident: Incident, text: str, *, by) -> TimelineEntry:
    """The reporter of a closed incident asks to reopen it, and says why (DOMAIN.md 1.3, T9).

    One request waits at a time. Raises ValidationError, also when it is too late, and
    rights.Denied for anybody but the reporter.
    """
    text = _read(text)
    current = duplicates.hold_all(incident)
    if current.reporter_id is None or current.reporter_id != by.pk:
        raise rights.Denied("ask_to_reopen")
    if refusal := _why_not_reopen(current):
        raise ValidationError({"text": refusal})
    records.save(current, "updated_at")
    data = {"asks_to_reopen": True}
    entry = timeline.append(current, Kind.MESSAGE, by=by, text=text, data=data, public=True)
    # First who decides, then what the words themselves call for: nobody is rung twice for one.
    reopening_requested.send(Incident, incident=current, entry=entry)
    message_received.send(Incident, incident=current, entry=entry)
    return entry


def _why_not_reopen(incident: Incident) -> str:
    if not incident.is_closed:
        return _("This ticket is not closed. Write a message instead.")
    if reopen_until(incident) is None:
        return _("This was closed more than 30 days ago. Report it anew and name its number.")
    if request_to_reopen(incident):
        return _("You have asked already, and we will answer. Write a message to add something.")
    return ""


def reopen_until(incident: Incident) -> datetime | None:
    """Until when the reporter may ask to reopen it; None while it is open, and once it is late."""
    if not incident.is_closed or incident.closed_at is None:
        return None
    until = incident.closed_at + REOPEN_WITHIN
    return until if until > clock.now() else None


def request_to_reopen(incident: Incident) -> TimelineEntry | None:
    """The request that still waits: no reply and no step came after it. One query at most."""
    if not incident.is_closed:
        return None
    last = incident.timeline.filter(_settling()).order_by("-sequence").first()
    return last if last is not None and last.kind == Kind.MESSAGE else None


def asking_to_reopen(incidents: QuerySet[Incident]) -> QuerySet:
    """Those of `incidents` with a request that still waits; `asked_at` says since when."""
    words = TimelineEntry.objects.filter(_settling(), incident=OuterRef("pk")).order_by("-sequence")
    return (
        incidents.filter(state=State.CLOSED, updated_at__gte=clock.now() - WAITS_AT_MOST)
        .annotate(
            last_word=Subquery(words.values("kind")[:1]), asked_at=Subquery(words.values("at")[:1])
        )
        .filter(last_word=Kind.MESSAGE)
    )


def answered(incidents: QuerySet[Incident]) -> QuerySet:
    """Those of `incidents` in which the reporter spoke last: no word and no step of the team since.

    `answered_at` says when, `answer` what they said.
    """
    spoken = Q(kind__in=[Kind.MESSAGE, Kind.REPLY, Kind.SHARED_UPDATE, Kind.NOTE, Kind.TRANSITION])
    words = TimelineEntry.objects.filter(spoken, incident=OuterRef("pk")).order_by("-sequence")
    return incidents.annotate(
        last_word=Subquery(words.values("kind")[:1]),
        answered_at=Subquery(words.values("at")[:1]),
        answer=Subquery(words.values("text")[:1]),
    ).filter(last_word=Kind.MESSAGE)


def _settling() -> Q:
    """Requests to reopen, and what settles them."""
    return ASKS_TO_REOPEN | Q(kind__in=[Kind.REPLY, Kind.TRANSITION])


@transaction.atomic
def reply(incident: Incident, text: str, *, by, asks: bool = False) -> TimelineEntry:
    """A message to the reporter; with `asks` the incident then waits for the reporter.

    Raises ValidationError and rights.Denied.
    """
    text = _read(text)
    rights.require(by, Right.REPLY, incident)
    current = records.lock(incident)
    if asks:
        current.waiting_on = WaitingOn.REPORTER
    records.save(current, "waiting_on")
    entry = timeline.append(current, Kind.REPLY, by=by, text=text, public=True)
    reply_sent.send(Incident, incident=current, entry=entry, by=by)
    return entry


@transaction.atomic
def share(incident: Incident, text: str, *, by) -> TimelineEntry:
    """An update for the Accountables of the affected workspaces; the reporter reads it too.

    Raises ValidationError, also where nobody may or could read it, and rights.Denied.
    """
    text = _read(text)
    rights.require(by, Right.SHARE, incident)
    current = records.lock(incident)
    if refusal := why_not_share(current):
        raise ValidationError({"workspaces": refusal})
    records.save(current, "updated_at")
    entry = timeline.append(current, Kind.SHARED_UPDATE, by=by, text=text, public=True)
    update_shared.send(Incident, incident=current, entry=entry, by=by)
    return entry


def why_not_share(incident: Incident) -> str:
    """What stands against an update for the workspaces; nothing if it can be shared."""
    if incident.confidentiality == Confidentiality.RESTRICTED:
        return _("Only named people may know of this incident, so nothing of it is shared.")
    if incident.is_exercise:
        return _("This is an exercise. Nothing of it is shared.")
    if not access.accountables(incident).exists():
        return _("No affected workspace with an Accountable is linked, so nobody would read it.")
    return ""


@transaction.atomic
def note(incident: Incident, text: str, *, by) -> TimelineEntry:
    """A note that only the response team sees; whom it calls by name is told, if they may see it.

    The entry's data tells whom (`mentions`) and whom not (`kept_out`). Raises ValidationError and
    rights.Denied.
    """
    text = _read(text)
    rights.require(by, Right.NOTE, incident)
    current = records.lock(incident)
    records.save(current, "updated_at")
    called = mentions.find(text, current, by=by)
    named = {"mentions": called.words, "kept_out": called.kept_out}
    data = {name: found for name, found in named.items() if found}
    entry = timeline.append(current, Kind.NOTE, by=by, text=text, data=data)
    if called.people:
        people_mentioned.send(Incident, incident=current, entry=entry, people=called.people, by=by)
    return entry


def _read(text: str) -> str:
    return plain_text.read("text", text, needed=_("Write something."))
