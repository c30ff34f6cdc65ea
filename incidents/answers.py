"""Answers that come after the report: they add to the record, and never overrule the team."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Manager
from django.utils import translation
from django.utils.text import capfirst

from incidents import access, conversation, facts, intake, milestones, records, rights
from incidents.events import milestone_set
from incidents.models import Incident
from incidents.models.timeline import Kind
from incidents.states import Milestone, Precision

QUESTIONS = ("subject", "description", *intake.ANSWERS)
SILENT = {"noticed_at_precision"}  # says nothing without its moment


@transaction.atomic
def give(incident: Incident, answers: Mapping[str, Any], *, by) -> Incident:
    """Store what the reporter, or who typed the report in for them, answers about it.

    A fact that somebody else changed meanwhile stays as it is; a different answer then becomes a
    message of the reporter. Raises ValidationError naming every field, rights.Denied and
    records.Closed; then nothing is stored.
    """
    if not access.receipts_of(by).filter(pk=incident.pk).exists():
        raise rights.Denied("answer")
    current = records.lock_open(incident)
    settled = _changed_by_others(current)
    mine = {name: value for name, value in answers.items() if name not in settled}
    changed = facts.change(current, mine, among=QUESTIONS, by=by)
    if "noticed_at" in changed or "noticed_at_precision" in changed:
        _note_when_noticed(current, by)
    differing = {name: answers[name] for name in settled if name in answers}
    if text := _as_message(current, differing):
        conversation.receive(current, text, by=by)
    return current


def _changed_by_others(incident: Incident) -> set[str]:
    """The facts that somebody but the reporter and who typed it in has set on record."""
    theirs = [each for each in (incident.reporter_id, incident.entered_by_id) if each]
    entries = incident.timeline.exclude(actor__in=theirs)
    changes = entries.filter(kind=Kind.CHANGE).values_list("data", flat=True)
    moments = entries.filter(kind=Kind.MILESTONE).values_list("data__milestone", flat=True)
    found = {name for data in changes for name in data}.union(moments)
    return found | ({"noticed_at_precision"} if "noticed_at" in found else set())


def _note_when_noticed(incident: Incident, by) -> None:
    milestones.note(
        incident,
        Milestone.NOTICED_AT,
        incident.noticed_at,
        source=incident.reported_via,
        precision=incident.noticed_at_precision,
    )
    records.save(incident, "milestone_notes")
    milestone_set.send(Incident, incident=incident, name=Milestone.NOTICED_AT, by=by)


def _as_message(incident: Incident, answers: Mapping[str, Any]) -> str:
    """The answers that say something else than the record, one on each line, in plain English."""
    said = {name: value for name, value in answers.items() if name not in SILENT}
    if answers.get("noticed_at_precision") == Precision.UNKNOWN:
        said.pop("noticed_at", None)
    with translation.override("en"):
        lines = [_line(incident, name, value) for name, value in said.items()]
    return "\n".join(filter(None, lines))


def _line(incident: Incident, name: str, value: Any) -> str:
    column: Any = incident._meta.get_field(name)
    text = _in_words(column, value)
    if not text or text == _in_words(column, getattr(incident, name)):
        return ""
    return f"{capfirst(column.verbose_name)}: {text}"


def _in_words(column: Any, value: Any) -> str:
    if isinstance(value, Manager):
        value = list(value.values_list("name", flat=True))
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, list):
        return ", ".join(sorted(value))
    return str(dict(column.flatchoices).get(value, value) or "")
