"""PATCH of an incident: facts, judgements and milestones in one transaction, or nothing of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import breach, facts, grading, milestones, records, signatures
from incidents.api.endpoints import check_match
from incidents.api.inputs import JudgementBody, as_range
from incidents.models import Incident, SecondSignature

GRADES = ("severity", "urgency", "priority", "scales")
Errors = dict[str, list[str]]


@transaction.atomic
def apply(incident: Incident, body: Mapping[str, Any], *, by, match: str | None) -> None:
    """Change all that `body` names. Raises ValidationError naming every field, rights.Denied,
    records.Stale and records.Closed; then nothing was changed.
    """
    facts_now = {name: raw for name, raw in body.items() if name in facts.EDITABLE}
    judgement = JudgementBody(
        data={name: raw for name, raw in body.items() if name in JudgementBody().fields}
    )
    errors: Errors = {
        name: [_("This cannot be changed here.")]
        for name in body
        if name not in facts_now and name not in judgement.fields
    }
    if not judgement.is_valid():
        errors |= _flat(judgement.errors)
    check_match(match, records.lock_open(incident))
    given = {} if judgement.errors else judgement.validated_data
    with _collected(errors):
        _edit(incident, facts_now, by, given.get("reason", ""))
    for act in (_regrade, _judge_breach, _record):
        with _collected(errors):
            act(incident, given, by)
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def ask_to_lower(
    incident: Incident, body: Mapping[str, Any], *, by, match: str | None
) -> SecondSignature:
    """Ask for the second signature under these grades. Raises as signatures.ask() does."""
    allowed = {*GRADES, "reason", "ask_second"}
    judgement = JudgementBody(data={name: body[name] for name in body if name in allowed})
    errors: Errors = {
        name: [_("This cannot be asked for together with a second signature.")]
        for name in body
        if name not in allowed
    }
    if not judgement.is_valid():
        errors |= _flat(judgement.errors)
    if errors:
        raise ValidationError(errors)
    check_match(match, records.lock_open(incident))
    given = judgement.validated_data
    grades = {name: given[name] for name in GRADES if name in given}
    lower = SecondSignature.Act.LOWER_PRIORITY
    return signatures.ask(incident, lower, grades, by=by, reason=given.get("reason", ""))


def _edit(incident: Incident, facts_now: dict[str, Any], by, reason: str) -> None:
    if "users_affected" in facts_now:
        facts_now["users_affected"] = as_range(facts_now["users_affected"])
    if facts_now:
        facts.edit(incident, facts_now, by=by, reason=reason)


def _regrade(incident: Incident, given: Mapping[str, Any], by) -> None:
    grades = {name: given[name] for name in GRADES if name in given}
    if grades:
        grading.regrade(incident, by=by, why=given.get("reason", ""), **grades)


def _judge_breach(incident: Incident, given: Mapping[str, Any], by) -> None:
    if "breach_status" in given:
        why = given.get("breach_reason") or given.get("reason", "")
        breach.judge(incident, given["breach_status"], by=by, reason=why)
    elif "breach_reason" in given:
        raise ValidationError({"breach_status": [_("Say which status this is the reason for.")]})


def _record(incident: Incident, given: Mapping[str, Any], by) -> None:
    for name, (moment, precision) in given.get("milestones", {}).items():
        milestones.record(
            incident,
            name,
            moment,
            by=by,
            reason=given.get("reason", ""),
            precision=precision,
        )


@contextmanager
def _collected(errors: Errors) -> Iterator[None]:
    try:
        yield
    except ValidationError as problem:
        if not hasattr(problem, "error_dict"):
            raise
        for name, messages in problem.message_dict.items():
            errors.setdefault(name, []).extend(
                each for each in messages if each not in errors.get(name, [])
            )


def _flat(errors: Any, path: str = "") -> Errors:
    found: Errors = {}
    for name, inner in errors.items():
        where = f"{path}.{name}" if path else str(name)
        if isinstance(inner, dict):
            found |= _flat(inner, where)
        else:
            found[where] = [str(each) for each in inner]
    return found
