"""Asking to reopen a closed ticket: one question, why."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from incidents import conversation
from incidents.models import Incident
from portal.selfservice import drafts, once, tickets
from portal.selfservice.forms import ReopenForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@drafts.signed_in
def page(request: HttpRequest, reference: str) -> HttpResponse:
    """The question while it may be asked; otherwise the ticket itself says what else to do."""
    incident = tickets.find(request.user, reference)
    draft = None
    if request.method == "POST":
        form = ReopenForm(request.POST)
        if form.is_valid() and ask(request, incident, form):
            drafts.drop(request)
            return redirect("ticket", incident.reference)
    elif not may_ask(incident):
        return redirect("ticket", incident.reference)
    else:
        draft = drafts.read(request)
        kept = drafts.initial(draft, ReopenForm)
        form = ReopenForm(initial={"form_key": once.fresh_key(), **kept})
    facts = {
        "incident": incident,
        "form": form,
        "is_kept": draft is not None,
        "reopen_until": conversation.reopen_until(incident),
    }
    return render(request, "portal/reopen.html", facts)


def may_ask(incident: Incident) -> bool:
    is_in_time = conversation.reopen_until(incident) is not None
    return is_in_time and conversation.request_to_reopen(incident) is None


def ask(request: HttpRequest, incident: Incident, form: ReopenForm) -> bool:
    """Pass the request on; False when the form now shows what was refused."""

    def act() -> str:
        conversation.ask_to_reopen(incident, form.cleaned_data["text"], by=request.user)
        return incident.reference

    try:
        return bool(once.only(request, act))
    except ValidationError as problem:
        form.refuse(problem.message_dict)
        return False
