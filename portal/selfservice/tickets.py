"""My tickets: where each of them stands, what was said, and adding to it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from incidents import access, conversation, evidence
from incidents.models import Evidence, Incident, TimelineEntry
from incidents.models.timeline import Kind
from incidents.states import State, WaitingOn
from portal.selfservice import drafts, once, progress, promises, readings, shared
from portal.selfservice.forms import MessageForm
from portal.selfservice.progress import Status

PAGE_SIZE = 25
# A question must not slip out of sight because the reporter has reported more since.
ASKED_FIRST = Case(
    When(Q(waiting_on=WaitingOn.REPORTER) & ~Q(state=State.CLOSED), then=Value(0)),
    default=Value(1),
)


class Line(NamedTuple):
    """A ticket in a list. `last` is what was said last, by `last_by`."""

    incident: Incident
    status: Status
    last: str
    last_by: str
    answer_by: datetime | None
    is_unread: bool


class Message(NamedTuple):
    entry: TimelineEntry
    author: str
    is_mine: bool
    label: str
    file: Evidence | None


@never_cache
@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    pages = Paginator(rows(request.user), PAGE_SIZE)
    page_of_rows = pages.get_page(request.GET.get("page"))
    shared_page = shared.page_of_rows(request.user, request.GET.get(shared.PARAMETER))
    facts = {
        "page": page_of_rows,
        "tickets": lines(page_of_rows),
        "shared_page": shared_page,
        "shared_tickets": shared.lines(shared_page),
    }
    return render(request, "portal/tickets.html", facts)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@drafts.signed_in
def page(request: HttpRequest, reference: str) -> HttpResponse:
    incident = find(request.user, reference)
    draft = None
    if request.method == "POST":
        form = MessageForm(with_ready_answer(request), request.FILES)
        if form.is_valid() and add(request, incident, form):
            drafts.drop(request)
            return redirect("ticket", incident.reference)
    else:
        draft = drafts.read(request)
        kept = drafts.initial(draft, MessageForm)
        form = MessageForm(initial={"form_key": once.fresh_key(), **kept})
    facts = facts_of(request, incident, form) | {"is_kept": draft is not None}
    if facts["messages_shown"] and readings.is_reading(request):
        readings.note(request.user, incident, facts["messages_shown"][0].entry.sequence)
    return render(request, "portal/ticket.html", facts)


def find(user, reference: str) -> Incident:
    """The user's own ticket. Anybody else's does not exist."""
    try:
        return access.tickets_of(user).get(pk=access.key_of(reference))
    except Incident.DoesNotExist:
        raise Http404 from None


def rows(user) -> QuerySet[Incident]:
    """The user's tickets, questions and then the newest first, each with what was said last."""
    said = TimelineEntry.objects.filter(
        incident=OuterRef("pk"), kind__in=readings.SAID, is_public=True
    ).order_by("-sequence")
    return (
        readings.marked(access.tickets_of(user), user)
        .annotate(
            last_text=Subquery(said.values("text")[:1]),
            last_actor=Subquery(said.values("actor")[:1]),
            last_name=Subquery(said.values("actor_name")[:1]),
        )
        .order_by(ASKED_FIRST, "-pk")
    )


def lines(incidents: Iterable[Incident]) -> list[Line]:
    return [_line(incident) for incident in incidents]


def _line(incident) -> Line:
    is_mine = incident.last_actor == incident.reporter_id
    is_waiting = incident.state == State.NEW and incident.last_text is None
    return Line(
        incident,
        progress.status_of(incident),
        (incident.last_text or "")[:300],
        _("You") if is_mine else (incident.last_name or ""),
        promises.answered_by(incident) if is_waiting else None,
        readings.is_unread(incident),
    )


def facts_of(request: HttpRequest, incident: Incident, form: MessageForm) -> dict:
    """What the page shows: public words, plain status, nothing of what the team keeps to itself."""
    messages = messages_of(incident, request.user)
    is_asked = progress.is_asked(incident)
    return {
        "incident": incident,
        "form": form,
        "status": progress.status_of(incident),
        "path": progress.path_of(incident),
        "messages_shown": messages,
        "question": next((each for each in messages if each.entry.kind == Kind.REPLY), None)
        if is_asked
        else None,
        "is_asked": is_asked,
        "answer_by": promises.answered_by(incident) if incident.state == State.NEW else None,
        "outcome": progress.outcome_of(incident),
        "reopen_until": conversation.reopen_until(incident),
        "asked_to_reopen": conversation.request_to_reopen(incident),
    }


def messages_of(incident: Incident, reader) -> list[Message]:
    """What was said and sent in, the newest first."""
    files = {each.pk: each for each in incident.evidence.filter(from_reporter=True)}
    entries = incident.timeline.filter(kind__in=readings.SHOWN, is_public=True).order_by(
        "-sequence"
    )
    return [
        Message(
            entry,
            _("You") if entry.actor_id == reader.pk else entry.actor_name,
            entry.kind not in {Kind.REPLY, Kind.SHARED_UPDATE},
            _label(entry),
            files.get(entry.data.get("id")) if entry.kind == Kind.EVIDENCE else None,
        )
        for entry in entries
    ]


def _label(entry: TimelineEntry) -> str:
    """What sort of words these are, where that is not plain from who says them."""
    if entry.data.get("asks_to_reopen"):
        return _("Asked to reopen")
    return _("Update") if entry.kind == Kind.SHARED_UPDATE else ""


def first_reply_at(incident: Incident) -> datetime | None:
    """When somebody of the team first wrote to the reporter; None while nobody has."""
    replies = incident.timeline.filter(kind=Kind.REPLY, is_public=True).order_by("sequence")
    return replies.values_list("at", flat=True).first()


def with_ready_answer(request: HttpRequest) -> QueryDict:
    """The sent fields; the button "I do not know" stands for that sentence."""
    sent = request.POST.copy()
    if "unknown" in sent and not sent.get("text", "").strip():
        sent["text"] = _("I do not know.")
    return sent


def add(request: HttpRequest, incident: Incident, form: MessageForm) -> bool:
    """Store the message and its files together; False when the form now shows what was refused."""

    def act() -> str:
        store(incident, form.cleaned_data["text"], uploads, by=request.user)
        return incident.reference

    try:
        uploads = evidence.read(form.cleaned_data["files"])
        return bool(once.only(request, act))
    except ValidationError as problem:
        form.refuse(problem.message_dict)
        return False


@evidence.whole()
def store(incident: Incident, text: str, uploads: list[evidence.Upload], *, by) -> None:
    if text:
        conversation.receive(incident, text, by=by)
    evidence.store_all(incident, uploads, by=by, from_reporter=True)
