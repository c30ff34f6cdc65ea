"""Saved views: lists of the console under a name, for oneself, one's roles or everyone.

A view is an address and nothing else: what it shows, and how much, is what its reader may see.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from incidents import plain_text, roles
from incidents.models import Incident, Task
from incidents.roles import Role
from portal.models import SavedView

Audience = SavedView.Audience

COUNTED_MOST = 999  # a rail says "999+" beyond it
COUNTED = 8  # the first so many are counted on every page
VIEWS_MOST = 50  # of one person
NAME_MOST = 60
OF_THE_MOMENT = {"p", "e", "_changelist_filters"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A view as a link, with its number of rows when that was counted."""

    view: SavedView
    url: str
    count: int | None = None


def lists() -> dict[str, type]:
    """The lists that can be saved, by path."""
    return {
        reverse("admin:incidents_incident_changelist"): Incident,
        reverse("admin:incidents_task_changelist"): Task,
    }


def seen_by(user) -> list[SavedView]:
    """One's own views first, then those that colleagues share."""
    shared = Q(audience=Audience.EVERYONE) | Q(audience=Audience.TEAM)
    rows = SavedView.objects.filter(Q(owner=user) | shared).select_related("owner")
    held = roles.of(user)
    found = [
        view
        for view in rows
        if view.owner_id == user.pk
        or (view.owner.is_active and (view.audience == Audience.EVERYONE or held & {*view.roles}))
    ]
    return sorted(found, key=lambda view: view.owner_id != user.pk)


def shown_to(request) -> list[Shown]:
    """The views of this reader, the first ones counted. A query, and one for each counted view."""
    known = lists()
    views = [view for view in seen_by(request.user) if view.path in known]
    return [
        Shown(view, url_of(view), count(request, view) if n < COUNTED else None)
        for n, view in enumerate(views)
    ]


def url_of(view: SavedView) -> str:
    return f"{view.path}?{view.query}" if view.query else view.path


def count(request, view: SavedView) -> int | None:
    """How many rows this reader finds there, counted to COUNTED_MOST and one more."""
    page: Any = admin.site.get_model_admin(lists()[view.path])
    return page.counted(request, view.query, most=COUNTED_MOST + 1)


def is_at(request, url: str) -> bool:
    """True if this page is that address, in whichever order it names its filters."""
    path, _mark, query = url.partition("?")
    return request.path == path and _sorted(request.GET) == _sorted(QueryDict(query))


def may_share(user) -> bool:
    """Auditors change nothing here, not even what others see in their rail."""
    return bool(roles.of(user) - {Role.AUD, Role.ADM})


def audiences(user) -> list[tuple[str, str]]:
    """For whom this person may save a view."""
    found = [(str(value), str(label)) for value, label in Audience.choices]
    return found if may_share(user) else found[:1]


@transaction.atomic
def save(request, *, name: str, audience: str, path: str, query: str) -> SavedView:
    """Keep a list under a name. Raises ValidationError by field."""
    user = request.user
    view = SavedView(owner=user, path=path, query=_tidy(query))
    if path not in lists() or count(request, view) is None:
        raise ValidationError({"query": _("This list cannot be saved.")})
    if user.saved_views.count() >= VIEWS_MOST:
        raise ValidationError({"name": _("You have %d views. Remove one first.") % VIEWS_MOST})
    _put(view, name, audience)
    return view


@transaction.atomic
def change(view: SavedView, *, name: str, audience: str) -> None:
    """Another name, or for others. Raises ValidationError by field."""
    _put(view, name, audience)


@transaction.atomic
def move(view: SavedView, step: int) -> None:
    """One place up (-1) or down (1) among the views of its owner."""
    rows = list(SavedView.objects.select_for_update().filter(owner=view.owner))
    here = rows.index(view)
    there = min(max(here + step, 0), len(rows) - 1)
    rows.insert(there, rows.pop(here))
    _number(rows)


def remove(view: SavedView) -> None:
    """A view is a habit of its owner's, no part of the record."""
    view.delete()


def _number(rows: Iterable[SavedView]) -> None:
    for position, row in enumerate(rows):
        row.position = position
        row.save(update_fields=["position"])


def _put(view: SavedView, name: str, audience: str) -> None:
    if audience not in Audience.values:
        raise ValidationError({"audience": _("Choose for whom it is.")})
    if audience != Audience.MINE and not may_share(view.owner):
        raise ValidationError({"audience": _("You can save views for yourself only.")})
    needed = _("Give it a name.")
    view.name = plain_text.one_line(plain_text.read("name", name, needed=needed, most=NAME_MOST))
    view.audience = audience
    view.roles = sorted(roles.of(view.owner)) if audience == Audience.TEAM else []
    view.full_clean(exclude=["owner"])
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        taken = _("You have a view of this name already.")
        raise ValidationError({"name": taken}) from None


def _tidy(query: str) -> str:
    """The filters without what belongs to one visit."""
    asked = QueryDict(query, mutable=True)
    for name in OF_THE_MOMENT & asked.keys():
        del asked[name]
    return asked.urlencode()


def _sorted(asked: QueryDict) -> list[tuple[str, list[str]]]:
    return sorted((name, values) for name, values in asked.lists() if name not in OF_THE_MOMENT)
