"""How far the questions about one report got: what was answered, and whether all of it was sent."""

from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from incidents import access, answers, evidence, records
from incidents.evidence import Upload
from incidents.models import Incident
from portal.models import Questionnaire
from portal.selfservice import sequence
from portal.selfservice.forms import PortalForm
from portal.selfservice.questions import FirstForm, QuestionForm
from portal.selfservice.said import said
from portal.selfservice.sequence import Question

NOT_ANSWERS = {"form_key", "files"}


class Row(NamedTuple):
    """One question where answers are checked; `words` is empty while it is open."""

    question: Question
    words: list[str]
    is_open: bool


def find(user, reference: str) -> Incident:
    """The report that `user` made in the portal, for themselves or as an agent for a caller.

    Raises Incident.DoesNotExist for any other.
    """
    mine = access.receipts_of(user).filter(questionnaire__isnull=False)
    return mine.select_related("questionnaire", "reporter").get(pk=access.key_of(reference))


def may_answer(incident: Incident, user) -> bool:
    """The reporter always; who typed it in for them, until it was sent."""
    return incident.reporter_id == user.pk or _row_of(incident).sent_at is None


def is_finished(incident: Incident) -> bool:
    return incident.is_closed or _row_of(incident).sent_at is not None


def open_for(incident: Incident, first: FirstForm) -> None:
    """Begin with what was typed on the first page."""
    told = kept(first)
    answered = {"what": {name: told.get(name, [""]) for name in ("description", "subject")}}
    if first.cleaned_data.get("contact_phone"):
        answered["reach"] = {"contact_phone": told["contact_phone"]}
    Questionnaire.objects.create(incident=incident, answered=answered)


def answer(incident: Incident, question: Question, form: QuestionForm, *, by) -> None:
    """Store one page: facts, what was ticked, and files, together or not at all.

    What comes a second time changes nothing, be it a click or a file. Raises ValidationError,
    rights.Denied and records.Closed.
    """
    _store(incident, question, form, evidence.read(form.cleaned_data.get("files", [])), by)


@evidence.whole()
def _store(
    incident: Incident, question: Question, form: QuestionForm, uploads: list[Upload], by
) -> None:
    records.lock_open(incident)
    row = Questionnaire.objects.select_for_update().get(pk=incident.pk)
    told = kept(form)
    if row.answered.get(question.name) != told:
        former = question.form(_told(row, question), incident=incident, user=by)
        before = former.answers() if former.is_valid() else {}
        answers.give(incident, form.answers(), by=by, former=before)
        row.answered[question.name] = told
        row.save(update_fields=["answered"])
    evidence.store_all(incident, _fresh(incident, uploads), by=by, from_reporter=True)


def _fresh(incident: Incident, uploads: list[Upload]) -> list[Upload]:
    """Those that did not arrive ahead of the page, whatever its script still knows of them."""
    present = set(incident.evidence.filter(from_reporter=True).values_list("sha256", flat=True))
    sent = {upload.sha256: upload for upload in uploads}
    return [upload for digest, upload in sent.items() if digest not in present]


def kept(form: PortalForm) -> dict[str, list[str]]:
    """What was ticked and typed, as it was sent."""
    names = form.fields.keys() - NOT_ANSWERS
    return {name: form.sent(name) for name in sorted(names) if form.sent(name)}


def finish(incident: Incident) -> None:
    """The reporter has said all they want to say here. Twice does no harm."""
    Questionnaire.objects.filter(incident=incident, sent_at=None).update(sent_at=timezone.now())


def given(incident: Incident, question: Question) -> MultiValueDict:
    """What was answered to this question; empty when it was not asked yet."""
    return _told(_row_of(incident), question)


def _told(row: Questionnaire, question: Question) -> MultiValueDict:
    return MultiValueDict(row.answered.get(question.name, {}))


def has(incident: Incident, question: Question, form: QuestionForm) -> bool:
    """True if this very page was stored already."""
    return _row_of(incident).answered.get(question.name) == kept(form)


def rows(incident: Incident, user) -> list[Row]:
    """Every question that concerns the report, with the answer in words."""
    return [_row(incident, question, user) for question in sequence.of(incident)]


def _row(incident: Incident, question: Question, user) -> Row:
    is_open = question.name not in _row_of(incident).answered
    words = _words(incident, question, user)
    return Row(question, words, is_open and not words)


def _words(incident: Incident, question: Question, user) -> list[str]:
    if question.name == "files":
        return [file.name for file in incident.evidence.filter(from_reporter=True)]
    form = question.form(given(incident, question), incident=incident, user=user)
    form.is_valid()
    return said(form)


def _row_of(incident: Any) -> Questionnaire:
    """The other side of its key, which mypy does not always find."""
    found: Questionnaire = incident.questionnaire
    return found
