"""Is it a personal data breach? Suspected, confirmed, or ruled out by the DPO."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import grading, plain_text, records, rights, timeline
from incidents.models import Incident
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.states import BreachStatus


@transaction.atomic
def suspect(incident: Incident, *, why: str) -> None:
    """The machine's suspicion; it never touches what a person has already judged."""
    current = records.lock(incident)
    if current.breach_status == BreachStatus.NOT_ASSESSED:
        current.breach_status = BreachStatus.SUSPECTED
        records.save(current, "breach_status")
        timeline.append(
            current,
            Kind.CHANGE,
            by=None,
            text=why,
            data={"breach_status": [BreachStatus.NOT_ASSESSED, BreachStatus.SUSPECTED]},
        )
    incident.breach_status, incident.version = current.breach_status, current.version
    grading.apply_floors(incident)


@transaction.atomic
def judge(incident: Incident, status: str, *, by, reason: str) -> Incident:
    """A person's judgement with its reason; ruling out and confirming is the DPO's.

    Raises ValidationError, rights.Denied and records.Closed.
    """
    if status not in set(BreachStatus.values) - {BreachStatus.NOT_ASSESSED}:
        raise ValidationError({"breach_status": _("Use suspected, confirmed or ruled_out.")})
    reason = plain_text.read("breach_reason", reason, needed=_("Say why."))
    current = records.lock_open(incident)
    judged = {status, current.breach_status} & {BreachStatus.CONFIRMED}
    is_dpos = bool(judged) or status == BreachStatus.RULED_OUT
    rights.require(by, Right.RULE_OUT_BREACH if is_dpos else Right.EDIT, current)
    old = current.breach_status
    current.breach_status, current.breach_reason = status, reason
    records.save(current, "breach_status", "breach_reason")
    timeline.append(current, Kind.CHANGE, by=by, text=reason, data={"breach_status": [old, status]})
    grading.apply_floors(current, by=by)
    return current
