"""The only way from one state to another: transition()."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import (
    access,
    duplicates,
    grading,
    milestones,
    need_to_know,
    plain_text,
    records,
    rights,
    roles,
    timeline,
)
from incidents.events import incident_transitioned
from incidents.guards import Reason, Refused
from incidents.models import Category, Incident
from incidents.models.timeline import Kind
from incidents.roles import Role
from incidents.states import Milestone, Severity, State
from incidents.steps import STEPS, Input, Step

MILESTONE_INPUTS = {"contained_at", "recovered_at"}
UNDOING = {"resume", "reopen", duplicates.MERGE, duplicates.SPLIT}


class TransitionRefused(Refused):
    """The step is not possible now: unmet guards."""

    def __init__(self, step: Step, reasons: list[Reason]):
        self.step = step
        super().__init__(reasons)


class UnknownStep(Exception):
    """There is no step of this name."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that somebody may try, and what it still lacks."""

    step: Step
    reasons: list[Reason]


def steps_for(incident: Incident, by) -> list[Offer]:
    """The steps out of the present state that `by` has the right to, each with what it lacks."""
    return [
        Offer(step, blockers(_as_if(incident, step, by), step))
        for step in STEPS.values()
        if incident.state in step.sources
        and _is_about(incident, step)
        and _has_right(incident, step, by, {})
    ]


def _is_about(incident: Incident, step: Step) -> bool:
    """A duplicate is split, nothing else is; and it is not reopened."""
    is_duplicate = incident.duplicate_of_id is not None
    return {duplicates.SPLIT: is_duplicate, "reopen": not is_duplicate}.get(step.name, True)


def _as_if(incident: Incident, step: Step, by) -> Incident:
    """A copy on which `by` has begun the step without typing anything."""
    copied = copy.copy(incident)
    _assign(copied, step, {}, by)
    return copied


def blockers(incident: Incident, step: Step) -> list[Reason]:
    """Every unmet guard of `step`; a wrong state is the first of them."""
    unmet = [guard.reason(incident) for guard in step.guards if not guard(incident)]
    return unmet if incident.state in step.sources else [_wrong_state(incident, step), *unmet]


def _wrong_state(incident: Incident, step: Step) -> Reason:
    words = {
        "step": step.label,
        "source": step.source_names,
        "state": State(incident.state).label,
    }
    return Reason(
        "wrong_state", _("%(step)s starts from %(source)s; this one is in %(state)s.") % words
    )


@transaction.atomic
def transition(
    incident: Incident, name: str, *, by, inputs: Mapping[str, Any] | None = None, asked_by=None
) -> Incident:
    """Take one step and return the incident as it is then.

    Where two people have to agree, `asked_by` is the first one; incidents.signatures gives it.

    Raises UnknownStep, ValidationError (an input that cannot be read), rights.Denied, or
    TransitionRefused with every reason; then nothing was changed.
    """
    step = STEPS.get(name)
    if step is None:
        raise UnknownStep(name)
    current = duplicates.hold(incident, name, inputs or {})
    values = clean(current, step, inputs or {})
    if not _has_right(current, step, by, values):
        raise rights.Denied(step.right)
    before = _ending(current)
    current.step_asked_by = asked_by
    _assign(current, step, values, by)
    if reasons := blockers(current, step):
        raise TransitionRefused(step, reasons)
    source = State(current.state)
    kept = duplicates.begin(current, name, by=by)
    _move(current, step, by)
    _appoint_manager(current, step)
    records.save(current)
    if "category" in values:
        grading.apply_floors(current, by=by)
    timeline.append(
        current,
        Kind.TRANSITION,
        by=by,
        text=current.step_reason,
        data={
            "step": step.name,
            "from": source,
            "to": current.state,
            "inputs": {key: _for_record(value) for key, value in values.items()},
            **({"before": before} if step.name in UNDOING else {}),
            **kept,
            **({"asked_by": timeline.name_of(asked_by)} if asked_by else {}),
        },
    )
    duplicates.finish(current, name, by=by)
    incident_transitioned.send(
        Incident, incident=current, step=step.name, source=source, target=current.state, by=by
    )
    return current


