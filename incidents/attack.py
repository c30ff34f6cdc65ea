"""The attack timeline: what the attacker did and when, apart from when somebody typed it in."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import milestones, plain_text, records, rights, timeline
from incidents.models import Incident, TimelineEntry
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.states import Precision


@transaction.atomic
def note(
    incident: Incident,
    text: str,
    *,
    happened_at: datetime | str | None,
    by,
    precision: str = Precision.EXACT,
) -> TimelineEntry:
    """Write down one act of the attacker. A correction is a further entry.

    Raises ValidationError (no text, no moment or an absurd one) and rights.Denied.
    """
    text = plain_text.read("text", text, needed=_("Say what the attacker did."))
    moment = _moment(happened_at)
    if precision not in Precision.values:
        raise ValidationError({"precision": _("Use exact, about, day or unknown.")})
    rights.require(by, Right.NOTE, incident)
    current = records.lock(incident)
    records.save(current, "updated_at")
    data = {"happened_at": moment.isoformat(), "precision": str(precision)}
    return timeline.append(current, Kind.ATTACK, by=by, text=text, data=data)


def _moment(raw: datetime | str | None) -> datetime:
    try:
        moment = milestones.read_moment(raw)
    except ValidationError as problem:
        raise ValidationError({"happened_at": problem.messages}) from None
    if moment is None:
        raise ValidationError({"happened_at": _("Say when it happened.")})
    return moment
