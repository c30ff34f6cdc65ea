"""The questions after the report: one page each, each answer stored as it is given."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from incidents import records
from incidents.models import Incident
from portal import articles, languages
from portal.selfservice import advice, drafts, questionnaire, sequence, similar
from portal.selfservice.questions import QuestionForm
from portal.selfservice.sequence import Question

THEN_CHECK = "check"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@drafts.signed_in
def page(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """One question. Whatever is sent is stored before the next one is shown."""
    incident = find(request, reference)
    question = sequence.BY_NAME.get(name)
    if question is None:
        raise Http404
    if request.method != "POST":
        return show(request, incident, question)
    form = question.form(request.POST, request.FILES, incident=incident, user=request.user)
    if not questionnaire.may_answer(incident, request.user):
        return too_late(request, incident, question, form)
    is_stored = form.is_valid() and store(request, incident, question, form)
    if request.headers.get("Accept") == "application/json":
        return uploaded(form)
    if is_stored:
        drafts.drop(request)
        return onwards(request, reference, question)
    if "back" in request.POST:
        drafts.keep(request, request.path)  # it waits there for the way forward
        return back(incident, question)
    return ask(request, incident, question, form)


def show(request: HttpRequest, incident: Incident, question: Question) -> HttpResponse:
    if not questionnaire.may_answer(incident, request.user):
        return past(request, incident)
    draft = drafts.read(request)
    if questionnaire.is_finished(incident) and draft is None:
        return past(request, incident)
    return ask(request, incident, question, form_for(request, incident, question, draft), draft)


def form_for(request, incident: Incident, question: Question, draft) -> QuestionForm:
    """The page as it was answered before, or as it was typed and could not be stored."""
    form = question.form(incident=incident, user=request.user)
    if draft is not None:
        form.initial = drafts.initial(draft, form)
        return form
    before = questionnaire.given(incident, question)
    form.initial = {
        name: field.widget.value_from_datadict(before, {}, name)
        for name, field in form.fields.items()
        if name != "files"
    }
    return form


def store(request: HttpRequest, incident: Incident, question: Question, form: QuestionForm) -> bool:
    """False when the form now shows what was refused."""
    try:
        questionnaire.answer(incident, question, form, by=request.user)
    except ValidationError as problem:
        form.refuse(problem.message_dict)
        return False
    except records.Closed:
        form.add_error(None, _("This ticket was closed meanwhile. Write to us on the ticket."))
        return False
    return True


def uploaded(form: QuestionForm) -> JsonResponse:
    """What the script of the page is told about files that it sent ahead."""
    problems = [problem.text for problem in form.summary()]
    return JsonResponse({"problems": problems}, status=400 if problems else 200)


def onwards(request: HttpRequest, reference: str, question: Question) -> HttpResponse:
    """To the next question, to the check, or to the receipt.

    The answer may just have restricted the report to named people; who typed it in for a caller
    then has no more part in it.
    """
    try:
        incident = questionnaire.find(request.user, reference)
    except Incident.DoesNotExist:
        messages.success(request, _("%s is recorded. Only named people see it now.") % reference)
        return redirect("start")
    if "back" in request.POST:
        return back(incident, question)
    if "skip" in request.POST:
        return finish(incident)
    following = sequence.after(question.name, incident)
    if following is None or is_change(request):
        return redirect("report_check", incident.reference)
    return redirect("report_question", incident.reference, following.name)


def back(incident: Incident, question: Question) -> HttpResponse:
    earlier = sequence.before(question.name, incident) or question
    return redirect("report_question", incident.reference, earlier.name)


def is_change(request: HttpRequest) -> bool:
    """True for who came from the check of all answers, and goes back there."""
    return request.GET.get("then") == THEN_CHECK


def ask(
    request: HttpRequest,
    incident: Incident,
    question: Question,
    form: QuestionForm,
    draft: Any = None,
) -> HttpResponse:
    asked = sequence.of(incident)
    is_concerned = question in asked
    earlier = sequence.before(question.name, incident)
    kinds = advice.kinds_of(incident)
    facts = {
        "incident": incident,
        "question": question,
        "layout": f"portal/questions/{question.layout}.html",
        "form": form,
        "is_kept": draft is not None,
        "is_change": is_change(request),
        "number": asked.index(question) + 1 if is_concerned else None,
        "count": len(asked),
        "earlier": earlier,
        "files": incident.evidence.filter(from_reporter=True).order_by("pk"),
        "advice": advice.for_kinds(kinds),
        "suggested": articles.suggested(kinds, languages.now()),
        "similar": similar_to(request, incident, question),
    }
    return render(request, "portal/report_question.html", facts)


def similar_to(request: HttpRequest, incident: Incident, question: Question) -> list[Incident]:
    """Own open tickets like this one, right after the report only."""
    if question.name != sequence.FIRST_AFTER_REPORT:
        return []
    text = f"{incident.subject}\n{incident.description}"
    return similar.of(request.user, text, apart_from=incident)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@drafts.signed_in
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """All answers on one page, until they are sent each with a way to change it."""
    incident = find(request, reference)
    if request.method == "POST":
        return finish(incident)
    is_over = questionnaire.is_finished(incident)
    if is_over and incident.reporter_id != request.user.pk:
        return past(request, incident)
    facts = {
        "incident": incident,
        "rows": questionnaire.rows(incident, request.user),
        "last": sequence.of(incident)[-1],
        "is_over": is_over,
    }
    return render(request, "portal/report_check.html", facts)


def finish(incident: Incident) -> HttpResponse:
    questionnaire.finish(incident)
    return redirect("report_done", incident.reference)


def past(request: HttpRequest, incident: Incident) -> HttpResponse:
    """The questions are over: what else there is to say, is said on the ticket."""
    is_mine = incident.reporter_id == request.user.pk
    return redirect("ticket" if is_mine else "report_done", incident.reference)


def too_late(
    request: HttpRequest, incident: Incident, question: Question, form: QuestionForm
) -> HttpResponse:
    """Whoever typed it in for a caller has sent it, and answers no more; a second click may be."""
    if not questionnaire.has(incident, question, form):
        words = _("%s was sent already. Your last answer is not stored: add it to the incident.")
        messages.warning(request, words % incident.reference)
    return past(request, incident)


def find(request: HttpRequest, reference: str) -> Incident:
    try:
        return questionnaire.find(request.user, reference)
    except Incident.DoesNotExist:
        raise Http404 from None
