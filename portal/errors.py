"""What a refused request is told: a page for people, problem+json for programs (RFC 9457)."""

from http import HTTPStatus

from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from portal.selfservice import again

PROGRAM_PATHS = ("/api/", "/in/", "/v2/")


def refuse(
    request: HttpRequest, status: HTTPStatus, detail: str, *, title: str = "", back: str = ""
) -> HttpResponse:
    """An answer with `status` that says `detail`, in the form that the caller reads.

    People get the heading `title` and a link to the page `back`, when these are given.
    """
    if request.path.startswith(PROGRAM_PATHS):
        return problem(status, detail)
    facts = {
        "status": status.value,
        "title": title or titles().get(status, status.phrase),
        "detail": detail,
        "back": back,
        "reference": getattr(request, "request_id", ""),
        "break_glass": may_break_glass(request),
    }
    return HttpResponse(render_to_string("portal/error.html", facts), status=status)


def may_break_glass(request: HttpRequest) -> bool:
    """Whoever sees nothing of the console but may open what is restricted is shown the way."""
    user = getattr(request, "user", None)
    return bool(user and user.is_superuser and request.path.startswith(reverse("admin:index")))


def problem(status: HTTPStatus, detail: str) -> JsonResponse:
    """RFC 9457 in its shortest form."""
    body = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def titles() -> dict[HTTPStatus, str]:
    """Headings for people, in the reader's language."""
    return {
        HTTPStatus.BAD_REQUEST: _("That could not be understood"),
        HTTPStatus.FORBIDDEN: _("You may not do this"),
        HTTPStatus.NOT_FOUND: _("There is nothing here for you"),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("That is too large"),
        HTTPStatus.INTERNAL_SERVER_ERROR: _("Something broke on our side"),
    }


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler400: too much of something, or something that only an attacker or a bug sends."""
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    if isinstance(exception, TooManyFilesSent):
        detail = _("Too many files at once. Send them in several goes.")
        return refuse(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
    if isinstance(exception, TooManyFieldsSent):
        return refuse(request, HTTPStatus.BAD_REQUEST, _("The form has too many fields."))
    detail = _("The request was malformed.")
    if isinstance(exception, SuspiciousOperation):
        detail = _("The request was refused because it looks forged.")
    return refuse(request, HTTPStatus.BAD_REQUEST, detail)


def too_large(request: HttpRequest) -> HttpResponse:
    """More bytes than one request may bring."""
    detail = _(
        "What you sent is larger than one request may be. Send less, or fewer files at once."
    )
    return refuse(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler403."""
    detail = str(exception or "") or _("Your account does not have the right to do this.")
    return refuse(request, HTTPStatus.FORBIDDEN, detail)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: nearly always a form that was left open over a sign-in or sign-out."""
    if shown_again := again.page(request, reason):
        return shown_again
    detail = _(
        "You signed in or out meanwhile, and nothing was done. If you typed something, go back "
        "in your browser and copy it first; then open the page anew."
    )
    title = _("This page was open too long")
    return refuse(request, HTTPStatus.FORBIDDEN, detail, title=title, back=came_from(request))


def came_from(request: HttpRequest) -> str:
    """The page of ours that sent the request; nothing when that is not known."""
    page = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure())
    return page if is_ours else ""


def page_not_found(
    request: HttpRequest,
    exception: Exception | None = None,  # noqa: ARG001
) -> HttpResponse:
    """handler404: the same words whether it does not exist or is not the reader's to see."""
    detail = _("It does not exist, or it is not yours to see.")
    return refuse(request, HTTPStatus.NOT_FOUND, detail)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500. A reporter's first question is whether the report got through."""
    detail = _(
        "The fault is logged. If you were reporting an incident, look under My tickets before "
        "you send it again; if it is urgent, call."
    )
    return refuse(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail)
