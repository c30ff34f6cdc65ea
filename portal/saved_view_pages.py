"""The pages of saved views: keep one, and put one's own in order."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal import rail, saved_views
from portal.models import SavedView

MOVES = {"up": -1, "down": 1}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """One's own views, each with its form."""
    return _page(request)


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the list that was looked at, and go back to it."""
    _require_queue(request)
    words = {name: request.POST.get(name, "") for name in ("name", "audience", "path", "query")}
    try:
        view = saved_views.save(request, **words)
    except ValidationError as problem:
        return _page(request, problem, words)
    messages.success(request, _("The view “%s” is saved.") % view.name)
    return redirect(saved_views.url_of(view))


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name, other readers, or one place up or down."""
    view = _own(request, pk)
    if request.POST.get("move") in MOVES:
        saved_views.move(view, MOVES[request.POST["move"]])
        return redirect("saved_views")
    try:
        saved_views.change(
            view, name=request.POST.get("name", ""), audience=request.POST.get("audience", "")
        )
    except ValidationError as problem:
        return _page(request, problem)
    messages.success(request, _("The view “%s” is saved.") % view.name)
    return redirect("saved_views")


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own view away."""
    view = _own(request, pk)
    saved_views.remove(view)
    messages.success(request, _("The view “%s” is removed. No incident changed.") % view.name)
    return redirect("saved_views")


def _require_queue(request: HttpRequest) -> None:
    if not rail.has_queue(request.user):
        raise PermissionDenied


def _own(request: HttpRequest, pk: int) -> SavedView:
    _require_queue(request)
    view = SavedView.objects.filter(owner=request.user.pk, pk=pk).first()
    if view is None:
        raise Http404
    return view


def _page(
    request: HttpRequest, problem: ValidationError | None = None, words: Any = None
) -> HttpResponse:
    _require_queue(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Saved views"),
        "own": SavedView.objects.filter(owner=request.user.pk),
        "problems": problem.messages if problem else [],
        "draft": words,
    }
    return render(request, "admin/saved_views.html", context)


urls = [
    path("", admin.site.admin_view(index), name="saved_views"),
    path("save/", admin.site.admin_view(save), name="saved_view_save"),
    path("<int:pk>/change/", admin.site.admin_view(change), name="saved_view_change"),
    path("<int:pk>/remove/", admin.site.admin_view(remove), name="saved_view_remove"),
]
