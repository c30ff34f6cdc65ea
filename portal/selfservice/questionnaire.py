"""How far the questions about one report got: what was answered, and whether all of it was sent."""

from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from incidents import access, answers, evidence, records
from incidents.models import Incident
from portal.models import Questionnaire
from portal.selfservice import once, sequence, tickets
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
    """The report that `user` made in the portal, for themselves or for a caller.

    Raises Incident.DoesNotExist for any other.
    """
    mine = access.receipts_of(user).filter(questionnaire__isnull=False)
    return mine.select_related("questionnaire").get(pk=access.key_of(reference))


def is_finished(incident: Incident) -> bool:
    return incident.is_closed or _row_of(incident).sent_at is not None


def open_for(incident: Incident, first: FirstForm) -> None:
    """Begin with what was typed on the first page."""
    told = kept(first)
    answered = {"what": {name: told.get(name, [""]) for name in ("description", "subject")}}
    if first.cleaned_data.get("contact_phone"):
        answered["reach"] = {"contact_phone": told["contact_phone"]}
    Questionnaire.objects.create(incident=incident, answered=answered)


@transaction.atomic
def answer(incident: Incident, question: Question, form: QuestionForm, *, by) -> None:
    """Store one page: facts, what was ticked, and files, together or not at all.

    What comes a second time changes nothing, be it a click or a file. Raises ValidationError,
    rights.Denied and records.Closed.
    """
    records.lock_open(incident)
    row = Questionnaire.objects.select_for_update().get(pk=incident.pk)
    told = kept(form)
    if row.answered.get(question.name) != told:
        answers.give(incident, form.answers(), by=by)
        row.answered[question.name] = told
        row.save(update_fields=["answered"])
    if files := form.cleaned_data.get("files"):
        _store(incident, files, by)


def _store(incident: Incident, files: list, by) -> None:
    """Those that did not arrive ahead of the page, whatever its script still knows of them."""
    present = set(incident.evidence.filter(from_reporter=True).values_list("sha256", flat=True))
    sent = {once.hash_of(file): file for file in files}
    fresh = [file for digest, file in sent.items() if digest not in present]
    if problems := evidence.check_all(fresh, present=len(present)):
        raise ValidationError({"file": problems})
    tickets.store(incident, "", fresh, by=by)


def kept(form: PortalForm) -> dict[str, list[str]]:
    """What was ticked and typed, as it was sent."""
    names = form.fields.keys() - NOT_ANSWERS
    return {name: form.sent(name) for name in sorted(names) if form.sent(name)}


def finish(incident: Incident) -> None:
    """The reporter has said all they want to say here. Twice does no harm."""
    Questionnaire.objects.filter(incident=incident, sent_at=None).update(sent_at=timezone.now())


def given(incident: Incident, question: Question) -> MultiValueDict:
    """What was answered to this question; empty when it was not asked yet."""
    return MultiValueDict(_row_of(incident).answered.get(question.name, {}))


def rows(incident: Incident, user) -> list[Row]:
    """Every question that concerns the report, with the answer in words."""
    return [_row(incident, question, user) for question in sequence.of(incident)]


def _row(incident: Incident, question: Question, user) -> Row:
    is_open = question.name not in _row_of(incident).answered
    form = question.form(given(incident, question), incident=incident, user=user)
    form.is_valid()
    files = [file.name for file in incident.evidence.filter(from_reporter=True)]
    words = files if question.name == "files" else said(form)
    return Row(question, words, is_open and not words)


def _row_of(incident: Any) -> Questionnaire:
    """The other side of its key, which mypy does not always find."""
    found: Questionnaire = incident.questionnaire
    return found
