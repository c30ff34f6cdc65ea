"""Playbooks at work: attaching one lays out its tasks, once for each incident and playbook."""

import json
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import (
    access,
    breach,
    grading,
    need_to_know,
    plain_text,
    records,
    rights,
    roles,
    tasks,
    timeline,
)
from incidents.models import Category, Incident, Task
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.roles import Role
from incidents.states import Confidentiality, Tlp
from workflows import alerts, schedule
from workflows.models import PlaybookRun, PlaybookVersion
from workflows.playbook_parts import Playbook
from workflows.playbook_parts import Task as PlannedTask

FULL, CONFIRM, DISMISSED = (
    PlaybookRun.Mode.FULL,
    PlaybookRun.Mode.CONFIRM,
    PlaybookRun.Mode.DISMISSED,
)
QUEUE = (Role.SDA, Role.IH)


class NoSuchPlaybook(ValidationError):
    """No playbook of this code is in use."""

    def __init__(self, code: str):
        super().__init__({"code": _("There is no playbook %s in use.") % code})


def current() -> list[PlaybookVersion]:
    """The version in use of every playbook. One query."""
    return list(PlaybookVersion.objects.filter(is_current=True).order_by("code"))


def content_of(version: PlaybookVersion) -> Playbook:
    """The playbook in a stored version. Raises pydantic.ValidationError when it is broken."""
    return _parsed(json.dumps(version.content))


@lru_cache(maxsize=64)
def _parsed(content: str) -> Playbook:
    return Playbook.model_validate_json(content)


@transaction.atomic
def attach(incident: Incident, code: str, *, by, why: str, mode: str = FULL) -> PlaybookRun:
    """Attach a playbook by hand, and ring whom it names.

    Raises ValidationError, rights.Denied and records.Closed. Attaching twice is attaching once.
    """
    rights.require(by, Right.ATTACH_PLAYBOOK, incident)
    why = plain_text.read("reason", why, needed=_("Say why."))
    if mode not in {FULL, CONFIRM}:
        raise ValidationError({"mode": _("Use full or confirm.")})
    run, has_changed = start(incident, code, by=by, why=why, mode=mode)
    if has_changed:
        ring(incident, [run], why=why)
    return run


@transaction.atomic
def start(incident: Incident, code: str, *, by, why: str, mode: str) -> tuple[PlaybookRun, bool]:
    """Start a playbook, or upgrade one that waits to be confirmed; True if that changed anything.

    Never downgrades. An incident keeps the version that it started with.
    """
    locked = records.lock_open(incident)
    runs = PlaybookRun.objects.filter(incident=locked).select_related("playbook")
    running = {run.code: run for run in runs}
    run, before = running.get(code), locked.priority
    if run and (run.mode == FULL or mode == CONFIRM):
        return run, False
    version = run.playbook if run else _version(code)
    playbook = content_of(version)
    if run is None:
        run = PlaybookRun(incident=locked, playbook=version, code=code, started_by=by)
    run.mode, run.why = mode, why[:300]
    run.save()
    if mode == CONFIRM:
        added = _lay_out_confirmation(locked, playbook)
    else:
        added = _lay_out(locked, playbook, run)
    if locked.confidentiality == Confidentiality.RESTRICTED and need_to_know.is_by_hand(locked):
        need_to_know.hand_back(locked, by=None)
    elif locked.confidentiality == Confidentiality.RESTRICTED:
        _name(locked, playbook)
    if running and locked.priority != before:
        schedule.recalculate(locked)  # some tasks are due by priority
    timeline.append(
        locked,
        Kind.PLAYBOOK,
        by=by,
        text=why,
        data={"playbook": code, "version": version.version, "mode": mode, "tasks": added},
    )
    incident.refresh_from_db()
    return run, True


def confirm_task(run: PlaybookRun) -> Task | None:
    """The open task that asks whether this playbook applies, or None."""
    return (
        _confirmation(run.incident, run.code).exclude(state__in=tasks.SETTLED_TASK_STATES).first()
    )


