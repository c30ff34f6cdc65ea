"""A form that was open across a sign-in: its token is old, so it is shown again, words and all.

The request is not trusted: nothing of it is stored or done. Its words go back to the page they
came from, escaped, and count only when the person sends them once more.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from portal.selfservice import drafts, once, tickets
from portal.selfservice.answers import ReportForm
from portal.selfservice.forms import MessageForm

# How Django's reasons begin when the page was ours; the others tell of a page from elsewhere,
# and its words are not put into anybody's form.
OUR_PAGE = "CSRF "


def page(request: HttpRequest, reason: str) -> HttpResponse | None:
    """The report or the ticket with what was typed; None when this is no such form."""
    match = request.resolver_match
    is_ours = reason.startswith(OUR_PAGE) and request.method == "POST"
    if match is None or not is_ours or not request.user.is_authenticated:
        return None
    if match.view_name not in {"report", "ticket"}:
        return None
    is_report = match.view_name == "report"
    response = _report(request) if is_report else _ticket(request, **match.kwargs)
    response.status_code = 403
    add_never_cache_headers(response)
    return response


def _report(request: HttpRequest) -> HttpResponse:
    form = ReportForm(user=request.user, initial=drafts.answers(request.POST) | _key(request))
    return render(request, "portal/report.html", {"form": form, "is_again": True})


def _ticket(request: HttpRequest, reference: str) -> HttpResponse:
    incident = tickets.find(request.user, reference)
    form = MessageForm(initial={"text": request.POST.get("text", "")} | _key(request))
    facts = tickets.facts_of(request, incident, form)
    return render(request, "portal/ticket.html", facts | {"is_again": True})


def _key(request: HttpRequest) -> dict[str, str]:
    """The form's own key, so that what had been sent before all this is not sent twice."""
    return {"form_key": request.POST.get("form_key") or once.fresh_key()}
