"""When tasks are due, and moving their due times when a milestone or a result changes them."""

from datetime import datetime

from django.db import transaction

from incidents import records, timeline
from incidents.models import Incident, Task
from incidents.models.timeline import Kind
from incidents.states import SETTLED_TASK_STATES
from workflows import due, working_hours
from workflows.models import PlaybookRun


def due_at(
    incident: Incident,
    rule: str,
    *,
    settled: dict[str, datetime] | None = None,
    facts: dict[str, float] | None = None,
) -> datetime | None:
    """The moment that a due rule means on this incident; None while its anchor is unknown."""
    if not rule:
        return None
    anchors = {
        "R": incident.reported_at,
        "A": incident.aware_at,
        "C": incident.contained_at,
        "X": incident.resolved_at,
        **(settled or {}),
    }
    return due.parse(rule).at(
        anchors,
        priority=incident.priority,
        calendar=working_hours.calendar(),
        facts=facts or {},
    )


@transaction.atomic
def recalculate(incident: Incident) -> list[Task]:
    """Set the due times of open tasks anew and note on the timeline what moved."""
    current = records.lock(incident)
    rows = list(current.tasks.all())
    settled = _settled_by_id(current, rows)
    facts = _facts(current)
    moved = []
    for task in rows:
        if task.state in SETTLED_TASK_STATES or not task.due_rule:
            continue
        fresh = due_at(current, task.due_rule, settled=settled, facts=facts)
        if fresh is not None and fresh != task.due_at:
            task.due_at = fresh
            task.save(update_fields=["due_at"])
            moved.append(task)
    if moved:
        timeline.append(
            current,
            Kind.TASK,
            by=None,
            data={"act": "due", "tasks": {task.code: task.due_at for task in moved}},
        )
    return moved


def _settled_by_id(incident: Incident, rows: list[Task]) -> dict[str, datetime]:
    """When each task id of the running playbooks was settled.

    By way of the dedupe key: a rule may count from RK3 while the row on the incident is CM3.
    """
    by_key = {task.dedupe_key: task.settled_at for task in rows if task.settled_at}
    runs = PlaybookRun.objects.filter(incident=incident).select_related("playbook")
    planned = [task for run in runs for task in run.playbook.content.get("tasks", [])]
    return {
        task["id"]: by_key[task["dedupe_key"]] for task in planned if task["dedupe_key"] in by_key
    }


def _facts(incident: Incident) -> dict[str, float]:
    assessment = incident.assessments.order_by("-version").first()
    return {"score": assessment.score} if assessment else {}