def asked_about(task: Task) -> PlaybookRun | None:
    """The playbook run that this task asks about, while the question is open."""
    runs = PlaybookRun.objects.filter(incident=task.incident_id, code=task.playbook, mode=CONFIRM)
    is_question = task.dedupe_key == f"{tasks.QUESTION}{task.playbook}" and not task.is_settled
    return runs.first() if is_question else None


@transaction.atomic
def confirm(run: PlaybookRun, *, by, note: str) -> PlaybookRun:
    """Yes, it applies: finish the question and start the whole playbook, in one act.

    Raises as tasks.answer() does.
    """
    task = confirm_task(run)
    if task is not None:
        tasks.answer(task, by=by, result=note or "Confirmed")
    else:
        rights.require(by, Right.ATTACH_PLAYBOOK, run.incident)
        note = plain_text.read("result", note)
    run, has_changed = start(run.incident, run.code, by=by, why=note or "confirmed", mode=FULL)
    if has_changed:
        ring(run.incident, [run], why=f"confirmed by {by}")
    return run


@transaction.atomic
def dismiss(run: PlaybookRun, *, by, why: str) -> PlaybookRun:
    """No, it does not apply, for this reason. A clear match later still starts it.

    Raises as tasks.answer() does.
    """
    task = confirm_task(run)
    if task is None:
        raise ValidationError({"decision": _("There is nothing to confirm or dismiss.")})
    why = plain_text.read("result", why, needed=_("Say why it does not apply."))
    tasks.answer(task, by=by, result=why)
    run.mode = DISMISSED
    run.save(update_fields=["mode"])
    timeline.append(
        run.incident,
        Kind.PLAYBOOK,
        by=by,
        text=why,
        data={"playbook": run.code, "mode": DISMISSED},
    )
    return run


def ring(incident: Incident, runs: list[PlaybookRun], *, why: str) -> None:
    """Alert whom the priority and these playbooks name; one to confirm rings the queue."""
    called = alerts.roles_for(incident.priority)
    for run in runs:
        called |= set(content_of(run.playbook).alerts if run.mode == FULL else QUEUE)
    cause = "+".join(sorted(f"{run.code}-{run.mode}" for run in runs))
    alerts.request(incident, roles=sorted(called), why=why, cause=cause, priority=incident.priority)


def _version(code: str) -> PlaybookVersion:
    version = PlaybookVersion.objects.filter(code=code, is_current=True).first()
    if version is None:
        raise NoSuchPlaybook(code)
    return version


def _confirmation(incident: Incident, code: str):
    return Task.objects.filter(incident=incident, dedupe_key=f"{tasks.QUESTION}{code}")


def _lay_out_confirmation(incident: Incident, playbook: Playbook) -> list[str]:
    if playbook.confirm_priority:
        grading.raise_to(
            incident,
            priority=playbook.confirm_priority,
            why=f"{playbook.title} may apply",
        )
    planned = playbook.confirm.model_copy(update={"dedupe_key": f"{tasks.QUESTION}{playbook.code}"})
    return _add_tasks(incident, playbook, [planned])


def _lay_out(incident: Incident, playbook: Playbook, run: PlaybookRun) -> list[str]:
    grading.raise_to(
        incident,
        severity=playbook.severity,
        priority=playbook.priority,
        why=f"default of the playbook {playbook.title}",
        inputs={"playbook": playbook.code, "version": playbook.version},
    )
    _classify(incident, playbook)
    if playbook.breach:
        breach.suspect(incident, why=run.why)
    if (question := confirm_task(run)) is not None:
        tasks.cancel(question, reason="The whole playbook was started.")
    added = _add_tasks(incident, playbook, playbook.tasks)
    if playbook.confidentiality == Confidentiality.RESTRICTED:
        _restrict(incident)
    return added


