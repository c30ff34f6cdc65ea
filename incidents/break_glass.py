"""Break-glass: a superuser looks at a restricted incident without being named (DOMAIN.md 8).

For four hours, for reading only, with a reason, and never unseen.
"""

import re
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import access, clock, plain_text, records, rights, timeline
from incidents.events import glass_broken
from incidents.models import BreakGlass, Incident
from incidents.models.timeline import Kind
from incidents.states import Confidentiality

OPEN_FOR = timedelta(hours=4)
REASON_LEAST = 20
BARE_NUMBER = re.compile(r"[0-9]{1,18}\Z")


@transaction.atomic
def open_for(reference: str, *, by, reason: str) -> BreakGlass:
    """Open the incident behind `reference` to `by` and have the officers told.

    Raises rights.Denied for whoever is no superuser. ValidationError says what is wrong: first
    with the reason, and only to who gave one, with the reference.
    """
    if not (by.is_active and by.is_superuser):
        raise rights.Denied("break_glass")
    reason = plain_text.read("reason", reason)
    if plain_text.visible_length(reason) < REASON_LEAST:
        message = _("Say why in at least %d visible characters.") % REASON_LEAST
        raise ValidationError({"reason": message})
    incident = _find(reference)
    if incident.confidentiality != Confidentiality.RESTRICTED:
        raise ValidationError({"reference": _("This incident is not restricted.")})
    if incident.named_people.filter(person=by).exists():
        raise ValidationError({"reference": _("You are named on this incident.")})
    now = clock.now()
    opening = BreakGlass.objects.create(
        incident=incident, person=by, reason=reason, opened_at=now, until=now + OPEN_FOR
    )
    timeline.append(
        incident,
        Kind.ACCESS,
        by=by,
        text=reason,
        data={"break_glass": opening.pk, "until": opening.until},
    )
    glass_broken.send(BreakGlass, opening=opening)
    return opening


def _find(reference: str) -> Incident:
    try:
        reference = plain_text.read("reference", reference)
        if BARE_NUMBER.match(reference):
            reference = f"INC-{reference}"
        return records.lock(Incident(pk=access.key_of(reference)))
    except Incident.DoesNotExist:
        raise ValidationError({"reference": _("There is no incident of this number.")}) from None
