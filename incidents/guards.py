"""Conditions of the lifecycle that can explain themselves.

A guard is a django-fsm condition with a code and a sentence; the console, the API and the portal
all show the same words. To add one: write it here and name it in incidents/steps.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from incidents import plain_text, rights
from incidents.states import (
    PHASES_BEFORE_RESOLVE,
    SETTLED_TASK_STATES,
    BreachStatus,
    Confidentiality,
    Outcome,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_stubs_ext import StrPromise

    from incidents.models import Incident, Task

RESOLUTION_LEAST = 20  # visible characters (DESIGN.md 6)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step is refused, in a word for programs and a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Guard:
    """Holds when `test` is true; otherwise `message` says what is lacking, `detail` which."""

    code: str
    message: "str | StrPromise"
    # Any: the model is made with these guards, so its own type cannot stand here yet
    test: Callable[[Any], bool]
    detail: Callable[[Any], str] | None = None

    def __call__(self, incident: "Incident") -> bool:
        return self.test(incident)

    def reason(self, incident: "Incident") -> Reason:
        detail = self.detail(incident) if self.detail else ""
        return Reason(self.code, f"{self.message} {detail}".strip())


class Refused(Exception):
    """It is not possible now. `reasons` holds every reason, not only the first."""

    def __init__(self, reasons: list[Reason]):
        self.reasons = reasons
        super().__init__(" ".join(reason.message for reason in reasons))


class SignatureRefused(Refused):
    """Two people have to do this together, and that did not come about."""


def _open_mandatory(incident: "Incident", **only: Any) -> "QuerySet[Task]":
    tasks = incident.tasks.filter(is_mandatory=True, **only)
    return tasks.exclude(state__in=SETTLED_TASK_STATES)


def _codes(tasks: "QuerySet[Task]") -> str:
    return ", ".join(task.code or task.title for task in tasks)


def _shows(text: str) -> bool:
    return plain_text.visible_length(text) > 0


def _breach_was_possible(incident: "Incident") -> bool:
    return incident.breach_status != BreachStatus.NOT_ASSESSED


def _is_target(incident: "Incident", holds: Callable[[Any], bool]) -> bool:
    """True if `holds` is true of the target; also without one, for another guard asks for it."""
    return incident.step_target is None or holds(incident.step_target)


def _is_its_duplicate(incident: "Incident", target: "Incident") -> bool:
    return incident.pk in incident.step_target_chain and target.pk != incident.pk


def _is_of_another_circle(incident: "Incident", target: "Incident") -> bool:
    """True if both are restricted and a merge would show one of them to people of the other."""
    both = (incident, target)
    if any(each.confidentiality != Confidentiality.RESTRICTED for each in both):
        return False
    ours, theirs = (set(each.named_people.values_list("person", flat=True)) for each in both)
    return ours != theirs


def _merge_there_instead(incident: "Incident") -> str:
    other = incident.step_target_instead
    return _("Merge into %s instead.") % other if other else ""


has_owner = Guard(
    "owner_missing",
    _("Name an owner who works in the response team."),
    lambda incident: incident.owner_id is not None,
)
has_category = Guard(
    "category_missing",
    _("Choose a category and subcategory."),
    lambda incident: incident.category_id is not None,
)
has_severity_by_person = Guard(
    "severity_not_set",
    _("Set the severity yourself; so far it is the machine's guess."),
    lambda incident: incident.severity_by_id is not None,
)
has_risk_assessment = Guard(
    "risk_assessment_missing",
    _("Save a risk assessment."),
    lambda incident: incident.assessments.exists(),
)
has_resolution = Guard(
    "resolution_missing",
    _("Write a resolution of at least 20 visible characters."),
    lambda incident: plain_text.visible_length(incident.resolution) >= RESOLUTION_LEAST,
)
has_outcome = Guard(
    "outcome_missing",
    _("Choose the outcome."),
    lambda incident: incident.outcome in Outcome.values,
)
outcome_is_not_confirmed = Guard(
    "outcome_is_confirmed",
    _("A confirmed incident cannot be dismissed; declare it and resolve it."),
    lambda incident: incident.outcome != Outcome.CONFIRMED,
)
mandatory_tasks_settled = Guard(
    "mandatory_tasks_open",
    _("Finish or waive the mandatory tasks:"),
    lambda incident: not _open_mandatory(incident).exists(),
    lambda incident: _codes(_open_mandatory(incident)),
)
mandatory_tasks_before_resolve_settled = Guard(
    "mandatory_tasks_open",
    _("Finish or waive the mandatory tasks up to recovery:"),
    lambda incident: not _open_mandatory(incident, phase__in=PHASES_BEFORE_RESOLVE).exists(),
    lambda incident: _codes(_open_mandatory(incident, phase__in=PHASES_BEFORE_RESOLVE)),
)
breach_ruled_out = Guard(
    "breach_not_ruled_out",
    _("The data protection officer must first record, with a reason, that there was no breach."),
    lambda incident: (
        not _breach_was_possible(incident)
        or (incident.breach_status == BreachStatus.RULED_OUT and _shows(incident.breach_reason))
    ),
)
is_contained = Guard(
    "containment_missing",
    _("Say when it was contained, or why that does not apply."),
    lambda incident: incident.contained_at is not None or _shows(incident.contained_not_applicable),
)
is_recovered = Guard(
    "recovery_missing",
    _("Say when service was recovered, or why that does not apply."),
    lambda incident: incident.recovered_at is not None or _shows(incident.recovered_not_applicable),
)
has_root_cause = Guard(
    "root_cause_missing",
    _("Write the root cause, or why it is unknown."),
    lambda incident: _shows(incident.root_cause),
)
category_is_final = Guard(
    "category_not_final",
    _("A confirmed incident needs a real category, or a reason why none fits."),
    lambda incident: (
        incident.outcome != Outcome.CONFIRMED
        or incident.category is None
        or incident.category.path != "other/undetermined"
        or _shows(incident.category_reason)
    ),
)
has_reason = Guard(
    "reason_missing",
    _("Give a reason."),
    lambda incident: _shows(incident.step_reason),
)
SECOND_SIGNATURE = "second_signature"
A_SECOND_PERSON = _("A second person has to agree. Ask for the signature.")
two_refute = Guard(
    SECOND_SIGNATURE, A_SECOND_PERSON, lambda incident: incident.step_asked_by is not None
)
two_close_what_is_grave = Guard(
    SECOND_SIGNATURE,
    A_SECOND_PERSON,
    lambda incident: incident.step_asked_by is not None or not rights.is_grave(incident),
)
was_not_declared = Guard(
    "declared_before",
    _("It was declared an incident once. Declare it again: then it is resolved, or two refute it."),
    lambda incident: not incident.is_incident,
)
names_target = Guard(
    "target_missing",
    _("Name the incident that this one duplicates, by its number."),
    lambda incident: bool(incident.step_target_named),
)
target_is_known = Guard(
    "target_unknown",
    _("There is no incident of this number."),
    lambda incident: not incident.step_target_named or incident.step_target is not None,
)
target_is_another = Guard(
    "target_is_itself",
    _("An incident is no duplicate of itself. Name another one."),
    lambda incident: _is_target(incident, lambda target: target.pk != incident.pk),
)
target_is_not_its_duplicate = Guard(
    "target_is_its_duplicate",
    _("That one is a duplicate of this one already."),
    lambda incident: _is_target(incident, lambda target: not _is_its_duplicate(incident, target)),
)
target_is_no_duplicate = Guard(
    "target_is_duplicate",
    _("That one is a duplicate itself."),
    lambda incident: _is_target(
        incident,
        lambda target: target.duplicate_of_id is None or _is_its_duplicate(incident, target),
    ),
    _merge_there_instead,
)
target_is_open = Guard(
    "target_closed",
    _("That one is closed. Reopen it first, or name one that is open."),
    lambda incident: _is_target(
        incident, lambda target: not target.is_closed or target.duplicate_of_id is not None
    ),
)
target_is_as_real = Guard(
    "target_is_exercise",
    _("An exercise and a real incident are never merged."),
    lambda incident: _is_target(
        incident, lambda target: target.is_exercise == incident.is_exercise
    ),
)
target_is_of_one_circle = Guard(
    "target_circle_differs",
    _("Both are restricted, and not to the same people. Name the same people on both first."),
    lambda incident: _is_target(
        incident, lambda target: not _is_of_another_circle(incident, target)
    ),
)
target_is_declared_too = Guard(
    "target_not_declared",
    _("This one was declared an incident, and that one was not. Declare that one first."),
    lambda incident: (
        not incident.is_incident or _is_target(incident, lambda target: target.is_incident)
    ),
)
is_duplicate = Guard(
    "not_merged",
    _("This one was not merged into another one."),
    lambda incident: incident.duplicate_of_id is not None,
)
is_no_duplicate = Guard(
    "is_duplicate",
    _("This is a duplicate. Split it to work on it again."),
    lambda incident: incident.duplicate_of_id is None,
)
