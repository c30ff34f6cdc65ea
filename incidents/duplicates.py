"""Duplicates: merging one incident into another, and splitting it off again (DOMAIN.md 1.5).

Called by incidents.lifecycle alone; what the target takes over is in incidents.inheritance.
"""

from collections.abc import Mapping
from typing import Any

from incidents import access, inheritance, records, rights, task_moves, timeline
from incidents.events import incident_merged
from incidents.models import Incident, IncidentLink
from incidents.models.timeline import Kind
from incidents.states import State

MERGE, SPLIT = "merge", "split"
CHAIN_MOST = 50
NOTE_MOST = 300
UNKNOWN_MERGE: dict[str, Any] = {
    "from": State.TRIAGE,
    "before": {"outcome": "", "resolution": ""},
    "tasks": {},
}


def hold(incident: Incident, step: str, inputs: Mapping[str, Any]) -> Incident:
    """Lock the incident, and with it the other one that a merge or a split changes."""
    other = None
    if step == MERGE:
        other = _key(inputs.get("target"))
    elif step == SPLIT:
        other = incident.duplicate_of_id
    if other is not None:
        records.lock_together(incident.pk, other)
    return records.lock(incident)


def hold_all(incident: Incident) -> Incident:
    """Lock the incident, and with it all that it is a duplicate of."""
    if above := _above(incident):
        records.lock_together(incident.pk, *(each.pk for each in above))
    return records.lock(incident)


def aim(incident: Incident, named: str, *, by) -> None:
    """Look up what `by` names as the target, for the guards of the merge.

    One that they may not see, or only read by break-glass, is not found, like one that does not
    exist.
    """
    key = _key(named)
    target = access.visible_to(by).filter(pk=key).first() if key else None
    if target is not None and rights.only_reads(by, target):
        target = None
    above = _above(target) if target else []
    incident.step_target_named, incident.step_target = named, target
    incident.step_target_chain = frozenset(each.pk for each in above)
    is_ours = incident.pk in incident.step_target_chain
    seen = above and not is_ours and access.may_see(by, above[-1])
    incident.step_target_instead = above[-1].reference if seen else ""


def _key(named: Any) -> int | None:
    try:
        return access.key_of(named) if isinstance(named, str) else None
    except Incident.DoesNotExist:
        return None


def _above(incident: Incident) -> list[Incident]:
    """What it is a duplicate of, and so on; the last one is no duplicate."""
    found: list[Incident] = []
    while incident.duplicate_of_id is not None and len(found) < CHAIN_MOST:
        incident = Incident.objects.get(pk=incident.duplicate_of_id)
        found.append(incident)
    return found


def look_back(source: Incident) -> None:
    """Put on `source` what the timeline's entry of its merge says: where it stood before."""
    steps = source.timeline.filter(kind=Kind.TRANSITION, data__step=MERGE)
    last = steps.order_by("-sequence").first() if source.duplicate_of_id else None
    source.step_merge = last.data if last else UNKNOWN_MERGE


def begin(source: Incident, step: str, *, by) -> dict[str, Any]:
    """What comes before the step itself: handing over, or giving back how it had ended.

    Returns what the timeline's entry of the step keeps of it.
    """
    if step == MERGE and source.step_target is not None:
        return _hand_over(source, source.step_target, by=by)
    if step == SPLIT:
        source.step_target = source.duplicate_of
        before = source.step_merge["before"]
        source.outcome, source.resolution = before["outcome"], before["resolution"]
    return {}


def _hand_over(source: Incident, target: Incident, *, by) -> dict[str, Any]:
    source.step_target = target = records.lock(target)
    gained = inheritance.take_over(source, target, by=by)
    moves = task_moves.move(source, target, by=by)
    name = access.name_on(source, target)
    source.resolution = f"Merged into {name}: {source.step_reason}"
    timeline.append(
        target,
        Kind.CHANGE,
        by=by,
        text=source.step_reason,
        data={"merged": access.name_on(target, source), **gained, "tasks": moves.added},
    )
    return {"tasks": moves.settled, "inputs": {"target": name, "reason": source.step_reason}}


def finish(source: Incident, step: str, *, by) -> None:
    """What comes after the step, which has closed `source` or opened it again."""
    if step == MERGE:
        incident_merged.send(Incident, incident=source, target=source.step_target, by=by)
    if step == SPLIT and source.step_target is not None:
        _part(source, source.step_target, by=by)


def _part(source: Incident, target: Incident, *, by) -> None:
    """Tasks as they stood, a link in place of the merge, and a word on the target.

    What the target took over stays there, marked as copied.
    """
    task_moves.restore(source, source.step_merge["tasks"], by=by)
    note = source.step_reason[:NOTE_MOST]
    IncidentLink.objects.get_or_create(
        incident=source, other=target, defaults={"note": note, "by": by}
    )
    current = records.lock(target)
    records.save(current, "updated_at")
    name = access.name_on(current, source)
    timeline.append(current, Kind.CHANGE, by=by, text=source.step_reason, data={"split": name})


def pass_on(incident: Incident) -> None:
    """Whoever works on the target learns that the reporter of a duplicate has written there.

    What was written stays there. Both are locked already.
    """
    if above := _above(incident):
        name = access.name_on(above[-1], incident)
        timeline.append(above[-1], Kind.CHANGE, by=None, data={"wrote": name})