def _classify(incident: Incident, playbook: Playbook) -> None:
    """Category and tags as a first guess; what a person chose stays."""
    locked = records.lock(incident)
    if locked.category_id is None:
        locked.category = Category.at(playbook.category)
    locked.tags = sorted({*locked.tags, *playbook.tags})
    records.save(locked, "category", "tags")
    incident.category, incident.tags, incident.version = (
        locked.category,
        locked.tags,
        locked.version,
    )


def _restrict(incident: Incident) -> None:
    locked = records.lock(incident)
    locked.confidentiality = Confidentiality.RESTRICTED
    locked.tlp = Tlp.RED
    records.save(locked, "confidentiality", "tlp")
    incident.confidentiality, incident.version = locked.confidentiality, locked.version


def _name(incident: Incident, playbook: Playbook) -> None:
    """Put on the need-to-know list managers, security officers, the owner, whoever has a task,
    and whom the playbook rings.
    """
    called = {Role.MIM, Role.CISO, *playbook.alerts}
    people = {
        *(person for held in roles.holders(called).values() for person in held),
        *(task.assignee for task in incident.tasks.select_related("assignee") if task.assignee),
        *([incident.owner] if incident.owner else []),
    }
    access.restrict_to(incident, people)
    timeline.append(
        incident,
        Kind.ACCESS,
        by=None,
        text="Restricted to named people.",
        data={"people": sorted(person.username for person in people)},
    )


def _add_tasks(incident: Incident, playbook: Playbook, planned) -> list[str]:
    """Create the tasks that the incident lacks and tighten those it has; the codes of the new."""
    present = {task.dedupe_key: task for task in incident.tasks.all()}
    keys = {task.id: task.dedupe_key for task in planned}
    people = _people_for(incident, playbook, {task.role for task in planned})
    fresh = []
    for task in planned:
        if task.dedupe_key in present:
            _tighten(present[task.dedupe_key], task, incident)
        else:
            fresh.append(_task(incident, playbook, task, keys, people[task.role]))
    Task.objects.bulk_create(fresh)
    return [task.code for task in fresh]


def _people_for(incident: Incident, playbook: Playbook, wanted: set[str]) -> dict[str, list]:
    """Who may get the tasks of each role. On a restricted incident the service desk gets none."""
    people = roles.holders({*wanted, Role.IH})
    if Confidentiality.RESTRICTED in (incident.confidentiality, playbook.confidentiality):
        people[Role.SDA] = people[Role.IH]
    return people


def _task(incident: Incident, playbook: Playbook, planned: PlannedTask, keys, people) -> Task:
    return Task(
        incident=incident,
        code=planned.id,
        title=planned.title,
        instruction=planned.instruction,
        phase=planned.phase,
        role=planned.role,
        deputy=planned.deputy or "",
        assignee=tasks.assignee_for(incident, people),
        is_mandatory=planned.mandatory,
        is_no_waive=planned.no_waive,
        condition=planned.condition or "",
        due_rule=planned.due,
        due_at=schedule.due_at(incident, planned.due),
        after=[keys.get(each, each) for each in planned.after],
        dedupe_key=planned.dedupe_key,
        result_needed=planned.result,
        procedure=f"{playbook.procedure}, {planned.section}",
        playbook=playbook.code,
        playbook_version=playbook.version,
    )


def _tighten(task: Task, planned: PlannedTask, incident: Incident) -> None:
    """The same work in two playbooks is one task: the earlier due, the stricter marks."""
    if task.is_settled:
        return
    due = schedule.due_at(incident, planned.due)
    if due is not None and (task.due_at is None or due < task.due_at):
        task.due_at, task.due_rule = due, planned.due
    task.is_mandatory |= planned.mandatory
    task.is_no_waive |= planned.no_waive
    if not planned.condition:
        task.condition = ""
    task.save(update_fields=["due_at", "due_rule", "is_mandatory", "is_no_waive", "condition"])
