"""The rail: links to the lists of the console, with how much of each this person may see.

All counts are taken through incidents.access, and each is a link to the list that it counts.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents import access, rights, roles
from incidents.models import Incident, Task
from incidents.rights import Right
from incidents.roles import Role
from incidents.states import OPEN_STATES, OPEN_TASK_STATES, WaitingOn
from portal import saved_views
from portal.saved_views import COUNTED_MOST
from workflows import ledger
from workflows.mail import is_outbox


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
class Counted:
    """The lists that everybody with a queue has, each with its number."""

    queue: View
    mine: View
    unassigned: View
    rung: View
    overdue: View
    waiting: View
    tasks: View

    @property
    def links(self) -> list[View]:
        """In the order of the rail."""
        return [
            self.queue,
            self.mine,
            self.unassigned,
            self.rung,
            self.overdue,
            self.waiting,
            self.tasks,
        ]


def has_queue(user) -> bool:
    """True for whoever may see tickets: anybody with a role but the mere administrator."""
    return bool(roles.of(user) - {Role.ADM})


def views_for(request) -> Views:
    """The links of the rail, with live counts. A query for each, none counts without end."""
    home = View(_("What now"), reverse("admin:index"), is_of_queue=False)
    has_rows = has_queue(request.user)
    lists = counted(request.user).links if has_rows else []
    views = [home, *lists, *_mail(request.user)]
    links = [replace(view, is_here=saved_views.is_at(request, view.url)) for view in views]
    if not has_rows:
        return Views(links)
    queue: Any = admin.site.get_model_admin(Incident)
    return Views(
        links,
        [_saved(request, each) for each in saved_views.shown_to(request)],
        queue_url(),
        queue.as_left(request),
        saved_views.audiences(request.user),
    )


def counted(user) -> Counted:
    """Every list of the rail with its number. A query for each."""
    incidents, work = open_incidents(user), open_tasks(user)
    late = work.filter(due_at__lt=timezone.now())
    own_work = _number(work.filter(assignee=user))
    return Counted(
        queue=View(_("Queue"), queue_url(), _number(incidents)),
        mine=View(_("Mine"), queue_url(owner="me"), _number(incidents.filter(owner=user))),
        unassigned=_urgent(_("Unassigned"), queue_url(owner="none"), incidents.filter(owner=None)),
        rung=_urgent(
            _("Unacknowledged"), queue_url(alarm="unanswered"), ledger.unanswered(incidents)
        ),
        overdue=replace(
            _urgent(_("Overdue tasks"), tasks_url(due="overdue"), late), is_of_queue=False
        ),
        waiting=View(
            _("Waiting for reporter"),
            queue_url(waiting_on="reporter"),
            _number(incidents.filter(waiting_on=WaitingOn.REPORTER)),
        ),
        tasks=View(_("My tasks"), tasks_url(who="me"), own_work, is_of_queue=False),
    )


def open_incidents(user) -> QuerySet[Incident]:
    return access.visible_to(user).filter(state__in=OPEN_STATES)


def open_tasks(user) -> QuerySet[Task]:
    """What is left to do on the open incidents that `user` sees."""
    # One by one: a list of all open incidents would be gathered before the first task is counted.
    seen = Exists(open_incidents(user).filter(pk=OuterRef("incident")))
    return Task.objects.filter(seen, state__in=OPEN_TASK_STATES)


def queue_url(**filters: str) -> str:
    return _with(reverse("admin:incidents_incident_changelist"), filters)


def tasks_url(**filters: str) -> str:
    return _with(reverse("admin:incidents_task_changelist"), filters)


def may_read_outbox(user) -> bool:
    """Where no mail server is set, messages lie in files; portal/outbox.py shows them."""
    return is_outbox() and rights.allowed(user, Right.SEE_ALERTS)


def _urgent(label: str, url: str, rows: QuerySet) -> View:
    number = _number(rows)
    return View(label, url, number, is_hot=number > 0)


def _number(rows: QuerySet) -> int:
    """How many, to a limit: a rail is on every page, and a full count reads every row."""
    return rows.order_by().values("pk")[: COUNTED_MOST + 1].count()


def _saved(request, shown: saved_views.Shown) -> View:
    return View(
        shown.view.name,
        shown.url,
        shown.count,
        is_here=saved_views.is_at(request, shown.url),
        is_of_queue=shown.view.path == queue_url(),
    )


def _mail(user) -> list[View]:
    is_shown = may_read_outbox(user)
    return [View(_("Outgoing mail"), reverse("outbox"), is_of_queue=False)] if is_shown else []


def _with(url: str, filters: dict[str, str]) -> str:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return f"{url}?{query}" if query else url
