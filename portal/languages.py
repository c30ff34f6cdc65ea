"""Which language a person reads, and how they choose another."""

from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal import errors
from portal.selfservice import drafts

A_YEAR = 365 * 86400


def of_page(request: HttpRequest) -> str:
    """The reader's own language; else what was chosen in this browser, or what it asks for.

    Programs are told everything in English, whatever they ask for: they look for words.
    """
    if request.path.startswith(errors.PROGRAM_PATHS):
        return settings.LANGUAGE_CODE
    own = getattr(request.user, "language", "")
    return own if is_ours(own) else translation.get_language_from_request(request)


def now() -> str:
    """The language in which this page is answered."""
    return translation.get_language() or settings.LANGUAGE_CODE


def is_ours(code: str) -> bool:
    """True for the code of a language that the portal speaks."""
    return code in dict(settings.LANGUAGES)


@never_cache
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Remember the language in this browser and, for who is signed in, for mails too."""
    code = request.POST.get("language", "")
    if not is_ours(code):
        return errors.bad_request(request)
    if request.user.is_authenticated:
        request.user.language = code
        request.user.save(update_fields=["language"])
    answer = HttpResponseRedirect(page_before(request))
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=A_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


def page_before(request: HttpRequest) -> str:
    """Where the reader was, and what they had typed there; never a page of somebody else's."""
    wanted = request.GET.get("next", "")
    is_here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    if not is_here:
        return "/"
    page = urlsplit(wanted)
    draft = drafts.keep(request, unquote(page.path))
    return drafts.address(page.path, QueryDict(page.query), draft) if draft else wanted
