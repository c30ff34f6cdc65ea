"""Work on an incident: adding, assigning, finishing with a result, waiving with a reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import clock, need_to_know, plain_text, records, rights, roles, timeline
from incidents.events import task_settled
from incidents.guards import Reason, Refused
from incidents.models import Incident, Task
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.roles import Role
from incidents.states import SETTLED_TASK_STATES, Confidentiality, TaskState

OVERSEERS = {Role.MIM, Role.CISO}
BY_HAND = "x-"  # so begins the dedupe key of a task added by hand: a number, which says nothing
QUESTION = "confirm-"  # so begins the dedupe key of a task that asks whether a playbook applies


class TaskRefused(Refused):
    """The task cannot be settled now."""


@transaction.atomic
def add(
    incident: Incident,
    *,
    by,
    title: str,
    phase: str,
    role: str,
    assignee=None,
    due_at: datetime | None = None,
    instruction: str = "",
    result_needed: str = "",
    is_mandatory: bool = False,
) -> Task:
    """Add a task by hand. Raises ValidationError, rights.Denied and records.Closed."""
    rights.require(by, Right.ADD_TASK, incident)
    title = plain_text.one_line(
        plain_text.read("title", title, needed=_("Say what is to be done."))
    )
    instruction = plain_text.read("instruction", instruction)
    result_needed = plain_text.read("result_needed", result_needed)
    if role not in roles.WORKING:
        raise ValidationError({"role": _("Use a role that can be given work.")})
    if assignee is not None:
        _check_works_here(assignee)
    current = records.lock_open(incident)
    if assignee is not None:
        need_to_know.check_sees(current, assignee, "assignee")
    number = current.tasks.filter(dedupe_key__startswith=BY_HAND).count() + 1
    task = Task(
        incident=current,
        code=f"X{number:02d}",
        title=title,
        instruction=instruction,
        phase=phase,
        role=role,
        assignee=assignee or _by_default(current, role),
        due_at=due_at,
        result_needed=result_needed,
        is_mandatory=is_mandatory,
        dedupe_key=f"{BY_HAND}{number}",
    )
    task.full_clean(exclude=["incident", "after"])
    task.save()
    records.save(current, "updated_at")
    timeline.append(
        current, Kind.TASK, by=by, data={"act": "added", "task": task.code, "title": task.title}
    )
    return task


def assignee_for(incident: Incident, people: Sequence[Any]):
    """Who of `people` (least loaded first) gets a task: the owner if among them, else the first."""
    return next((each for each in people if each.pk == incident.owner_id), next(iter(people), None))


def _by_default(incident: Incident, role: str):
    """Who gets a task of this role; on a restricted incident only somebody who is named."""
    people = roles.holders([role]).get(role, [])
    if incident.confidentiality == Confidentiality.RESTRICTED:
        named = set(incident.named_people.values_list("person", flat=True))
        people = [each for each in people if each.pk in named]
    return assignee_for(incident, people)


def may_work_on(user, task: Task) -> bool:
    """The assignee, whoever holds the task's role or stands in for it, and the two overseers."""
    if not user.is_active:
        return False
    if getattr(user, "is_superuser", False) and rights.only_reads(user, task.incident):
        return False
    return task.assignee_id == user.pk or bool(roles.of(user) & {*_fitting(task), *OVERSEERS})


def _fitting(task: Task) -> set[str]:
    """The roles that a task is for: its own, whoever stands in, and the deputy."""
    return {*roles.chain(task.role), *([task.deputy] if task.deputy else [])}


def waiting_for(task: Task) -> list[Task]:
    """The tasks that must be settled before this one. One query, none without dependencies."""
    if not task.after:
        return []
    before = Task.objects.filter(incident_id=task.incident_id, dedupe_key__in=task.after)
    return list(before.exclude(state__in=SETTLED_TASK_STATES))


@transaction.atomic
def finish(task: Task, *, by, result: str) -> Task:
    """Mark a task done and write its result to the timeline.

    Raises ValidationError (no result), rights.Denied, TaskRefused and records.Closed. A question
    is not finished but answered: else it would be gone and nothing decided.
    """
    if task.dedupe_key.startswith(QUESTION):
        message = _("Confirm or dismiss: this task asks for a decision.")
        raise TaskRefused([Reason("task_asks_for_decision", message)])
    return answer(task, by=by, result=result)


