"""The work that somebody holds, and what of a hand-over somebody may see."""

from dataclasses import dataclass

from django.db.models import F, QuerySet

from incidents import access
from incidents.models import HandOver, Incident, Task
from incidents.states import OPEN_STATES, SETTLED_TASK_STATES

HELD_MOST = 100


@dataclass(frozen=True, slots=True)
class Work:
    """Incidents and tasks, the most urgent first."""

    incidents: list[Incident]
    tasks: list[Task]

    def __bool__(self) -> bool:
        return bool(self.incidents or self.tasks)


def held_by(user) -> Work:
    """What this person could hand over now: open incidents they own, open tasks assigned to them.

    At most HELD_MOST of each; without what waits in another hand-over.
    """
    offered = HandOver.incidents.through.objects.filter(handover__answer="")
    incidents = owned(user).exclude(pk__in=offered.values("incident"))
    offered_tasks = HandOver.tasks.through.objects.filter(handover__answer="")
    work = assigned(user).exclude(pk__in=offered_tasks.values("task"))
    return Work(
        list(incidents.order_by("priority", "-pk")[:HELD_MOST]),
        list(work.order_by(F("due_at").asc(nulls_last=True), "pk")[:HELD_MOST]),
    )


def seen_by(user, hand_over: HandOver) -> Work:
    """Its pieces that this person may see today."""
    seen = access.visible_to(user)
    rows = hand_over.tasks.filter(incident__in=seen.values("pk"))
    rows = rows.select_related("incident", "assignee")
    return Work(
        list(seen.filter(pk__in=hand_over.incidents.values("pk")).order_by("priority", "-pk")),
        list(rows.order_by(F("due_at").asc(nulls_last=True), "pk")),
    )


def is_whole(hand_over: HandOver, seen: Work) -> bool:
    """True if `seen` is all of it. Else its note speaks of what not everybody may know."""
    return (len(seen.incidents), len(seen.tasks)) == (
        hand_over.incidents.count(),
        hand_over.tasks.count(),
    )


def owned(user) -> QuerySet[Incident]:
    """Open incidents of theirs that they may see."""
    return access.visible_to(user).filter(owner=user, state__in=OPEN_STATES)


def assigned(user) -> QuerySet[Task]:
    """Open tasks of theirs, on open incidents that they may see."""
    seen = access.visible_to(user).filter(state__in=OPEN_STATES)
    rows = Task.objects.filter(assignee=user, incident__in=seen.values("pk"))
    return rows.exclude(state__in=SETTLED_TASK_STATES).select_related("incident")


def name_of(piece: Incident | Task) -> str:
    """A piece in a few words: its incident, and the task if it is one."""
    if isinstance(piece, Task):
        return f"{piece.incident.reference} {piece.code}".strip()
    return piece.reference


def incident_of(piece: Incident | Task) -> Incident:
    """What a piece belongs to: an incident belongs to itself."""
    return piece.incident if isinstance(piece, Task) else piece
