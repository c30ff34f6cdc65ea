"""What was typed and could not be stored yet: kept, so that no session's end costs a word.

The draft is a row. It fills the form again if it is one's own, or was typed in this very browser.
The key of any other is in the address of the page, which anybody may have written: those words are
shown first, and fill nothing before the reader says that they are theirs. Nothing is done by
itself: the person sends the form.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.encoding import escape_uri_path

from portal.models import Draft
from portal.selfservice import once

PARAMETER = "draft"
NOT_WORDS = {"csrfmiddlewaretoken", "language", "next"}
MOST_CHARACTERS = 60_000
SESSION_KEY = "drafts"
# Strangers can make them. Beyond the most the oldest go; one address alone does not get there
# within the two days.
FROM_ONE_ADDRESS = {"drafts": "100/h/ip"}
MOST_UNCLAIMED = 5_000
MOST_OF_A_FORM = 5
MOST_OF_A_PERSON = 50
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
    some came. None when nothing came, or too much, or too often.
    """
    forget_old()
    fields = {
        name: values
        for name, values in request.POST.lists()
        if name not in NOT_WORDS and any(values)
    }
    size = sum(len(name) + sum(map(len, values)) for name, values in fields.items())
    user = request.user if request.user.is_authenticated else None
    is_empty = not fields.keys() - {"form_key"} and not request.FILES
    if is_empty or size > MOST_CHARACTERS or (user is None and not _may_keep_more(request)):
        return None
    clean = {_storable(name): list(map(_storable, fields[name])) for name in fields}
    draft = Draft.objects.create(user=user, path=_storable(path[:200]), fields=clean)
    if user is None:
        request.session[SESSION_KEY] = [*_typed_here(request), str(draft.key)][-MOST_OF_A_FORM:]
        _drop_beyond(MOST_UNCLAIMED, Draft.objects.filter(user=None))
    else:
        _keep_newest_of(user, draft.path)
    return draft


def read(request: HttpRequest) -> Draft | None:
    """The draft that fills this page: the named one, or the newest; only one's own.

    What was typed in this browser before the sign-in becomes that.
    """
    user: Any = request.user
    here = _here(request)
    keys = [key for key in map(_key, _typed_here(request)) if key]
    if keys and here.filter(key__in=keys, user=None).update(user=user):
        _keep_newest_of(user, request.path[:200])
    mine = here.filter(user=user).order_by("-created_at")
    named = _key(request.GET.get(PARAMETER, ""))
    return (mine.filter(key=named).first() if named else None) or mine.first()


def offered(request: HttpRequest) -> Draft | None:
    """What the address names, is nobody's yet, and was typed in some other browser or session."""
    named = _key(request.GET.get(PARAMETER, ""))
    if named is None or not request.user.is_authenticated:
        return None
    draft = _here(request).filter(key=named, user=None).first()
    return draft if draft is not None and draft.fields else None


def of_stranger(request: HttpRequest) -> Draft | None:
    """What the address names and was typed in this very browser, before anybody signed in."""
    named = request.GET.get(PARAMETER, "")
    if named not in _typed_here(request):
        return None
    return _here(request).filter(key=named, user=None).first()


def find(request: HttpRequest, key: UUID) -> Draft | None:
    """One's own draft, or one that is nobody's yet."""
    user: Any = request.user
    return Draft.objects.filter(Q(user=user) | Q(user=None), key=key).first()


def take(draft: Draft, *, by: Any) -> None:
    """Make the draft one's own, unless somebody else was faster."""
    Draft.objects.filter(key=draft.key, user=None).update(user=by)
    _keep_newest_of(by, draft.path)


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


def forget_old() -> None:
    """Forget what nobody came back for."""
    now = timezone.now()
    is_stale = Q(user=None, created_at__lt=now - UNCLAIMED_FOR)
    Draft.objects.filter(is_stale | Q(created_at__lt=now - CLAIMED_FOR)).delete()


def _here(request: HttpRequest) -> QuerySet[Draft]:
    return Draft.objects.filter(path=request.path[:200])


def _typed_here(request: HttpRequest) -> list[str]:
    """The keys of what was typed in this browser while nobody was signed in."""
    kept: list[str] = request.session.get(SESSION_KEY, [])
    return kept


def _may_keep_more(request: HttpRequest) -> bool:
    if settings.ACCOUNT_RATE_LIMITS is False:
        return True
    try:
        usage = ratelimit.consume(request, app="portal", action="drafts", config=FROM_ONE_ADDRESS)
    except PermissionDenied:  # a proxy that does not say for whom it speaks
        return False
    return usage is not None


def _keep_newest_of(user: Any, path: str) -> None:
    mine = Draft.objects.filter(user=user)
    _drop_beyond(MOST_OF_A_FORM, mine.filter(path=path))
    _drop_beyond(MOST_OF_A_PERSON, mine)


def _drop_beyond(most: int, drafts: QuerySet[Draft]) -> None:
    """The newest words are those that somebody waits for, so the oldest go."""
    if (surplus := drafts.count() - most) > 0:
        oldest = drafts.order_by("created_at", "key").values_list("key", flat=True)[:surplus]
        drafts.filter(key__in=list(oldest)).delete()
