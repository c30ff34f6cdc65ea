"""The acts of the demo's stories: each is one call of the function that people use for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from incidents import (
    breach,
    conversation,
    evidence,
    facts,
    intake,
    lifecycle,
    milestones,
    risk,
    signatures,
    tasks,
)
from incidents.models import Incident, Task
from incidents.states import SETTLED_TASK_STATES, TaskState
from incidents.steps import STEPS
from workflows import alerts, playbooks
from workflows.models import PlaybookRun

UNITS = {"min": "minutes", "h": "hours", "d": "days"}
MOMENTS = {"contained_at", "recovered_at"}
IMPACTS = ("impact_confidentiality", "impact_integrity", "impact_availability")
ORDINARY_ASSESSMENT = {"personal_data": "no", "confidence": "medium"}


@dataclass(frozen=True, slots=True)
class Stage:
    """The people by user name, and what is usually written as the result of a task."""

    people: Mapping[str, Any]
    results: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scene:
    """One incident, who acts on it, and the stage around them."""

    incident: Incident
    by: Any
    stage: Stage

    def open_tasks(self) -> list[Task]:
        rows = Task.objects.filter(incident=self.incident).select_related("assignee")
        return list(rows.exclude(state__in=SETTLED_TASK_STATES).order_by("pk"))

    def task(self, code: str) -> Task:
        return Task.objects.get(incident=self.incident, code=code)


def span(text: str) -> timedelta:
    """The length of "38 min", "5 h" or "2 d"."""
    amount, unit = text.split()
    return timedelta(**{UNITS[unit]: int(amount)})


def report(story: Mapping[str, Any], stage: Stage) -> Incident:
    """The report with which a story begins."""
    contact = story.get("contact", {})
    return intake.report(
        by=stage.people[story["by"]],
        reporter=stage.people.get(story.get("reporter", "")),
        door=story.get("door", "portal"),
        subject=story["subject"],
        description=story["description"],
        contact_name=contact.get("name", ""),
        contact_email=contact.get("email", ""),
        language=story.get("language", "en"),
        is_exercise=story.get("is_exercise", False),
        files=[_upload(name, text) for name, text in story.get("files", {}).items()],
        answers=story.get("answers", {}),
    )


def play(incident: Incident, act: Sequence[Any], stage: Stage) -> None:
    """Play one act: how long after the report (its moment has come), who, what, with what."""
    _after, username, verb, *rest = act
    scene = Scene(Incident.objects.get(pk=incident.pk), stage.people[username], stage)
    if verb in STEPS:
        _take_step(scene, verb, *rest)
    else:
        ACTS[verb](scene, *rest)


def _take_step(scene: Scene, name: str, inputs: Mapping[str, Any] | None = None) -> None:
    values = {
        key: _after_report(scene, value).isoformat() if key in MOMENTS else value
        for key, value in (inputs or {}).items()
    }
    lifecycle.transition(scene.incident, name, by=scene.by, inputs=values)


def _after_report(scene: Scene, text: str) -> datetime:
    return scene.incident.reported_at + span(text)


def _upload(name: str, text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def act_answer(scene: Scene) -> None:
    """Acknowledge the alert that this person got."""
    mine = scene.incident.alerts.filter(kind="alert", recipient=scene.by, acknowledged_at=None)
    alerts.acknowledge(mine.earliest("pk"), by=scene.by)


def act_assess(scene: Scene, fields: Mapping[str, Any]) -> None:
    impacts = dict(zip(IMPACTS, fields["impact"], strict=True))
    rest = {name: value for name, value in fields.items() if name != "impact"}
    risk.assess(scene.incident, by=scene.by, **{**ORDINARY_ASSESSMENT, **impacts, **rest})


def act_judge(scene: Scene, fields: Mapping[str, str]) -> None:
    breach.judge(scene.incident, fields["status"], by=scene.by, reason=fields["reason"])


def act_milestone(scene: Scene, fields: Mapping[str, str]) -> None:
    moment = _after_report(scene, fields["at"])
    milestones.record(scene.incident, fields["name"], moment, by=scene.by, reason=fields["reason"])


def act_edit(scene: Scene, changes: Mapping[str, Any]) -> None:
    facts.edit(scene.incident, changes, by=scene.by)


def act_reply(scene: Scene, text: str) -> None:
    conversation.reply(scene.incident, text, by=scene.by)


def act_ask(scene: Scene, text: str) -> None:
    conversation.reply(scene.incident, text, by=scene.by, asks=True)


def act_message(scene: Scene, text: str) -> None:
    conversation.receive(scene.incident, text, by=scene.by)


def act_share(scene: Scene, text: str) -> None:
    conversation.share(scene.incident, text, by=scene.by)


def act_ask_to_reopen(scene: Scene, text: str) -> None:
    conversation.ask_to_reopen(scene.incident, text, by=scene.by)


def act_note(scene: Scene, text: str) -> None:
    conversation.note(scene.incident, text, by=scene.by)


def act_file(scene: Scene, fields: Mapping[str, str]) -> None:
    evidence.store(scene.incident, _upload(fields["name"], fields["content"]), by=scene.by)


def act_add_task(scene: Scene, fields: Mapping[str, Any]) -> None:
    tasks.add(scene.incident, by=scene.by, **fields)


def act_start(scene: Scene, code: str) -> None:
    tasks.set_state(scene.task(code), TaskState.IN_PROGRESS, by=scene.by)


def act_finish(scene: Scene, results: Mapping[str, str]) -> None:
    """Finish these tasks; an empty result means the usual one."""
    for code, result in results.items():
        tasks.finish(scene.task(code), by=scene.by, result=result or _usual(scene, code))


def act_waive(scene: Scene, reasons: Mapping[str, str]) -> None:
    for code, reason in reasons.items():
        tasks.waive(scene.task(code), by=scene.by, reason=reason)


def act_settle(scene: Scene, phases: list[str]) -> None:
    """Each open task of these phases is finished by whoever it is assigned to, in its order."""
    while left := [task for task in scene.open_tasks() if task.phase in phases]:
        # If none is ready, finish() says what they wait for.
        for task in [task for task in left if not tasks.waiting_for(task)] or left:
            tasks.finish(task, by=task.assignee, result=_usual(scene, task.code))


def act_dismiss_playbook(scene: Scene, fields: Mapping[str, str]) -> None:
    run = PlaybookRun.objects.get(incident=scene.incident, code=fields["code"])
    playbooks.dismiss(run, by=scene.by, why=fields["why"])


def act_ask_second(scene: Scene, fields: Mapping[str, Any]) -> None:
    """Ask for the second signature; whatever is not act and reason is an input of the act."""
    given = {name: value for name, value in fields.items() if name not in {"act", "why"}}
    signatures.ask(scene.incident, fields["act"], given, by=scene.by, reason=fields["why"])


def act_agree(scene: Scene, note: str) -> None:
    """Give the second signature that waits."""
    signatures.agree(scene.incident.signatures.get(answer=""), by=scene.by, note=note)


def _usual(scene: Scene, code: str) -> str:
    return scene.stage.results["reassess" if code.startswith("PR") else code]


ACTS: dict[str, Callable[..., None]] = {
    "add_task": act_add_task,
    "agree": act_agree,
    "answer": act_answer,
    "ask": act_ask,
    "ask_second": act_ask_second,
    "ask_to_reopen": act_ask_to_reopen,
    "assess": act_assess,
    "dismiss_playbook": act_dismiss_playbook,
    "edit": act_edit,
    "file": act_file,
    "finish": act_finish,
    "judge": act_judge,
    "message": act_message,
    "milestone": act_milestone,
    "note": act_note,
    "reply": act_reply,
    "settle": act_settle,
    "share": act_share,
    "start": act_start,
    "waive": act_waive,
}
