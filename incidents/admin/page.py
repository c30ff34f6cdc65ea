"""What the page of one incident shows, read in a fixed number of queries."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents import (
    access,
    ages,
    conversation,
    evidence,
    lifecycle,
    milestones,
    presence,
    rights,
    risk,
)
from incidents.admin import badges, composer, names, panels, refusals, signatures, thread
from incidents.admin.marks import highlight
from incidents.lifecycle import Offer
from incidents.models import Incident, PriorityChange, RiskAssessment, Task
from incidents.rights import Right
from incidents.states import (
    SETTLED_TASK_STATES,
    BreachStatus,
    Milestone,
    Phase,
    State,
    TaskState,
)

# The step that leads on from each state; the others lead aside.
ONWARD = ("acknowledge", "declare", "resolve", "close", "reopen")
# Up to so many tasks all phases stand open; with more, what is due next stands above them.
FEW_TASKS = 8
NEXT_TASKS = 6
# What a step's own form asks for is no obstacle worth counting.
ASKED_ANYWAY = {"reason_missing", "target_missing", "second_signature"}

PAGES = {
    "facts": Right.EDIT,
    "grade": Right.RAISE_PRIORITY,
    "breach": Right.EDIT,
    "milestone": Right.EDIT,
    "assess": Right.ASSESS,
    "task_add": Right.ADD_TASK,
    "evidence_add": Right.ADD_EVIDENCE,
    "note": Right.NOTE,
    "reply": Right.REPLY,
    "share": Right.SHARE,
    "open_evidence": Right.OPEN_EVIDENCE,
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """A button of the state bar, with what the step lacks."""

    name: str
    label: str
    lacks: list[refusals.Lack]
    is_at_once: bool  # nothing to ask, nothing lacking: one POST

    @property
    def count(self) -> int:
        return len(self.lacks)


@dataclass(frozen=True, slots=True)
class PhaseTasks:
    label: str
    done: int
    tasks: list["TaskLine"]
    late: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class TaskLine:
    task: Task
    due: str
    heat: str
    waits_for: str


def context(
    incident: Incident, user, *, view: str, everything: bool, macro: str = ""
) -> dict[str, Any]:
    """Everything that the template names; `macro` is the one that fills the composer."""
    knows = access.may_know_reporter(user, incident)
    reporter = names.reporter(incident, is_known=knows)
    tasks = list(incident.tasks.select_related("assignee").order_by("pk"))
    shown = thread.entries(incident, view, everything=everything)
    sees_internal = rights.allowed(user, Right.SEE_INTERNAL, incident)
    return {
        "incident": incident,
        "severity": badges.severity(incident),
        "priority": badges.priority(incident),
        "state": badges.state(incident),
        "path": _path(incident),
        "phase": _phase(incident),
        "next_steps": (steps := _steps(incident, user)),
        "before": steps[0] if steps and steps[0].lacks else None,
        "is_closed_by_others": _is_closed_by_others(incident, user),
        "may": {name: rights.allowed(user, right, incident) for name, right in PAGES.items()},
        "may_take": rights.allowed(user, Right.ACKNOWLEDGE, incident)
        and incident.owner_id != user.pk,
        "knows_reporter": knows,
        "reporter_name": reporter,
        "story": highlight(
            incident.description,
            [mark for mark in panels.marks(incident) if mark.field == "description"],
        ),
        "thread": (
            thread.lines(shown, incident, reporter=reporter, knows_reporter=knows)
            if sees_internal
            else []
        ),
        "thread_view": view,
        "thread_views": _tabs(incident, view),
        "composer": composer.composer(incident, user, pick=macro),
        "present": present(incident, user),
        "signatures": signatures.waiting_on(incident, user),
        "has_more": not everything and len(shown) == thread.SHOWN,
        "tasks_done": sum(task.is_settled for task in tasks),
        "tasks_late": sum(task.is_overdue for task in tasks),
        "tasks_all": len(tasks),
        "phases": (phases := _phases(tasks)),
        "next_tasks": _next_tasks(phases) if len(tasks) > FEW_TASKS else [],
        "breach_hot": incident.breach_status in {BreachStatus.SUSPECTED, BreachStatus.CONFIRMED},
        "workspaces": list(incident.workspaces.select_related("accountable")),
        "machines": list(incident.virtual_machines.all()),
        "tenants": list(incident.tenants.all()),
        "milestones": _milestones(incident),
        "odd_order": milestones.out_of_order(incident),
        "files": incident.evidence.select_related("added_by"),
        "uploads": ", ".join(f".{ending}" for ending in evidence.ALLOWED),
        "assessments": [_assessed(each) for each in _assessments(incident)],
        "changes": _changes(incident),
        "panels": panels.shown(incident, user),
        "sees_internal": sees_internal,
        "reopening": conversation.request_to_reopen(incident),
        "duplicate_of": _duplicate_of(incident, user),
    }


def present(incident: Incident, user) -> str:
    """Who else is at it now, in one line."""
    here = presence.others(incident, user)
    writing = [str(each.person) for each in here if each.is_editing]
    looking = [str(each.person) for each in here if not each.is_editing]
    lines = []
    if writing:
        told = ngettext("%(names)s is writing", "%(names)s are writing", len(writing))
        lines.append(told % {"names": ", ".join(writing)})
    if looking:
        told = ngettext("%(names)s is looking too", "%(names)s are looking too", len(looking))
        lines.append(told % {"names": ", ".join(looking)})
    return " · ".join(lines)


def _duplicate_of(incident: Incident, user) -> Incident | None:
    """What it was merged into, if this person may see that one. No query for any other."""
    if incident.duplicate_of_id is None:
        return None
    return access.visible_to(user).filter(pk=incident.duplicate_of_id).first()


def _tabs(incident: Incident, view: str) -> list[dict[str, Any]]:
    counts = thread.counts(incident)
    return [
        {"name": name, "label": label, "count": counts[name], "is_here": name == view}
        for name, (label, _kinds) in thread.VIEWS.items()
    ]


def _changes(incident: Incident) -> list[dict[str, Any]]:
    rows = incident.priority_changes.order_by("-pk")[:20]
    return [{"row": row, "is_moved": _is_moved(row)} for row in rows]


def _is_moved(row: PriorityChange) -> bool:
    old = (row.old_severity, row.old_urgency, row.old_priority)
    return row.old_priority is not None and old != (
        row.new_severity,
        row.new_urgency,
        row.new_priority,
    )


def _assessments(incident: Incident) -> Iterable[RiskAssessment]:
    return incident.assessments.select_related("made_by").order_by("-version")


def _assessed(assessment: RiskAssessment) -> dict[str, Any]:
    band = risk.band_of(assessment.score)
    heat = {"critical": "hot", "high": "warm"}.get(band, "")
    return {"row": assessment, "band": band.label, "heat": heat}


def _path(incident: Incident) -> list[dict[str, Any]]:
    """The five states in order: behind, here, ahead."""
    order = list(State)
    here = order.index(State(incident.state))
    return [
        {"label": state.label, "was": number < here, "here": number == here}
        for number, state in enumerate(order)
    ]


def _phase(incident: Incident) -> str:
    words: dict[str, Any] = {**dict(Phase.choices), "analyse": _("analyse"), "review": _("review")}
    return str(words.get(incident.phase, incident.phase))


def _steps(incident: Incident, user) -> list[NextStep]:
    """The steps that this person may try, the one that leads on first."""
    offers = lifecycle.steps_for(incident, user)
    offers.sort(key=lambda offer: offer.step.name not in ONWARD)
    return [_next(offer, incident) for offer in offers]


def _next(offer: Offer, incident: Incident) -> NextStep:
    reasons = [reason for reason in offer.reasons if reason.code not in ASKED_ANYWAY]
    return NextStep(
        name=offer.step.name,
        label=str(offer.step.label),
        lacks=[refusals.lack(reason, incident, step=offer.step.name) for reason in reasons],
        is_at_once=offer.step.name == "acknowledge" and not offer.reasons,
    )


def _is_closed_by_others(incident: Incident, user) -> bool:
    """True when only the closing is left, and it is grave enough to be no business of `user`."""
    is_left = incident.state == State.RESOLVED and rights.is_grave(incident)
    return is_left and not rights.may_close(user, incident)


def _phases(tasks: list[Task]) -> list[PhaseTasks]:
    settled = {task.dedupe_key for task in tasks if task.is_settled}
    codes = {task.dedupe_key: task.code or task.title for task in tasks}
    found = []
    for phase in Phase:
        own = [task for task in tasks if task.phase == phase]
        if own:
            done = sum(task.is_settled for task in own)
            late = sum(task.is_overdue for task in own)
            lines = [_task_line(task, settled, codes) for task in own]
            is_open = done < len(own) and len(tasks) <= FEW_TASKS
            found.append(PhaseTasks(str(phase.label), done, lines, late, is_open))
    return found


def _next_tasks(phases: list[PhaseTasks]) -> list[TaskLine]:
    """The open tasks that can be done now, by due time."""
    lines = [line for phase in phases for line in phase.tasks if not line.task.is_settled]
    ready = [line for line in lines if not line.waits_for and line.task.state != TaskState.BLOCKED]
    ready.sort(key=lambda line: line.task.due_at.timestamp() if line.task.due_at else math.inf)
    return ready[:NEXT_TASKS]


def _task_line(task: Task, settled: set[str], codes: dict[str, str]) -> TaskLine:
    waits = [codes[key] for key in task.after if key in codes and key not in settled]
    if task.state in SETTLED_TASK_STATES:
        label = "" if task.state == TaskState.DONE else str(task.get_state_display())
        return TaskLine(task, label, "", "")
    return TaskLine(task, ages.due(task.due_at), ages.heat(task.due_at), ", ".join(waits))


def _milestones(incident: Incident) -> list[dict[str, Any]]:
    notes = incident.milestone_notes
    return [
        {
            "label": each.label,
            "at": moment,
            "precision": notes.get(each.value, {}).get("precision", ""),
        }
        for each in Milestone
        if (moment := getattr(incident, each.value))
    ]
