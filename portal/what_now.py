"""The question of the console's first page, "what now?", answered for one person.

All counts are taken of what the person may see (incidents.access). The list of what burns is in
needs_first, the numbers of the rail are in rail, the last weeks in weeks.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, F, Min, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents import ages, conversation, handing_over, rights, roles
from incidents.models import Incident, Task
from incidents.rights import Right
from incidents.roles import Role
from incidents.states import SETTLED_TASK_STATES, BreachStatus, Priority, WaitingOn
from portal import accounts_now, alarm_path, charts, needs_first, rail, weeks
from portal.rail import View
from workflows import ledger

LISTED = 8
READERS = {Role.AUD, Role.ADM}
FEW = 4
TILES = ("rung", "unassigned", "mine", "overdue", "tasks", "waiting")
TILES_TO_READ = ("rung", "unassigned", "overdue", "waiting")


@dataclass(frozen=True, slots=True)
class Share:
    """How many open incidents have one priority, as a bar of `width` percent."""

    priority: Priority
    url: str
    count: int
    width: int


@dataclass(frozen=True, slots=True)
class Work:
    """A task with its due time in words."""

    task: Task
    due: str
    heat: str


@dataclass(frozen=True, slots=True)
class Weeks:
    """The last weeks as two charts, and as the numbers in them."""

    rows: list[tuple[weeks.Week, str]]
    reports: list[charts.Bar]
    answers: charts.Line
    most: int
    size: tuple[int, int] = (charts.WIDTH, charts.HEIGHT)
    floor: float = charts.FLOOR
    name_at: int = charts.NAME_AT


def page_for(user) -> dict:
    """What the start page shows."""
    return {
        "alarm_path": alarm_path.look(),
        "checked_at": timezone.now(),
        "outbox_url": reverse("outbox") if rail.may_read_outbox(user) else "",
        "has_queue": rail.has_queue(user),
        "only_reads": (only_reads := not roles.of(user) - READERS),
        "account_changes": accounts_now.changes(user) if only_reads else None,
        **(_of_the_team(user) if rail.has_queue(user) else {"tiles": accounts_now.tiles(user)}),
    }


def tiles(user, lists: rail.Counted) -> list[View]:
    """The numbers of the start page, each with the fact that makes it urgent."""
    facts = _facts(user)
    shown = TILES if roles.of(user) - READERS else TILES_TO_READ
    return [replace(getattr(lists, name), fact=facts[name]) for name in shown]


def _of_the_team(user) -> dict:
    (needs, is_cut), lists = needs_first.seen_by(user), rail.counted(user)
    return {
        "tiles": tiles(user, lists),
        "hand_overs": handing_over.waiting_for(user),
        "needs": needs,
        "is_cut": is_cut,
        "sees_alerts": rights.allowed(user, Right.SEE_ALERTS),
        "weeks": _weeks(user),
        "mine": _mine(user),
        "all_mine": lists.mine,
        "shares": _shares(user),
        "breaches": _breaches(user),
        "tasks": _my_tasks(user),
        "all_tasks": lists.tasks,
    }


def _facts(user) -> dict[str, str]:
    incidents, work = rail.open_incidents(user), rail.open_tasks(user).filter(assignee=user)
    since = incidents.aggregate(
        unassigned=Min("reported_at", filter=Q(owner=None)),
        waiting=Min("updated_at", filter=Q(waiting_on=WaitingOn.REPORTER)),
    )
    rung = ledger.unanswered(incidents).aggregate(at=Min("reported_at"))["at"]
    now = timezone.now()
    own = work.aggregate(
        late=Count("pk", filter=Q(due_at__lt=now)), due=Min("due_at", filter=Q(due_at__gte=now))
    )
    news = conversation.answered(incidents.filter(owner=user)).count()
    return {
        "rung": _since(_("oldest %s"), rung),
        "unassigned": _since(_("oldest %s"), since["unassigned"]),
        "mine": ngettext("%d new answer", "%d new answers", news) % news if news else "",
        "overdue": _("%d of them mine") % own["late"] if own["late"] else "",
        "tasks": _("next due %s") % ages.due(own["due"]) if own["due"] else "",
        "waiting": _since(_("longest %s"), since["waiting"]),
    }


def _since(words: str, moment: datetime | None) -> str:
    return words % ages.since(moment) if moment else ""


def _weeks(user) -> Weeks | None:
    """The charts; None where nothing was reported in all that time."""
    seen = weeks.seen_by(user)
    if not any(week.reports for week in seen):
        return None
    names = [str(week.number) for week in seen]
    spans = [week.to_acknowledge for week in seen]
    seconds = [None if span is None else span.total_seconds() for span in spans]
    words = ["" if span is None else ages.span(span) for span in spans]
    return Weeks(
        rows=list(zip(seen, words, strict=True)),
        reports=charts.bars(names, [{"grave": week.grave, "bar": week.other} for week in seen]),
        answers=charts.line(names, seconds, words),
        most=max(week.reports for week in seen),
    )


def _shares(user) -> list[Share]:
    grouped = rail.open_incidents(user).order_by().values_list("priority")
    counts: dict[int, int] = dict(grouped.annotate(number=Count("pk")))
    most = max(counts.values(), default=0) or 1
    return [
        Share(
            each,
            rail.queue_url(priority__exact=str(each.value)),
            counts.get(each, 0),
            100 * counts.get(each, 0) // most,
        )
        for each in Priority
    ]


def _breaches(user) -> list[Work]:
    """The mandatory task that is due next of each possible breach, the nearest first."""
    possible = [BreachStatus.SUSPECTED, BreachStatus.CONFIRMED]
    left = Task.objects.filter(incident=OuterRef("pk"), is_mandatory=True, due_at__isnull=False)
    next_task = left.exclude(state__in=SETTLED_TASK_STATES).order_by("due_at", "pk")
    rows = (
        rail.open_incidents(user)
        .filter(breach_status__in=possible)
        .annotate(next_task=Subquery(next_task.values("pk")[:1]))
        .values("next_task")
    )
    tasks = Task.objects.filter(pk__in=rows).select_related("incident").order_by("due_at", "pk")
    return [_work(task) for task in tasks[:FEW]]


def _my_tasks(user) -> list[Work]:
    """What is due from now on; what is late stands in the first list."""
    later = Q(due_at__gte=timezone.now()) | Q(due_at=None)
    mine = rail.open_tasks(user).filter(later, assignee=user)
    rows = mine.order_by(F("due_at").asc(nulls_last=True), "pk").select_related("incident")
    return [_work(task) for task in rows[:LISTED]]


def _work(task: Task) -> Work:
    return Work(task, ages.due(task.due_at), ages.heat(task.due_at))


def _mine(user) -> list[tuple[Incident, str, str]]:
    """One's own incidents, each with the moment that comes next and how near it is."""
    left = Task.objects.filter(incident=OuterRef("pk"), due_at__isnull=False)
    due = left.exclude(state__in=SETTLED_TASK_STATES).order_by("due_at").values("due_at")[:1]
    mine = rail.open_incidents(user).filter(owner=user).annotate(next_due=Subquery(due))
    rows = mine.order_by("priority", "-pk")[:LISTED]
    return [(row, ages.due(row.next_due), ages.heat(row.next_due)) for row in rows]
