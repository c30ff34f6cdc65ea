"""Reporting: one page of questions, then the receipt."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from incidents import access, intake
from incidents.models import Incident
from incidents.states import Door
from portal.selfservice import advice, drafts, noticed, once, progress, promises, sensitive, tickets
from portal.selfservice.answers import ReportForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The form. Whoever is not signed in does that first; what they typed waits for them."""
    if not request.user.is_authenticated:
        if request.method == "POST":
            drafts.keep(request)
        return redirect_to_login(request.path)
    if request.method != "POST":
        kept = drafts.read(request)
        form = ReportForm(user=request.user, initial=kept | {"form_key": once.fresh_key()})
        return render(request, "portal/report.html", {"form": form, "is_kept": bool(kept)})
    form = ReportForm(request.POST, request.FILES, user=request.user)
    if form.is_valid() and (reference := send(request, form)):
        drafts.drop(request)
        return receipt(request, reference)
    return render(request, "portal/report.html", {"form": form})


def send(request: HttpRequest, form: ReportForm) -> str:
    """Report it; gives the reference, or nothing when the form now shows what was refused."""
    answers = form.cleaned_data
    reporter = answers.get("reporter")

    def act() -> str:
        incident = intake.report(
            by=request.user,
            reporter=reporter,
            door=Door.PHONE if reporter not in (None, request.user) else Door.PORTAL,
            subject=answers["subject"],
            description=answers["description"],
            language=get_language() or "en",
            files=answers["files"],
            answers=form.answers(),
        )
        return incident.reference

    try:
        return once.only(request, act)
    except ValidationError as problem:
        form.refuse(problem.message_dict)
        return ""


def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    """The way to the receipt; who typed in what is restricted from the start gets the reference."""
    if access.receipts_of(request.user).filter(pk=access.key_of(reference)).exists():
        return redirect("report_done", reference)
    messages.success(request, _("%s is recorded. Only named people see it now.") % reference)
    return redirect("start")


@login_required
@never_cache
@require_safe
def done(request: HttpRequest, reference: str) -> HttpResponse:
    """The receipt, for the reporter, and for the agent who typed it in for them."""
    incident = _reported(request.user, reference)
    facts = {
        "incident": incident,
        "status": progress.status_of(incident),
        "is_mine": incident.reporter_id == request.user.pk,
        "looked_at_by": promises.looked_at_by(incident),
        "answered_at": tickets.first_reply_at(incident),
        "answered_by": promises.answered_by(incident),
        "advice": advice.for_report(incident.about),
        "numbers": sensitive.kinds(f"{incident.subject}\n{incident.description}"),
        "is_long_ago": incident.noticed_at < timezone.now() - noticed.LONG_AGO,
    }
    return render(request, "portal/done.html", facts)


def _reported(user, reference: str) -> Incident:
    try:
        key = access.key_of(reference)
        return access.receipts_of(user).select_related("owner").get(pk=key)
    except Incident.DoesNotExist:
        raise Http404 from None
