"""Answers that come after the report: they add to the record, and never overrule the team."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.text import capfirst

from incidents import access, conversation, facts, intake, milestones, records, rights
from incidents.events import milestone_set
from incidents.models import Incident
from incidents.models.timeline import Kind
from incidents.states import Milestone, Precision

QUESTIONS = ("subject", "description", *intake.ANSWERS)
# One answer in several columns: whoever sets one of them has given the whole answer.
TOGETHER = (
    {"workspaces", "workspaces_text"},
    {"virtual_machines", "virtual_machines_text"},
    {"noticed_at", "noticed_at_precision"},
    {"occurred_from", "occurred_to"},
)
SILENT = {"noticed_at_precision", "workspaces_text", "virtual_machines_text"}  # say it with theirs
UNKNOWN = "unknown"  # in every question that offers it; says nothing to a team that knows
MARK = {"as": "answer"}  # on the timeline: tells an answer from what its author does for the team


@transaction.atomic
def give(
    incident: Incident, answers: Mapping[str, Any], *, by, former: Mapping[str, Any] | None = None
) -> Incident:
    """Store what the reporter, or who typed the report in for them, answers about it.

    A fact that somebody else changed meanwhile stays as it is; a different answer then becomes a
    message of the reporter, unless it says the same as in `former`, the answers before these.
    Raises ValidationError naming the fields, rights.Denied and records.Closed; then nothing is
    stored.
    """
    if not access.receipts_of(by).filter(pk=incident.pk).exists():
        raise rights.Denied("answer")
    current = records.lock_open(incident)
    theirs = settled(current)
    new = _completed({name for name in answers if not _is_repeated(name, answers, former or {})})
    text = _as_message(current, {name: answers[name] for name in answers if name in theirs & new})
    mine = {name: answers[name] for name in answers if name not in theirs}
    changed = facts.change(current, mine, among=QUESTIONS, by=by, marks=MARK)
    if "noticed_at" in changed or "noticed_at_precision" in changed:
        _note_when_noticed(current, by)
    if text:
        conversation.receive(current, text, by=by, settles=False)
    return current


def settled(incident: Incident) -> set[str]:
    """The questions that the team has answered on record: no answer changes these any more."""
    entries = incident.timeline.filter(kind__in=[Kind.CHANGE, Kind.MILESTONE])
    found: set[str] = set()
    for actor, data in entries.values_list("actor", "data"):
        is_reporter = actor is not None and actor == incident.reporter_id
        if not is_reporter and not MARK.items() <= data.items():
            found |= {data["milestone"]} if "milestone" in data else data.keys()
    if "virtual_machines" in found:
        found.add("workspaces")  # machines bring theirs
    return _completed(found) & set(QUESTIONS)


def _completed(names: set[str]) -> set[str]:
    return names.union(*(group for group in TOGETHER if group & names))


def _is_repeated(name: str, answers: Mapping[str, Any], former: Mapping[str, Any]) -> bool:
    return name in former and answers[name] == former[name]


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
    said = _read(incident, answers)
    if said.get("noticed_at_precision") == Precision.UNKNOWN:
        said.pop("noticed_at", None)
    with translation.override("en"):
        lines = [_line(incident, name, said) for name in said if name not in SILENT]
    return "\n".join(filter(None, lines))


def _read(incident: Incident, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as the record would hold them; names come with what is written beside them."""
    said, errors = {}, {}
    for name, raw in answers.items():
        try:
            said[name] = facts.read(incident, name, raw)
        except ValidationError as problem:
            errors[name] = problem.messages
    if errors:
        raise ValidationError(errors)
    for name in facts.RELATED.keys() & said.keys():
        said[name] += said.get(f"{name}_text", "").splitlines()
    return said


def _line(incident: Incident, name: str, said: Mapping[str, Any]) -> str:
    column: Any = incident._meta.get_field(name)
    text = _in_words(column, said[name])
    if not text or text.casefold() == _in_words(column, facts.known(incident, name)).casefold():
        return ""
    return f"{capfirst(column.verbose_name)}: {text}"


def _in_words(column: Any, value: Any) -> str:
    if value == UNKNOWN:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, list):
        return ", ".join(sorted({each for each in value if each != UNKNOWN}, key=str.casefold))
    return str(dict(column.flatchoices).get(value, value) or "")
