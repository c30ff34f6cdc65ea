"""What was typed and could not be stored yet: kept, so that no session's end costs a word.

The draft is a row, and its key travels in the address of the page. Nothing of it is done by itself:
it fills the form again, and the person sends it.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.db.models import Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.encoding import escape_uri_path

from portal.models import Draft
from portal.selfservice import once

PARAMETER = "draft"
NOT_WORDS = {"csrfmiddlewaretoken", "language", "next"}
MOST_CHARACTERS = 60_000
MOST_UNCLAIMED = 5_000  # strangers can make them: beyond this, none is kept
UNCLAIMED_FOR = timedelta(days=2)
CLAIMED_FOR = timedelta(days=30)


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Whoever is not signed in does that first; what they sent waits for them."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return redirect_to_login(way_back(request))

    return guarded


def way_back(request: HttpRequest) -> str:
    """The address of this page, with a draft of what was just sent to it."""
    draft = keep(request, request.path) if request.method == "POST" else None
    return address(escape_uri_path(request.path), request.GET, draft)


def address(path: str, query: QueryDict, draft: Draft | None) -> str:
    """The page at the quoted `path` with the draft in its form."""
    parameters = query.copy()
    if draft is not None:
        parameters[PARAMETER] = str(draft.key)
    return f"{path}?{parameters.urlencode()}" if parameters else path


def keep(request: HttpRequest, path: str) -> Draft | None:
    """Store the words of the form at `path`, which cannot be acted upon; of files only that
    some came. None when nothing came, or too much.
    """
    _forget_old()
    fields = {
        name: values
        for name, values in request.POST.lists()
        if name not in NOT_WORDS and any(values)
    }
    size = sum(len(name) + sum(map(len, values)) for name, values in fields.items())
    user = request.user if request.user.is_authenticated else None
    is_full = user is None and Draft.objects.filter(user=None).count() >= MOST_UNCLAIMED
    is_empty = not fields.keys() - {"form_key"} and not request.FILES
    if is_empty or size > MOST_CHARACTERS or is_full:
        return None
    clean = {_storable(name): list(map(_storable, fields[name])) for name in fields}
    draft = Draft.objects.create(user=user, path=_storable(path[:200]), fields=clean)
    if user is None:
        request.session[PARAMETER] = str(draft.key)  # for whoever signs in by another way
    return draft


def read(request: HttpRequest) -> Draft | None:
    """The named draft for this page, or the newest that is one's own; a named one becomes that."""
    user: Any = request.user
    here = Draft.objects.filter(path=request.path[:200])
    named = _key(request.GET.get(PARAMETER, ""))
    keys = [key for key in (named, _key(request.session.get(PARAMETER, ""))) if key]
    here.filter(key__in=keys, user=None).update(user=user)
    mine = here.filter(user=user).order_by("-created_at")
    return (mine.filter(key=named).first() if named else None) or mine.first()


def drop(request: HttpRequest) -> None:
    """Forget what was kept of this form: it was sent. Another report in another tab stays."""
    user: Any = request.user
    mine = Draft.objects.filter(path=request.path[:200], user=user)
    key = request.POST.get("form_key", "")
    if once.FORM_KEY.fullmatch(key):
        mine = mine.filter(fields__form_key=[key])
    mine.delete()


def initial(draft: Draft | None, form: type[Form] | Form) -> dict[str, Any]:
    """The kept words as initial values of this form."""
    if draft is None:
        return {}
    fields = form.fields if isinstance(form, Form) else form.base_fields
    return {
        name: values if _takes_many(fields[name]) else values[-1]
        for name, values in draft.fields.items()
        if name in fields and values
    }


def _takes_many(field: Any) -> bool:
    return bool(getattr(field.widget, "allow_multiple_selected", False))


def _storable(text: str) -> str:
    return text.replace("\x00", "")


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _forget_old() -> None:
    now = timezone.now()
    is_stale = Q(user=None, created_at__lt=now - UNCLAIMED_FOR)
    Draft.objects.filter(is_stale | Q(created_at__lt=now - CLAIMED_FOR)).delete()