def clean(incident: Incident, step: Step, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as Python values; empty ones are left out.

    Raises ValidationError naming each input that is unknown or cannot be read. What is missing is
    a guard's matter.
    """
    known = {each.name: each for each in step.inputs}
    values, errors = {}, {}
    for name, raw in inputs.items():
        try:
            if name not in known:
                raise ValidationError(_("%s does not ask for this.") % step.label)
            value = _read(known[name], raw, incident)
        except ValidationError as problem:
            errors[name] = problem.messages
            continue
        if value not in (None, ""):
            values[name] = value
    if errors:
        raise ValidationError(errors)
    return values


def _read(asked: Input, raw: Any, incident: Incident) -> Any:
    if raw is None or raw == "":
        return None
    readers = {
        "person": lambda: _read_person(raw),
        "category": lambda: _read_category(raw),
        "datetime": lambda: milestones.read_moment(raw),
        "severity": lambda: _read_severity(raw),
    }
    if asked.type in readers:
        return readers[asked.type]()
    if not isinstance(raw, str):
        raise ValidationError(_("Send text."))
    plain_text.check(raw)
    known = [str(code) for code, _label in asked.choices]
    if known and raw not in known:
        raise ValidationError(_("Use one of: %s.") % ", ".join(known))
    limit = plain_text.TEXT_MOST
    if asked.name not in {"reason", "target"}:
        limit = getattr(incident._meta.get_field(asked.name), "max_length", None) or limit
    if len(raw) > limit:
        raise ValidationError(_("Use at most %d characters.") % limit)
    return raw.strip()


def _read_person(raw: Any):
    person = raw if isinstance(raw, get_user_model()) else roles.team_member(str(raw))
    if person is None or not roles.of(person) & set(roles.TEAM):
        raise ValidationError(_("Name a member of the response team by user name."))
    return person


def _read_category(raw: Any) -> Category:
    if isinstance(raw, Category):
        return raw
    plain_text.check(str(raw))
    found = Category.at(str(raw))
    if found is None:
        raise ValidationError(_("Use a category such as information-content-security/data-leak."))
    return found


def _read_severity(raw: Any) -> Severity:
    text = str(raw).upper().removeprefix("SEV")
    if text not in {"1", "2", "3", "4"}:
        raise ValidationError(_("Use a severity from 1 to 4."))
    return Severity(int(text))


def _has_right(incident: Incident, step: Step, by, values: Mapping[str, Any]) -> bool:
    if step.name == "close":
        return rights.may_close(by, incident)
    if not rights.allowed(by, step.right, incident):
        return False
    return step.name != "dismiss" or rights.may_dismiss(by, values.get("outcome", ""))


def _assign(incident: Incident, step: Step, values: dict[str, Any], by) -> None:
    incident.step_by = by
    incident.step_reason = values.get("reason", "")
    if step.name == "acknowledge":
        incident.owner = _chosen(incident, values) or incident.owner or _if_team(by)
    elif step.name == duplicates.MERGE:
        duplicates.aim(incident, values.get("target", ""), by=by)
    elif step.name == duplicates.SPLIT:
        duplicates.look_back(incident)
    for name, value in values.items():
        if name in {"reason", "owner", "target"}:
            continue
        if name == "severity":
            _set_severity(incident, step, value, by)
        elif name in MILESTONE_INPUTS:
            milestones.note(incident, name, value, source=str(by))
        else:
            setattr(incident, name, value)


def _chosen(incident: Incident, values: Mapping[str, Any]):
    """The owner that was named, if any. Raises ValidationError for one who could not see it."""
    owner = values.get("owner")
    if owner is not None:
        need_to_know.check_sees(incident, owner, "owner")
    return owner


def _set_severity(incident: Incident, step: Step, severity: Severity, by) -> None:
    if incident.state in step.sources:
        grading.regrade(incident, by=by, severity=severity, why=timeline.in_english(step.label))
    else:  # will be refused; a closed incident would refuse the grading itself, with fewer reasons
        incident.severity, incident.severity_by = severity, by


def _move(incident: Incident, step: Step, by) -> None:
    """Take the step, and say of each milestone it sets where that came from."""
    before = {name: getattr(incident, name) for name in Milestone.values}
    getattr(incident, step.name)()
    for name, old in before.items():
        moment = getattr(incident, name)
        if moment is not None and moment != old:
            milestones.note(incident, name, moment, source=str(by))


def _if_team(user):
    return user if roles.of(user) & set(roles.TEAM) else None


def _appoint_manager(incident: Incident, step: Step) -> None:
    """T3: a SEV1 or SEV2 incident has exactly one accountable manager, who can see it."""
    if step.name == "declare" and incident.severity <= Severity.SEV2 and not incident.manager_id:
        held = roles.holders([Role.MIM])[Role.MIM]
        incident.manager = next((each for each in held if access.may_see(each, incident)), None)


def _ending(incident: Incident) -> dict[str, Any]:
    """What a step that undoes takes off the record, kept on the timeline."""
    return {
        "outcome": incident.outcome,
        "resolution": incident.resolution,
        "resolved_at": incident.resolved_at,
        "closed_at": incident.closed_at,
    }


def _for_record(value: Any) -> Any:
    if isinstance(value, Category):
        return value.path
    return getattr(value, "username", value)
