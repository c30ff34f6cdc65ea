"""The steps of the lifecycle as a table: who, what is asked, which guards (DOMAIN.md 1.3)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from incidents import guards
from incidents.guards import Guard
from incidents.rights import Right
from incidents.states import OPEN_STATES, Outcome, Severity, State

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Input:
    """What a step asks for. Types: text, line, datetime, choice, category, person, severity,
    incident.
    """

    name: str
    type: str
    label: "str | StrPromise"
    required: bool = False
    choices: "tuple[tuple[str | int, str | StrPromise], ...]" = ()


@dataclass(frozen=True, slots=True)
class Step:
    """`target` is None for a step that leads back to where the incident was before."""

    name: str
    label: "str | StrPromise"
    sources: tuple[State, ...]
    target: State | None
    right: Right
    inputs: tuple[Input, ...] = ()
    guards: tuple[Guard, ...] = ()

    @property
    def source_names(self) -> str:
        return ", ".join(str(state.label) for state in self.sources)


TARGET = Input("target", "incident", _("Duplicate of"), True)
OWNER = Input("owner", "person", _("Owner"))
CATEGORY = Input("category", "category", _("Category"))
CATEGORY_REASON = Input("category_reason", "line", _("Why no category fits"))
SEVERITY = Input("severity", "severity", _("Severity"), choices=tuple(Severity.choices))
OUTCOME = Input("outcome", "choice", _("Outcome"), True, tuple(Outcome.choices))
DISMISSED_AS = Input(
    "outcome",
    "choice",
    _("Outcome"),
    True,
    tuple(choice for choice in Outcome.choices if choice[0] != Outcome.CONFIRMED),
)
RESOLUTION = Input("resolution", "text", _("Resolution"), True)
ROOT_CAUSE = Input("root_cause", "text", _("Root cause, or why it is unknown"), True)
REASON = Input("reason", "text", _("Reason"), True)
CONTAINED_AT = Input("contained_at", "datetime", _("Contained at"))
CONTAINED_NOT = Input("contained_not_applicable", "line", _("or why containment does not apply"))
RECOVERED_AT = Input("recovered_at", "datetime", _("Recovered at"))
RECOVERED_NOT = Input("recovered_not_applicable", "line", _("or why recovery does not apply"))

TABLE = (
    Step(
        "acknowledge",
        _("Acknowledge"),
        (State.NEW,),
        State.TRIAGE,
        Right.ACKNOWLEDGE,
        (OWNER,),
        (guards.has_owner,),
    ),
    Step(
        "declare",
        _("Declare"),
        (State.TRIAGE,),
        State.RESPONDING,
        Right.DECLARE,
        (CATEGORY, SEVERITY),
        (guards.has_category, guards.has_severity_by_person, guards.has_risk_assessment),
    ),
    Step(
        "dismiss",
        _("Dismiss"),
        (State.TRIAGE,),
        State.CLOSED,
        Right.DISMISS,
        (DISMISSED_AS, RESOLUTION),
        (
            guards.was_not_declared,
            guards.has_outcome,
            guards.outcome_is_not_confirmed,
            guards.has_resolution,
            guards.mandatory_tasks_settled,
            guards.breach_ruled_out,
        ),
    ),
    Step(
        "refute",
        _("Refute"),
        (State.RESPONDING,),
        State.CLOSED,
        Right.REFUTE,
        (DISMISSED_AS, RESOLUTION, REASON),
        (
            guards.has_outcome,
            guards.outcome_is_not_confirmed,
            guards.has_resolution,
            guards.has_reason,
            guards.mandatory_tasks_settled,
            guards.breach_ruled_out,
            guards.two_refute,
        ),
    ),
    Step(
        "resolve",
        _("Resolve"),
        (State.RESPONDING,),
        State.RESOLVED,
        Right.RESOLVE,
        (
            OUTCOME,
            RESOLUTION,
            ROOT_CAUSE,
            CONTAINED_AT,
            CONTAINED_NOT,
            RECOVERED_AT,
            RECOVERED_NOT,
            CATEGORY,
            CATEGORY_REASON,
            SEVERITY,
        ),
        (
            guards.is_contained,
            guards.is_recovered,
            guards.mandatory_tasks_before_resolve_settled,
            guards.has_outcome,
            guards.has_resolution,
            guards.has_root_cause,
            guards.has_category,
            guards.category_is_final,
            guards.has_severity_by_person,
        ),
    ),
    Step(
        "close",
        _("Close"),
        (State.RESOLVED,),
        State.CLOSED,
        Right.CLOSE,
        (OUTCOME, RESOLUTION),
        (
            guards.has_outcome,
            guards.has_resolution,
            guards.mandatory_tasks_settled,
            guards.category_is_final,
            guards.two_close_what_is_grave,
        ),
    ),
    Step(
        "resume",
        _("Resume"),
        (State.RESOLVED,),
        State.RESPONDING,
        Right.RESUME,
        (REASON,),
        (guards.has_reason,),
    ),
    Step(
        "reopen",
        _("Reopen"),
        (State.CLOSED,),
        State.TRIAGE,
        Right.REOPEN,
        (REASON,),
        (guards.has_reason, guards.is_no_duplicate),
    ),
    Step(
        "merge",
        _("Merge"),
        tuple(OPEN_STATES),
        State.CLOSED,
        Right.MERGE,
        (TARGET, REASON),
        (
            guards.names_target,
            guards.target_is_known,
            guards.target_is_another,
            guards.target_is_not_its_duplicate,
            guards.target_is_no_duplicate,
            guards.target_is_open,
            guards.target_is_as_real,
            guards.target_is_declared_too,
            guards.target_is_of_one_circle,
            guards.has_reason,
        ),
    ),
    Step(
        "split",
        _("Split"),
        (State.CLOSED,),
        None,
        Right.SPLIT,
        (REASON,),
        (guards.is_duplicate, guards.has_reason),
    ),
)
STEPS = {step.name: step for step in TABLE}
