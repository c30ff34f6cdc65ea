"""The question of the console's first page, "what now?", answered for one person.

All counts are taken of what the person may see (incidents.access), and each is a link to the list
that it counts.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, Exists, F, Min, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents import access, ages, conversation, rights, roles, signatures
from incidents.models import Incident, SecondSignature, Task
from incidents.rights import Right
from incidents.roles import Role
from incidents.states import OPEN_STATES, SETTLED_TASK_STATES, Priority, WaitingOn
from portal import saved_views
from portal.health import LONGEST_WAIT
from portal.saved_views import COUNTED_MOST
from workflows import heartbeat, ledger
from workflows.alerts import oldest_waiting
from workflows.mail import is_outbox
from workflows.models import Alert

LISTED = 8


@dataclass(frozen=True, slots=True)
class View:
    """One link with the number of rows behind it; hot when somebody must act on them."""

    label: str
    url: str
    count: int | None = None
    is_hot: bool = False
    is_here: bool = False
    fact: str = ""
    is_of_queue: bool = True

    @property
    def number(self) -> str:
        """The count in as few characters as it takes."""
        if self.count is None:
            return ""
        return f"{COUNTED_MOST}+" if self.count > COUNTED_MOST else str(self.count)


@dataclass(frozen=True, slots=True)
class Views:
    """What the rail shows; `queue_as_left` is the queue with the filters it was last seen with."""

    links: list[View]
    saved: list[View] = field(default_factory=list)
    queue_url: str = ""
    queue_as_left: str = ""
    audiences: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Share:
    """How many open incidents have one priority, as a bar of `width` percent."""

    priority: Priority
    url: str
    count: int
    width: int


@dataclass(frozen=True, slots=True)
class Work:
    """A task of one's own, with its due time in words."""

    task: Task
    due: str
    heat: str


@dataclass(frozen=True, slots=True)
class AlarmPath:
    """Would an alarm get through now, as /readyz says? Ages only: all in the console may know."""

    worker_age: timedelta | None
    is_worker_late: bool
    oldest_waiting: timedelta | None
    is_waiting_late: bool
    failed: int


def has_queue(user) -> bool:
    """True for whoever may see tickets: anybody with a role but the mere administrator."""
    return bool(roles.of(user) - {Role.ADM})


def views_for(request) -> Views:
    """The links of the rail, with live counts. A query for each, none counts without end."""
    home = View(_("What now"), reverse("admin:index"), is_of_queue=False)
    has_rows = has_queue(request.user)
    counted = _counted(request.user) if has_rows else []
    views = [home, *counted, *_mail(request.user)]
    links = [replace(view, is_here=saved_views.is_at(request, view.url)) for view in views]
    if not has_rows:
        return Views(links)
    queue: Any = admin.site.get_model_admin(Incident)
    return Views(
        links,
        [_saved(request, each) for each in saved_views.shown_to(request)],
        _queue(),
        queue.as_left(request),
        saved_views.audiences(request.user),
    )


def _saved(request, shown: saved_views.Shown) -> View:
    return View(
        shown.view.name,
        shown.url,
        shown.count,
        is_here=saved_views.is_at(request, shown.url),
        is_of_queue=shown.view.path == _queue(),
    )


def page_for(user) -> dict:
    """What the start page shows."""
    health = _alarm_path()
    page: dict = {
        "alarm_path": health,
        "worker_age": ages.span(health.worker_age) if health.worker_age else "",
        "waiting_age": ages.span(health.oldest_waiting) if health.oldest_waiting else "",
        "checked_at": timezone.now(),
        "outbox_url": reverse("outbox") if _may_read_outbox(user) else "",
        "has_queue": has_queue(user),
    }
    if has_queue(user):
        tasks = _my_tasks(user)
        page |= {
            "tiles": _tiles(user),
            "shares": _shares(user),
            "alerts": ledger.open_for(user)
            .select_related("incident")
            .order_by("priority", "created_at")[:LISTED],
            "reopenings": _reopenings(user),
            "signatures": _signatures(user),
            "burning": [row for row in tasks if row.heat],
            "tasks": tasks,
            "mine": _mine(user),
        }
    return page


def _may_read_outbox(user) -> bool:
    """Where no mail server is set, messages lie in files; portal/outbox.py shows them."""
    return is_outbox() and rights.allowed(user, Right.SEE_ALERTS)


def _mail(user) -> list[View]:
    is_shown = _may_read_outbox(user)
    return [View(_("Outgoing mail"), reverse("outbox"), is_of_queue=False)] if is_shown else []


def _queue(**filters: str) -> str:
    return _with(reverse("admin:incidents_incident_changelist"), filters)


def _tasks(**filters: str) -> str:
    return _with(reverse("admin:incidents_task_changelist"), filters)


def _with(url: str, filters: dict[str, str]) -> str:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return f"{url}?{query}" if query else url


