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
LOOKED_AT = Status(_("Being looked at"), "eye", "look")
STATUSES: dict[str, Status] = {
    State.NEW: Status(_("Received"), "clock", ""),
    State.TRIAGE: LOOKED_AT,
    State.RESPONDING: LOOKED_AT,
    State.RESOLVED: Status(_("Solved"), "check", "good"),
    State.CLOSED: Status(_("Closed"), "lock", ""),
}
# What it turned out to be, without the words that only the team needs, and why it was right to
# tell us, all the more when it was a false alarm (FEATURES.md 3.10, 3.20).
OUTCOMES: dict[str, Promise] = {
    Outcome.CONFIRMED: _("It was real, and you helped us to end it. You did right to tell us."),
    Outcome.ATTEMPT_BLOCKED: _(
        "It was a real attack, and it was stopped. You did right to tell us."
    ),
    Outcome.ATTEMPT_FAILED: _("It was a real attack, and it failed. You did right to tell us."),
    Outcome.FALSE_POSITIVE: _(
        "It turned out to be harmless. You did right to tell us: nobody can know that beforehand, "
        "and we would rather look once too often."
    ),
    Outcome.NOT_SECURITY: _(
        "It was real, but no matter of security. You did right to tell us: finding out which it "
        "is, is our work."
    ),
    Outcome.DUPLICATE: _(
        "We knew of it already and handle it under another number. You did right to tell us: each "
        "report shows us how far it goes."
    ),
    Outcome.INDETERMINATE: _(
        "We could not find out for certain. You did right to tell us: what you saw is on record "
        "and helps if it happens again."
    ),
    Outcome.EXERCISE: _("It was an exercise, and you did just what one should do."),
}
ENDED = {State.RESOLVED, State.CLOSED}


def is_asked(incident: Incident) -> bool:
    """True while the team waits for an answer of the reporter."""
    return incident.waiting_on == WaitingOn.REPORTER and not incident.is_closed


def status_of(incident: Incident) -> Status:
    return ASKED if is_asked(incident) else STATUSES[State(incident.state)]


def outcome_of(incident: Incident) -> Promise | None:
    """What it turned out to be, once that is settled."""
    return OUTCOMES.get(incident.outcome) if incident.state in ENDED else None


def path_of(incident: Incident) -> list[Stop]:
    """The stops behind, the one where it stands, and those ahead.

    A ticket that was closed early has no stops ahead, and none that it never saw.
    """
    moments = {
        State.NEW: incident.reported_at,
        State.TRIAGE: incident.acknowledged_at,
        State.RESOLVED: incident.resolved_at,
        State.CLOSED: incident.closed_at,
    }
    order = [STATUSES[state] for state in moments]
    here = order.index(STATUSES[incident.state])
    stops = []
    for place, (status, at) in enumerate(zip(order, moments.values(), strict=True)):
        if incident.is_closed and at is None:
            continue
        mark = "done" if place < here else "now" if place == here else ""
        stops.append(Stop(status.word, at if place <= here else None, mark))
    return stops
