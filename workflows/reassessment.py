"""Asking a person to look at the priority again when the facts moved (DOMAIN.md 2.3)."""

from datetime import timedelta

from django.db import transaction

from incidents import clock, records, roles, tasks, timeline
from incidents.models import Incident, Task
from incidents.models.timeline import Kind
from incidents.roles import Role
from incidents.states import SETTLED_TASK_STATES, Phase, State
from workflows import working_hours

REACTION = {1: (1, 0), 2: (4, 0), 3: (0, 1), 4: (0, 5)}  # hours, working days
KEY = "reassess-priority"
# Work of a playbook that asks the same question already
SAME_QUESTION = ("risk-assessment", "RK4")
TELLING_FACTS = {"workspaces", "virtual_machines", "tenants", "users_affected", "personal_data"}


@transaction.atomic
def ask(incident: Incident, why: str) -> Task | None:
    """Add the task "reassess the priority" unless one like it is open. None when it is, or when
    the incident is closed.
    """
    current = records.lock(incident)
    rows = current.tasks.all()
    is_asked = rows.filter(dedupe_key__startswith=KEY) | rows.filter(dedupe_key__in=SAME_QUESTION)
    if current.is_closed or is_asked.exclude(state__in=SETTLED_TASK_STATES).exists():
        return None
    number = rows.filter(dedupe_key__startswith=KEY).count() + 1
    task = Task.objects.create(
        incident=current,
        code=f"PR{number}",
        title="Reassess the priority",
        instruction=f"{why}. It is P{current.priority} now. Set it anew, or say why it stays.",
        phase=Phase.ASSESS,
        role=Role.IH,
        assignee=tasks.assignee_for(current, roles.holders([Role.IH])[Role.IH]),
        due_at=_due(current),
        dedupe_key=f"{KEY}-{number}",
        result_needed="Priority before and after, and why",
    )
    timeline.append(
        current,
        Kind.TASK,
        by=None,
        text=why,
        data={"act": "added", "task": task.code, "title": task.title},
    )
    return task


def _due(incident: Incident):
    """From now on: 1 h, 4 h, 1 or 5 working days, by priority (DOMAIN.md 2.3)."""
    hours, days = REACTION[incident.priority]
    now = clock.now()
    if hours:
        return now + timedelta(hours=hours)
    return working_hours.calendar().add_working_days(now, days)


def ask_about_facts(incident: Incident, changed) -> None:
    """Ask if what changed tells of a wider or narrower reach.

    Before triage nobody has judged the priority yet, and the reporter may still be answering.
    """
    if incident.state == State.NEW:
        return
    if names := sorted(TELLING_FACTS.intersection(changed)):
        ask(incident, f"Changed: {', '.join(names).replace('_', ' ')}")
