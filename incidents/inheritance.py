"""What an incident takes over from its duplicate (DOMAIN.md 1.5).

The earliest moments, the strictest marks, the higher grades, everything affected, every file. The
duplicate keeps all of its own. Nothing that its reporter wrote is shown to another reporter.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from incidents import (
    access,
    evidence,
    grading,
    milestones,
    need_to_know,
    records,
    rights,
    timeline,
)
from incidents.events import facts_changed
from incidents.models import Incident, NamedPerson
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.states import (
    BreachStatus,
    Confidentiality,
    Milestone,
    Precision,
    Tlp,
)

MOMENTS = (Milestone.NOTICED_AT, Milestone.REPORTED_AT, Milestone.AWARE_AT)
LINKED = ("workspaces", "virtual_machines", "tenants")
LINES = ("workspaces_text", "virtual_machines_text")
PHRASES = ("concerned", "supplier")
GRAVITY = {BreachStatus.SUSPECTED: 1, BreachStatus.CONFIRMED: 2}


def earliest(own: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (own, other) if each is not None), default=None)


def strictest(own: str, other: str) -> str:
    """Of two labels of the Traffic Light Protocol."""
    order = list(Tlp.values)
    return min(own, other, key=order.index)


def gravest(own: str, other: str) -> str:
    """Of two breach states. That it was ruled out was said of the duplicate alone."""
    return max(own, other, key=lambda status: GRAVITY.get(BreachStatus(status), 0))


def joined(own: str, other: str, *, by: str, most: int) -> str:
    """Both texts, each part once; what does not fit any more stays on the duplicate."""
    parts = [part.strip() for part in own.split(by) if part.strip()]
    text = own
    for part in (part.strip() for part in other.split(by)):
        longer = f"{text}{by}{part}" if text else part
        if part and part not in parts and len(longer) <= most:
            text, parts = longer, [*parts, part]
    return text


def take_over(source: Incident, target: Incident, *, by) -> dict[str, Any]:
    """Put on `target` what it takes over, and save it; what it gained, for its timeline.

    Both are locked. Tasks are a matter of their own: incidents/task_moves.py. Raises rights.Denied
    for whoever may not restrict the target, or name people there, where the duplicate asks for it.
    """
    _restrict(source, target, by=by)
    name = access.name_on(target, source)
    changed = {
        **_moments(source, target, name),
        **_facts(source, target),
        **_links(source, target),
    }
    records.save(
        target,
        *MOMENTS,
        "noticed_at_precision",
        "milestone_notes",
        *LINES,
        *PHRASES,
        "tags",
        "tlp",
        "legal_hold",
        "confidentiality",
        "breach_status",
        "breach_reason",
    )
    grading.raise_to(
        target,
        severity=source.severity,
        severity_by=source.severity_by,
        priority=source.priority,
        why=f"Merged from {name}",
        by=by,
    )
    grading.apply_floors(target, by=by)
    copies = evidence.copy_all(source, target, by=by, purpose=f"Merged from {name}")
    facts_changed.send(Incident, incident=target, changed=changed, by=by)
    return {"gained": changed, "files": [each.pk for each in copies]}


def _moments(source: Incident, target: Incident, name: str) -> dict[str, Any]:
    changed = {}
    for moment in MOMENTS:
        old, other = getattr(target, moment), getattr(source, moment)
        if (new := earliest(old, other)) == old:
            continue
        precision = source.milestone_notes.get(moment, {}).get("precision", Precision.UNKNOWN)
        milestones.note(target, moment, new, source=f"merged from {name}", precision=precision)
        if moment == Milestone.NOTICED_AT:
            target.noticed_at_precision = source.noticed_at_precision
        changed[str(moment)] = [old, new]
    return changed


def _facts(source: Incident, target: Incident) -> dict[str, Any]:
    fresh: dict[str, Any] = {
        "tlp": strictest(target.tlp, source.tlp),
        "legal_hold": target.legal_hold or source.legal_hold,
        "tags": sorted({*target.tags, *source.tags}),
        "breach_status": gravest(target.breach_status, source.breach_status),
    }
    if source.reporter_id is not None and source.reporter_id == target.reporter_id:
        fresh |= _words(source, target)
    if fresh["breach_status"] != target.breach_status and source.breach_reason:
        fresh["breach_reason"] = source.breach_reason
    changed = {}
    for field, value in fresh.items():
        old = getattr(target, field)
        if value != old:
            setattr(target, field, value)
            changed[field] = [old, value]
    return changed


def _words(source: Incident, target: Incident) -> dict[str, str]:
    """What one reporter wrote twice. Words of another one stay on the duplicate: the reporter of
    the target reads these facts.
    """
    return {
        text: joined(getattr(target, text), getattr(source, text), by=by, most=_most(text))
        for names, by in ((LINES, "\n"), (PHRASES, "; "))
        for text in names
    }


def _most(text: str) -> int:
    return Incident._meta.get_field(text).max_length or 0


def _links(source: Incident, target: Incident) -> dict[str, Any]:
    changed = {}
    for field in LINKED:
        own, others = getattr(target, field), getattr(source, field)
        before = _names(own.all())
        own.add(*others.all())
        after = _names(own.all())
        if after != before:
            changed[field] = [before, after]
    return changed


def _names(rows: Iterable[Any]) -> list[str]:
    return sorted(row.name for row in rows)


def _restrict(source: Incident, target: Incident, *, by) -> None:
    """A restricted duplicate makes an open target restricted, to the people who see the duplicate.

    Where both are restricted, both name the same people (guards.target_is_of_one_circle).
    """
    is_to_spread = source.confidentiality == Confidentiality.RESTRICTED
    if not is_to_spread or target.confidentiality == Confidentiality.RESTRICTED:
        return
    rights.require(by, Right.RESTRICT, target)
    rows = NamedPerson.objects.filter(incident=source).select_related("person")
    people = [row.person for row in rows]
    relieved = need_to_know.enclose(target, people, by=by)
    timeline.append(
        target,
        Kind.ACCESS,
        by=by,
        text="Restricted to named people, as the duplicate was.",
        data={"people": sorted(person.username for person in people), **relieved},
    )
    need_to_know.hand_back(target, by=by)
