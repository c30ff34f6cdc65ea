"""The beginning of a hand-over note: how each open P1 and P2 stands, as the record knows it."""

from django.db.models import F
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.held_work import Work
from incidents.models import Incident, Task
from incidents.states import SETTLED_TASK_STATES, Priority

STEP = gettext_lazy("Next step:")


def draft(held: Work) -> str:
    """For the giver to go on with. One query, however many incidents."""
    urgent = [row for row in held.incidents if row.priority <= Priority.P2]
    if not urgent:
        return ""
    nearest = _next_tasks(urgent)
    return "\n\n".join(_about(row, nearest.get(row.pk)) for row in urgent)


def _next_tasks(incidents: list[Incident]) -> dict[int, Task]:
    """The open task of each that is due first."""
    rows = Task.objects.filter(incident__in=incidents).exclude(state__in=SETTLED_TASK_STATES)
    first: dict[int, Task] = {}
    for task in rows.order_by(F("due_at").asc(nulls_last=True), "pk"):
        first.setdefault(task.incident_id, task)
    return first


def _about(incident: Incident, task: Task | None) -> str:
    head = f"{incident.reference}, P{incident.priority}, {incident.get_state_display()}."
    waits = _("Waiting for: %s") % incident.get_waiting_on_display()
    return "\n".join([head, _due(task), waits, str(STEP)])


def _due(task: Task | None) -> str:
    if task is None:
        return _("Next due: nothing")
    if task.due_at is None:
        return _("Next task: %s") % task
    moment = formats.date_format(timezone.localtime(task.due_at), "j M H:i")
    return _("Next due: %(task)s, %(moment)s") % {"task": task, "moment": moment}
