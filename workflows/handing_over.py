"""Telling the successor that work is offered, and the giver what became of it.

The mails name nobody and no incident: the console says the rest.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q

from incidents import access, timeline
from incidents.models import HandOver, Incident
from incidents.models.timeline import Kind
from incidents.states import Priority, State
from workflows import paging, reassessment
from workflows.models import Alert

OFFERED = "A colleague offers to hand over work"
ANSWERED = "A hand-over was answered"


@transaction.atomic
def tell_successor(hand_over: HandOver) -> list[Alert]:
    """A mail to whoever is offered the work."""
    return _tell(hand_over, hand_over.to, "handover_offered", OFFERED)


@transaction.atomic
def tell_giver(hand_over: HandOver) -> list[Alert]:
    """A mail to whoever offered it."""
    return _tell(hand_over, hand_over.by, "handover_answered", ANSWERED)


def ask_priority(moved: Iterable[Incident]) -> None:
    """Whoever takes over a P1 or P2 looks at its priority anew (DOMAIN.md 2.3)."""
    for incident in moved:
        if incident.priority <= Priority.P2 and incident.state != State.NEW:
            reassessment.ask(incident, "Handed over to another person")


def _tell(hand_over: HandOver, person: Any, template: str, why: str) -> list[Alert]:
    """One mail on the record of the most urgent incident of it that `person` may see."""
    incident = _first(hand_over, person)
    if incident is None or not person.email:
        return []
    rows = paging.put(incident, [_addressed(hand_over, person, template, why, incident)])
    data = {"to": "mentioned", "told": [timeline.name_of(person)]}
    timeline.append(incident, Kind.ALERT, by=None, text=why, data=data)
    return rows


def _first(hand_over: HandOver, person: Any) -> Incident | None:
    """A drill only when there is nothing else: the mail would carry its mark."""
    pieces = Q(pk__in=hand_over.incidents.values("pk"))
    pieces |= Q(pk__in=hand_over.tasks.values("incident"))
    seen = access.visible_to(person).filter(pieces)
    return seen.order_by("is_exercise", "priority", "pk").first()


def _addressed(
    hand_over: HandOver, person: Any, template: str, why: str, incident: Incident
) -> Alert:
    cause = f"{template}-{hand_over.pk}"
    return paging.letter(incident, person, template=template, why=why, cause=cause)
