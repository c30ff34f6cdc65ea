"""What the team shares with the Accountable of a workspace about the tickets of others.

Only the number, one's own workspaces on it, where it stands, and the shared updates. Not what was
reported, not by whom, and no workspace of anybody else.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from incidents import access
from incidents.models import Incident, TimelineEntry, Workspace
from incidents.models.timeline import Kind
from portal.selfservice import progress, readings
from portal.selfservice.progress import Status

PAGE_SIZE = 10
PARAMETER = "shared"  # the list stands under that of one's own tickets, which has ?page=


class Line(NamedTuple):
    """A shared ticket in the list, with the newest update on it."""

    reference: str
    workspaces: str
    status: Status
    last: str
    last_by: str
    last_at: datetime
    is_unread: bool


@never_cache
@require_safe
@login_required
def page(request: HttpRequest, reference: str) -> HttpResponse:
    """One shared ticket. What is not shared with this person does not exist."""
    incident = find(request.user, reference)
    updates = list(updates_of(incident).order_by("-sequence"))
    if readings.is_reading(request):
        readings.note(request.user, incident, updates[0].sequence)
    facts = {
        "reference": incident.reference,
        "workspaces": names_of(incident),
        "status": progress.STATUSES[incident.state],
        "updates": [(update.at, update.actor_name, update.text) for update in updates],
    }
    return render(request, "portal/shared.html", facts)


def find(user, reference: str) -> Incident:
    try:
        return with_own_workspaces(access.shared_with(user), user).get(pk=access.key_of(reference))
    except Incident.DoesNotExist:
        raise Http404 from None


def updates_of(incident: Any) -> QuerySet[TimelineEntry]:
    shared = TimelineEntry.objects.filter(kind=Kind.SHARED_UPDATE, is_public=True)
    return shared.filter(incident=incident)


def with_own_workspaces(incidents: QuerySet[Incident], user) -> QuerySet:
    """Each with those workspaces only that `user` answers for, as `own_workspaces`."""
    own = Workspace.objects.filter(accountable=user)
    return incidents.prefetch_related(Prefetch("workspaces", own, to_attr="own_workspaces"))


def names_of(incident) -> str:
    return ", ".join(workspace.name for workspace in incident.own_workspaces)


def page_of_rows(user, number: str | None) -> Page:
    """What is shared with `user`, the latest update first."""
    last = updates_of(OuterRef("pk")).order_by("-sequence")
    rows = readings.marked(access.shared_with(user), user, [Kind.SHARED_UPDATE]).annotate(
        last_text=Subquery(last.values("text")[:1]),
        last_name=Subquery(last.values("actor_name")[:1]),
        last_at=Subquery(last.values("at")[:1]),
    )
    ordered = with_own_workspaces(rows, user).order_by("-last_at", "-pk")
    return Paginator(ordered, PAGE_SIZE).get_page(number)


def lines(incidents: Iterable[Incident]) -> list[Line]:
    return [_line(incident) for incident in incidents]


def _line(incident) -> Line:
    return Line(
        incident.reference,
        names_of(incident),
        progress.STATUSES[incident.state],
        incident.last_text[:300],
        incident.last_name,
        incident.last_at,
        readings.is_unread(incident),
    )
