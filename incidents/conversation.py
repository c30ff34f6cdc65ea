"""What is said: the reporter's messages, the team's replies, and notes among the team."""

from django.db import transaction
from django.utils.translation import gettext as _

from incidents import plain_text, records, rights, timeline
from incidents.events import message_received, reply_sent
from incidents.models import Incident, TimelineEntry
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.states import WaitingOn


@transaction.atomic
def receive(incident: Incident, text: str, *, by) -> TimelineEntry:
    """A message of the reporter; answers a question that the team waits for.

    A closed incident takes messages too: late facts and a request to reopen arrive this way.
    Raises ValidationError.
    """
    text = _read(text)
    current = records.lock(incident)
    if current.waiting_on == WaitingOn.REPORTER:
        current.waiting_on = WaitingOn.NONE
    records.save(current, "waiting_on")
    entry = timeline.append(current, Kind.MESSAGE, by=by, text=text, public=True)
    message_received.send(Incident, incident=current, entry=entry)
    return entry


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
def note(incident: Incident, text: str, *, by) -> TimelineEntry:
    """A note that only the response team sees. Raises ValidationError and rights.Denied."""
    text = _read(text)
    rights.require(by, Right.NOTE, incident)
    current = records.lock(incident)
    records.save(current, "updated_at")
    return timeline.append(current, Kind.NOTE, by=by, text=text)


def _read(text: str) -> str:
    return plain_text.read("text", text, needed=_("Write something."))
