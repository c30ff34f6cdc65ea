"""Severity, urgency, priority: how bad, how fast, what first (DOMAIN.md 2).

The machine only ever raises. Lowering is a person's act, with a reason and a right of its own,
and never below a floor. Every change is a row in PriorityChange.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import plain_text, records, rights, timeline
from incidents.events import priority_raised
from incidents.guards import A_SECOND_PERSON, SECOND_SIGNATURE, Reason, SignatureRefused
from incidents.models import Incident, PriorityChange
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.states import BreachStatus, Ongoing, Priority, Severity, Urgency

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# DOMAIN.md 2.3, rows SEV1 to SEV4, columns U1 to U4
MATRIX = (
    (1, 1, 1, 2),
    (1, 2, 2, 3),
    (2, 3, 3, 4),
    (3, 4, 4, 4),
)
SCALES = ("functional", "information", "recoverability", "scope")
UNKNOWN = "unknown"

# GDPR art. 9(1) and 10; the words of the assessment form (DOMAIN.md 2.4)
SPECIAL_CATEGORIES = {
    "health",
    "genetic",
    "biometric",
    "ethnic",
    "political",
    "religious",
    "union",
    "sex_life",
    "criminal",
}
P1_TAGS = {"x-ransomware", "x-cross-tenant", "x-active-intruder"}
MANY_PEOPLE = 100


@dataclass(frozen=True, slots=True)
class Floor:
    """The priority is never lower than this while `why` is true."""

    priority: Priority
    why: "StrPromise"  # in the language of whoever reads it


def priority_of(severity: int, urgency: int) -> Priority:
    """The cell of the matrix of DOMAIN.md 2.3."""
    return Priority(MATRIX[severity - 1][urgency - 1])


def severity_of(scales: Mapping[str, int | str]) -> Severity:
    """The worst of the four scales (DOMAIN.md 2.1); each is 1 to 4 or "unknown".

    Something unknown counts as one step worse than the known evidence; with nothing known, the
    evidence is taken as SEV3. Raises ValidationError naming the scale.
    """
    for name in scales:
        if name not in SCALES:
            raise ValidationError({"scales": _("There is no scale %s.") % name})
        if not isinstance(scales[name], int | str) or scales[name] not in {1, 2, 3, 4, UNKNOWN}:
            raise ValidationError({"scales": _("%s must be 1 to 4 or unknown.") % name})
    known = [value for name in SCALES if isinstance(value := scales.get(name, UNKNOWN), int)]
    worst = min(known, default=Severity.SEV3)
    has_unknown = len(known) < len(SCALES)
    return Severity(max(Severity.SEV1, worst - has_unknown))


def urgency_of(ongoing: str) -> Urgency:
    """The urgency before triage, from "still going on?"; unknown is one step worse than no."""
    return Urgency.U3 if ongoing == Ongoing.NO else Urgency.U2


def floors(incident: Incident) -> list[Floor]:
    """The floors that hold now (DOMAIN.md 2.3). One query."""
    assessment = incident.assessments.order_by("-version").first()
    found = []
    if incident.breach_status in {BreachStatus.SUSPECTED, BreachStatus.CONFIRMED}:
        found.append(Floor(Priority.P2, gettext_lazy("a personal data breach is not ruled out")))
    if incident.breach_status == BreachStatus.CONFIRMED and _is_grave_breach(assessment):
        found.append(
            Floor(
                Priority.P1,
                gettext_lazy("a confirmed breach of special data, of minors or of many people"),
            )
        )
    if P1_TAGS & set(incident.tags):
        why = gettext_lazy("ransomware, an active intruder or cross-tenant access")
        found.append(Floor(Priority.P1, why))
    if incident.category and incident.category.code == "privileged-account-compromise":
        found.append(Floor(Priority.P2, gettext_lazy("a privileged account")))
    return found


def _is_grave_breach(assessment) -> bool:
    if assessment is None:
        return False
    return bool(
        SPECIAL_CATEGORIES & set(assessment.data_categories)
        or "children" in assessment.subject_categories
        or (assessment.subjects_most or assessment.subjects_least or 0) > MANY_PEOPLE
    )


def open_history(incident: Incident) -> None:
    """The first row of the history, written when the incident is born."""
    _record(incident, old=(None, None, None), by=None, why="as reported", inputs={})


@transaction.atomic
def raise_to(
    incident: Incident,
    *,
    why: str,
    severity: int = Severity.SEV4,
    severity_by=None,
    priority: int = Priority.P4,
    by=None,
    inputs: dict[str, Any] | None = None,
) -> bool:
    """Raise severity and priority to at least these. Return False if they were as high already.

    Changes `incident` itself too, so that the caller goes on with what is stored. A severity set
    by a person stays, unless `severity_by` says that a worse one is a person's judgement too.
    """
    current = records.lock(incident)
    old = (current.severity, current.urgency, current.priority)
    is_open_to_it = current.severity_by_id is None or severity_by is not None
    if severity < current.severity and is_open_to_it:
        current.severity, current.severity_by = severity, severity_by
    current.priority = min(current.priority, priority)
    _copy_grades(current, incident)
    if (current.severity, current.urgency, current.priority) == old:
        return False
    records.save(current, "severity", "severity_by", "priority")
    incident.version = current.version
    _record(current, old=old, by=by, why=why, inputs=inputs or {})
    return True


def apply_floors(incident: Incident, *, by=None) -> None:
    """Raise the priority to the highest floor that holds now."""
    held = floors(incident)
    if held:
        highest = min(held, key=lambda floor: floor.priority)
        raise_to(incident, priority=highest.priority, why=timeline.in_english(highest.why), by=by)


@transaction.atomic
def regrade(
    incident: Incident,
    *,
    by,
    why: str,
    severity: int | None = None,
    urgency: int | None = None,
    priority: int | None = None,
    scales: Mapping[str, int | str] | None = None,
    asked_by=None,
    version: int | None = None,
) -> Incident:
    """A person's judgement. Without `priority` it follows the matrix, but only upwards.

    Lowering from P1 or P2 takes two people; `asked_by` is the first one, incidents.signatures
    gives it. Raises ValidationError (no reason, a value out of range, below a floor),
    rights.Denied, records.Stale and guards.SignatureRefused.
    """
    current = records.lock_open(incident, version=version)
    old = (current.severity, current.urgency, current.priority)
    why = plain_text.read("reason", why, needed=_("Say why."))
    if scales is not None:
        current.scales = dict(scales)
        severity = severity or severity_of(scales)
    if severity is not None:
        rights.require(by, Right.CLASSIFY, current)
        current.severity = _in_range("severity", Severity, severity)
        current.severity_by = by
    if urgency is not None:
        current.urgency = _in_range("urgency", Urgency, urgency)
    _set_priority(current, priority, by)
    if takes_two(old[2], current.priority) and asked_by is None:
        raise SignatureRefused([Reason(SECOND_SIGNATURE, str(A_SECOND_PERSON))])
    records.save(current)
    inputs: dict[str, Any] = {"scales": dict(scales or {})}
    if asked_by is not None:
        inputs["asked_by"] = timeline.name_of(asked_by)
    _record(current, old=old, by=by, why=why, inputs=inputs)
    _copy_grades(current, incident)
    return current


def takes_two(before: int, after: int) -> bool:
    """DOMAIN.md 2.3: nobody lowers P1 or P2 alone."""
    return before <= Priority.P2 and after > before


def _set_priority(incident: Incident, asked: int | None, by) -> None:
    matrix = priority_of(incident.severity, incident.urgency)
    limit = min([floor.priority for floor in floors(incident)], default=Priority.P4)
    if asked is None:
        wanted = min(incident.priority, matrix, limit)
    else:
        wanted = _in_range("priority", Priority, asked)
    if wanted > limit:
        why = next(floor.why for floor in floors(incident) if floor.priority == limit)
        raise ValidationError({"priority": _("Not below P%d: %s.") % (limit, why)})
    is_lower = wanted > incident.priority
    rights.require(by, Right.LOWER_PRIORITY if is_lower else Right.RAISE_PRIORITY, incident)
    incident.priority = wanted


def _in_range(name: str, enum, value: int) -> int:
    if value not in enum.values:
        raise ValidationError({name: _("Use a number from 1 to 4.")})
    return value


def _copy_grades(source: Incident, target: Incident) -> None:
    for name in ("severity", "severity_by", "urgency", "priority", "scales", "version"):
        setattr(target, name, getattr(source, name))


def _record(incident: Incident, *, old: tuple, by, why: str, inputs: dict[str, Any]) -> None:
    PriorityChange.objects.create(
        incident=incident,
        by=by,
        by_name=timeline.name_of(by),
        old_severity=old[0],
        new_severity=incident.severity,
        old_urgency=old[1],
        new_urgency=incident.urgency,
        old_priority=old[2],
        new_priority=incident.priority,
        why=why,
        inputs=inputs,
    )
    if old[2] is not None:
        timeline.append(
            incident,
            Kind.PRIORITY,
            by=by,
            text=why,
            data={
                "severity": [old[0], incident.severity],
                "urgency": [old[1], incident.urgency],
                "priority": [old[2], incident.priority],
            },
        )
        if by is not None and incident.priority < old[2]:
            priority_raised.send(Incident, incident=incident, by=by)
