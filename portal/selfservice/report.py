"""Reporting: the first question, from which on the report exists, and the receipt."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from incidents import access, intake, rights
from incidents.models import Incident
from incidents.rights import Right
from incidents.states import Door
from portal import announcements, languages
from portal.selfservice import (
    advice,
    drafts,
    noticed,
    once,
    progress,
    promises,
    questionnaire,
    sensitive,
    sequence,
    tickets,
)
from portal.selfservice.questions import FirstForm
from portal.selfservice.title import title_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """What happened? Once this is answered, the report exists and the team is called."""
    if not request.user.is_authenticated:
        return begin(request)
    may_take_calls = rights.allowed(request.user, Right.REPORT_FOR_OTHERS)
    if request.method != "POST":
        draft = drafts.read(request)
        words = {"form_key": once.fresh_key()} | drafts.initial(draft, FirstForm)
        form = FirstForm(initial=words, may_take_calls=may_take_calls)
        return ask(request, form, is_kept=draft is not None)
    form = FirstForm(request.POST, may_take_calls=may_take_calls)
    if form.is_valid() and (reference := send(request, form)):
        drafts.drop(request)
        return onwards(request, reference)
    return ask(request, form)


def begin(request: HttpRequest) -> HttpResponse:
    """Whoever is not signed in may write at once; what they send waits while they sign in."""
    if request.method == "POST":
        return hold(request)
    draft = drafts.of_stranger(request)
    if drafts.PARAMETER in request.GET and draft is None:
        return redirect_to_login(drafts.way_back(request))
    words = {"form_key": once.fresh_key()} | drafts.initial(draft, FirstForm)
    return ask(request, FirstForm(initial=words, may_take_calls=False))


def hold(request: HttpRequest) -> HttpResponse:
    """To the sign-in, with what was sent; what cannot be kept meanwhile is not taken away."""
    draft = drafts.keep(request, request.path)
    if draft is not None:
        return redirect_to_login(drafts.address(request.path, request.GET, draft))
    form = FirstForm(request.POST, may_take_calls=False)
    if form.is_valid():
        form.add_error(None, _("We cannot keep this while you sign in. Copy it and sign in first."))
    return ask(request, form)


def ask(request: HttpRequest, form: FirstForm, *, is_kept: bool = False) -> HttpResponse:
    now = timezone.now()
    facts = {"form": form, "is_kept": is_kept, "announcements": announcements.current(now)}
    return render(request, "portal/report.html", facts)


def send(request: HttpRequest, form: FirstForm) -> str:
    """Report it; gives the reference, or nothing when the form now shows what was refused."""
    try:
        return once.only(request, lambda: correct(request, form) or record(request, form))
    except ValidationError as problem:
        form.refuse(problem.message_dict)
        return ""


def correct(request: HttpRequest, form: FirstForm) -> str:
    """Who went back in the browser and sent other words means the same report."""
    earlier = once.made_before(request)
    if not earlier or form.is_call():
        return ""
    try:
        incident = questionnaire.find(request.user, earlier)
    except Incident.DoesNotExist:
        return ""
    question = sequence.BY_NAME["what"]
    again = question.form(request.POST, incident=incident, user=request.user)
    if questionnaire.is_finished(incident) or not again.is_valid():
        return ""
    questionnaire.answer(incident, question, again, by=request.user)
    return incident.reference


@transaction.atomic
def record(request: HttpRequest, form: FirstForm) -> str:
    told = form.cleaned_data
    incident = intake.report(
        by=request.user,
        reporter=told.get("reporter"),
        door=Door.PHONE if form.is_call() else Door.PORTAL,
        subject=told["subject"] or title_of(told["description"]),
        description=told["description"],
        contact_name=told.get("contact_name", ""),
        language=languages.now(),
        answers={"contact_phone": told["contact_phone"]} if told.get("contact_phone") else {},
    )
    questionnaire.open_for(incident, form)
    return incident.reference


def onwards(request: HttpRequest, reference: str) -> HttpResponse:
    """To the next question; who typed in what is restricted from the start gets the reference."""
    if access.receipts_of(request.user).filter(pk=access.key_of(reference)).exists():
        return redirect("report_question", reference, sequence.FIRST_AFTER_REPORT)
    messages.success(request, _("%s is recorded. Only named people see it now.") % reference)
    return redirect("start")


@never_cache
@require_safe
@login_required
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
        "advice": advice.for_kinds(advice.kinds_of(incident)),
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