def _open(user):
    return access.visible_to(user).filter(state__in=OPEN_STATES)


def _open_tasks(user):
    # One by one: a list of all open incidents would be gathered before the first task is counted.
    seen = Exists(_open(user).filter(pk=OuterRef("incident")))
    return Task.objects.filter(seen).exclude(state__in=SETTLED_TASK_STATES)


def _counted(user) -> list[View]:
    incidents, work = _open(user), _open_tasks(user)
    unassigned = _number(incidents.filter(owner=None))
    rung = _number(ledger.unanswered(incidents))
    overdue = _number(work.filter(due_at__lt=timezone.now()))
    waiting = _number(incidents.filter(waiting_on=WaitingOn.REPORTER))
    mine = _number(work.filter(assignee=user))
    return [
        View(_("Queue"), _queue(), _number(incidents)),
        View(_("Mine"), _queue(owner="me"), _number(incidents.filter(owner=user))),
        View(_("Unassigned"), _queue(owner="none"), unassigned, unassigned > 0),
        View(_("Unacknowledged"), _queue(alarm="unanswered"), rung, rung > 0),
        View(
            _("Overdue tasks"),
            _tasks(due="overdue"),
            overdue,
            is_hot=overdue > 0,
            is_of_queue=False,
        ),
        View(_("Waiting for reporter"), _queue(waiting_on="reporter"), waiting),
        View(_("My tasks"), _tasks(who="me"), mine, is_of_queue=False),
    ]


def _number(rows) -> int:
    """How many, to a limit: a rail is on every page, and a full count reads every row."""
    return rows.order_by().values("pk")[: COUNTED_MOST + 1].count()


def _tiles(user) -> list[View]:
    """The numbers of the start page, each with the fact that makes it urgent."""
    _all, mine, unassigned, rung, overdue, waiting, my_tasks = _counted(user)
    oldest = _open(user).aggregate(
        unassigned=Min("reported_at", filter=Q(owner=None)),
        waiting=Min("updated_at", filter=Q(waiting_on=WaitingOn.REPORTER)),
    )
    first_rung = ledger.unanswered(_open(user)).aggregate(at=Min("reported_at"))["at"]
    own = _open_tasks(user).filter(assignee=user, due_at__lt=timezone.now()).count()
    facts = {
        rung: _oldest(_("oldest %s"), first_rung),
        unassigned: _oldest(_("oldest %s"), oldest["unassigned"]),
        overdue: _("%d of them mine") % own if overdue.count else "",
        waiting: _oldest(_("longest %s"), oldest["waiting"]),
    }
    return [
        replace(view, fact=facts.get(view, ""))
        for view in (rung, unassigned, mine, overdue, my_tasks, waiting)
    ]


def _oldest(words: str, moment: datetime | None) -> str:
    return words % ages.since(moment) if moment else ""


def _shares(user) -> list[Share]:
    grouped = _open(user).order_by().values_list("priority")
    counts: dict[int, int] = dict(grouped.annotate(number=Count("pk")))
    most = max(counts.values(), default=0) or 1
    return [
        Share(
            each,
            _queue(priority__exact=str(each.value)),
            counts.get(each, 0),
            100 * counts.get(each, 0) // most,
        )
        for each in Priority
    ]


def _reopenings(user) -> list[Incident]:
    """Closed incidents whose reporter waits for a decision, for whoever may take it."""
    seen = access.visible_to(user)
    mine = seen if rights.allowed(user, Right.REOPEN) else seen.filter(owner=user)
    return list(conversation.asking_to_reopen(mine).order_by("priority", "asked_at")[:LISTED])


def _signatures(user) -> list[tuple[SecondSignature, str]]:
    """What waits for this person as the second one, each with its sentence."""
    return [(asked, signatures.sentence(asked)) for asked in signatures.waiting_for(user)[:LISTED]]


def _my_tasks(user) -> list[Work]:
    mine = _open_tasks(user).filter(assignee=user).select_related("incident")
    rows = mine.order_by(F("due_at").asc(nulls_last=True), "pk")[:LISTED]
    return [Work(task, ages.due(task.due_at), ages.heat(task.due_at)) for task in rows]


def _mine(user) -> list[Incident]:
    return list(_open(user).filter(owner=user).order_by("priority", "-pk")[:LISTED])


def _alarm_path() -> AlarmPath:
    worker = heartbeat.youngest_age()
    oldest = oldest_waiting()
    age = timezone.now() - oldest if oldest else None
    return AlarmPath(
        worker_age=worker,
        is_worker_late=worker is None or worker > timedelta(seconds=settings.STALL_SECONDS),
        oldest_waiting=age,
        is_waiting_late=age is not None and age > LONGEST_WAIT,
        failed=Alert.objects.filter(state=Alert.State.FAILED).count(),
    )
