"""The open tasks of a duplicate: a task never changes its incident, so each is laid out anew.

What the target has already, by dedupe key, is covered there. A split puts back what the merge took.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from incidents import access, clock, timeline
from incidents.models import Incident, NamedPerson, Task
from incidents.models.timeline import Kind
from incidents.states import OPEN_TASK_STATES, Confidentiality, TaskState
from incidents.tasks import BY_HAND

CODE_MOST, KEY_MOST = 20, 60
TAKEN_ALONG = (
    "title",
    "instruction",
    "phase",
    "role",
    "deputy",
    "assignee",
    "state",
    "reason",
    "is_mandatory",
    "is_no_waive",
    "condition",
    "due_rule",
    "due_at",
    "after",
    "result_needed",
    "procedure",
    "playbook",
    "playbook_version",
)


# What was never done there covers nothing here.
NOT_DONE = {TaskState.WAIVED, TaskState.CANCELLED}


@dataclass
class Moves:
    """`settled`: each task that was taken off the duplicate, as it stood; `added`: new codes."""

    settled: dict[str, dict[str, str]] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)


def move(source: Incident, target: Incident, *, by) -> Moves:
    """Settle every open task of `source`: covered by one of `target`, or gone on there."""
    moves = Moves()
    there = {task.dedupe_key: task for task in target.tasks.all()}
    codes = {task.code for task in there.values()}
    by_hand = sum(key.startswith(BY_HAND) for key in there)
    fresh, rows = [], list(source.tasks.filter(state__in=OPEN_TASK_STATES).order_by("pk"))
    name = access.name_on(source, target)
    for task in rows:
        moves.settled[task.dedupe_key] = {"state": str(task.state), "reason": task.reason}
        own = None if task.dedupe_key.startswith(BY_HAND) else there.get(task.dedupe_key)
        if own is not None and own.state not in NOT_DONE:
            _tighten(own, task)
            why = f"covered by {name} {own.code}".strip()
        else:
            copied = _anew(task, target, codes)
            if own is not None:
                copied.dedupe_key = f"{task.dedupe_key}-{source.pk}"[:KEY_MOST]
            elif task.dedupe_key.startswith(BY_HAND):
                by_hand += 1
                copied.dedupe_key = f"{BY_HAND}{by_hand}"
                copied.code = _free(f"X{by_hand:02d}", codes)
            fresh.append(copied)
            codes.add(copied.code)
            why = f"moved to {name}"
        _cancel(task, why, by)
    _keep_in_sight(fresh, target)
    Task.objects.bulk_update(rows, ["state", "reason", "settled_at", "settled_by"])
    Task.objects.bulk_create(fresh)
    moves.added = [task.code for task in fresh]
    return moves


def _anew(task: Task, target: Incident, codes: set[str]) -> Task:
    values = {name: getattr(task, name) for name in TAKEN_ALONG}
    return Task(incident=target, code=_free(task.code, codes), dedupe_key=task.dedupe_key, **values)


def _free(code: str, taken: set[str]) -> str:
    """`code`, or with a number behind it if another task there bears it."""
    number, free = 1, code
    while free and free in taken:
        number += 1
        free = f"{code[: CODE_MOST - 4]}-{number}"
    return free


def _tighten(own: Task, other: Task) -> None:
    """The same work twice is one task: the earlier due, the stricter marks."""
    if own.is_settled:
        return
    if other.due_at is not None and (own.due_at is None or other.due_at < own.due_at):
        own.due_at = other.due_at
    own.is_mandatory |= other.is_mandatory
    own.is_no_waive |= other.is_no_waive
    if not other.condition:
        own.condition = ""
    own.save(update_fields=["due_at", "is_mandatory", "is_no_waive", "condition"])


def _cancel(task: Task, why: str, by) -> None:
    task.state, task.reason = TaskState.CANCELLED, why
    task.settled_at, task.settled_by = clock.now(), by


def _keep_in_sight(fresh: list[Task], target: Incident) -> None:
    """Work on a restricted incident is for its named people; the rest waits for an assignee."""
    if target.confidentiality != Confidentiality.RESTRICTED:
        return
    named = set(NamedPerson.objects.filter(incident=target).values_list("person", flat=True))
    for task in fresh:
        if task.assignee_id not in named:
            task.assignee = None


def restore(source: Incident, settled: Mapping[str, Mapping[str, str]], *, by) -> None:
    """Put back the tasks that a merge took off, each as it stood. `source` is open again."""
    rows = list(source.tasks.filter(dedupe_key__in=settled, state=TaskState.CANCELLED))
    for task in rows:
        before = settled[task.dedupe_key]
        task.state, task.reason = before["state"], before["reason"]
        task.settled_at = task.settled_by = None
    Task.objects.bulk_update(rows, ["state", "reason", "settled_at", "settled_by"])
    if rows:
        timeline.append(
            source,
            Kind.TASK,
            by=by,
            data={"act": "restored", "tasks": [task.code or task.title for task in rows]},
        )
