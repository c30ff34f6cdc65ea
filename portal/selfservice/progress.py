"""Where a ticket stands, in the words of the reporter."""

from datetime import datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from incidents.states import Outcome, State, WaitingOn


class Status(NamedTuple):
    word: Promise
    icon: str
    tone: str  # a class of portal.css


class Stop(NamedTuple):
    """One stop on the way of a ticket. `mark` is done, now, or nothing for what lies ahead."""

    word: Promise
    at: datetime | None
    mark: str


ASKED = Status(_("We need an answer from you"), "reply", "ask")
STATUSES = {
    State.NEW: Status(_("Received"), "clock", ""),
    State.TRIAGE: Status(_("Being assessed"), "eye", "look"),
    State.RESPONDING: Status(_("Being handled"), "eye", "look"),
    State.RESOLVED: Status(_("Solved"), "check", "good"),
    State.CLOSED: Status(_("Closed"), "lock", ""),
}
# What it turned out to be, without the words that only the team needs.
OUTCOMES: dict[str, Promise] = {
    Outcome.CONFIRMED: _("It was real, and you helped us to end it."),
    Outcome.ATTEMPT_BLOCKED: _("It was a real attack, and it was stopped."),
    Outcome.ATTEMPT_FAILED: _("It was a real attack, and it failed."),
    Outcome.FALSE_POSITIVE: _("It turned out to be harmless."),
    Outcome.NOT_SECURITY: _("It was real, but no matter of security."),
    Outcome.DUPLICATE: _("We knew of it already and handle it under another number."),
    Outcome.INDETERMINATE: _("We could not find out for certain."),
    Outcome.EXERCISE: _("It was an exercise."),
}


def is_asked(incident: Incident) -> bool:
    """True while the team waits for an answer of the reporter."""
    return incident.waiting_on == WaitingOn.REPORTER and not incident.is_closed


def status_of(incident: Incident) -> Status:
    return ASKED if is_asked(incident) else STATUSES[State(incident.state)]


def path_of(incident: Incident) -> list[Stop]:
    """The stops behind, the one where it stands, and those ahead.

    A ticket that was closed early has no stops ahead, and none that it never saw.
    """
    moments = {
        State.NEW: incident.reported_at,
        State.TRIAGE: incident.acknowledged_at,
        State.RESPONDING: incident.declared_at,
        State.RESOLVED: incident.resolved_at,
        State.CLOSED: incident.closed_at,
    }
    order = list(moments)
    here = order.index(State(incident.state))
    stops = []
    for place, (state, at) in enumerate(moments.items()):
        if incident.is_closed and at is None:
            continue
        mark = "done" if place < here else "now" if place == here else ""
        stops.append(Stop(STATUSES[state].word, at if place <= here else None, mark))
    return stops