@transaction.atomic
def answer(task: Task, *, by, result: str) -> Task:
    """Settle a task with its result; for a question the caller carries out what was decided.

    Raises as finish() does.
    """
    current, incident = _take(task)
    if not may_work_on(by, current):
        raise rights.Denied("finish_this_task")
    needed = current.result_needed or _("what was done")
    result = plain_text.read("result", result, needed=_("Write the result: %s.") % needed)
    if before := waiting_for(current):
        names = ", ".join(each.code for each in before)
        raise TaskRefused([Reason("task_waits", _("Finish first: %s.") % names)])
    current.result = result
    return _settle(current, incident, TaskState.DONE, by=by, text=current.result)


@transaction.atomic
def waive(task: Task, *, by, reason: str) -> Task:
    """Waive a task with a reason.

    A task marked no-waive can be waived only when it depends on a condition, and the reason then
    says that the condition does not hold. Raises as finish() does.
    """
    current, incident = _take(task)
    if not rights.may_waive(by, current):
        raise rights.Denied(Right.WAIVE_TASK)
    reason = plain_text.read("reason", reason, needed=_("Say why this task is not needed."))
    if current.is_no_waive and not current.condition:
        raise TaskRefused([Reason("task_no_waive", _("This task can never be waived."))])
    current.reason = reason
    return _settle(current, incident, TaskState.WAIVED, by=by, text=current.reason)


@transaction.atomic
def cancel(task: Task, *, reason: str, by=None) -> Task:
    """Close a task that another one covers; `by` None is the machine. Raises as finish() does."""
    current, incident = _take(task)
    current.reason = reason
    return _settle(current, incident, TaskState.CANCELLED, by=by, text=reason)


@transaction.atomic
def assign(task: Task, person, *, by) -> Task:
    """Give a task to `person`, who holds a fitting role; the two overseers may give it to anybody
    who works here. Raises as finish() does.
    """
    current, incident = _take(task)
    rights.require(by, Right.ASSIGN_TASK, incident)
    _check_fits(person, current, by)
    need_to_know.check_sees(incident, person, "assignee")
    current.assignee = person
    current.save(update_fields=["assignee"])
    records.save(incident, "updated_at")
    timeline.append(
        incident,
        Kind.TASK,
        by=by,
        data={"act": "assigned", "task": current.code, "to": person.username},
    )
    return current


@transaction.atomic
def set_state(task: Task, state: str, *, by, reason: str = "") -> Task:
    """Start, block (with a reason) or put back a task. Raises as finish() does."""
    current, incident = _take(task)
    if not may_work_on(by, current):
        raise rights.Denied("change_this_task")
    if state not in {TaskState.TODO, TaskState.IN_PROGRESS, TaskState.BLOCKED}:
        raise ValidationError({"state": _("Use todo, in_progress or blocked.")})
    needed = _("Say what blocks it.") if state == TaskState.BLOCKED else ""
    current.state, current.reason = state, plain_text.read("reason", reason, needed=needed)
    current.save(update_fields=["state", "reason"])
    records.save(incident, "updated_at")
    timeline.append(
        incident,
        Kind.TASK,
        by=by,
        text=current.reason,
        data={"act": state, "task": current.code},
    )
    return current


def _check_works_here(person) -> None:
    if not roles.of(person) & roles.WORKING:
        raise ValidationError({"assignee": _("Name somebody who holds a role here.")})


def _check_fits(person, task: Task, by) -> None:
    """Otherwise whoever assigns could take, and finish, the work of any role."""
    _check_works_here(person)
    held = roles.of(person)
    if not held & _fitting(task) and not roles.of(by) & OVERSEERS:
        raise ValidationError(
            {"assignee": _("Name somebody who holds the role %s.") % task.get_role_display()}
        )


def _take(task: Task) -> tuple[Task, Incident]:
    """The task and its incident, locked in this order: incident, then task."""
    incident = records.lock_open(task.incident)
    current = Task.objects.select_for_update().get(pk=task.pk)
    current.incident = incident
    if current.is_settled:
        message = _("This task is settled already: %s.") % current.get_state_display()
        raise TaskRefused([Reason("task_settled", message)])
    return current, incident


def _settle(task: Task, incident: Incident, state: TaskState, *, by, text: str) -> Task:
    task.state = state
    task.settled_at = clock.now()
    task.settled_by = by
    task.save()
    records.save(incident, "updated_at")
    timeline.append(
        incident,
        Kind.TASK,
        by=by,
        text=text,
        data={"act": state, "task": task.code, "title": task.title},
    )
    task_settled.send(Task, task=task, by=by)
    return task
