"""Telling the officers at once that somebody broke the glass."""

from typing import Any

import structlog
from django.db import transaction

from incidents import roles
from incidents.models import BreakGlass
from incidents.roles import Role
from workflows import paging
from workflows.models import Alert

logger = structlog.get_logger(__name__)

WHY = "Break-glass: a superuser opened this restricted incident"


@transaction.atomic
def tell(opening: BreakGlass) -> list[Alert]:
    """Ring the security officers and data protection officers, named on it or not."""
    incident, called = opening.incident, [Role.CISO, Role.DPO]
    logger.warning(
        "glass_broken", incident=incident.reference, by=opening.person.username, until=opening.until
    )
    held = roles.holders(called)
    people = dict.fromkeys(person for role in called for person in held[role])
    others = [person for person in people if person != opening.person]
    others = others or paging.sound_the_void(incident, [str(role) for role in called])
    rows = paging.put(incident, [_addressed(opening, person) for person in others])
    if rows:
        paging.note(incident, rows, [str(role) for role in called], WHY)
    return rows


def _addressed(opening: BreakGlass, person: Any) -> Alert:
    return paging.letter(
        opening.incident,
        person,
        template="break_glass",
        why=WHY,
        cause=f"glass-{opening.pk}",
        kind=Alert.Kind.ALERT,
    )
