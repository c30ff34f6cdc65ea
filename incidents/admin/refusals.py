"""How a refusal of the record is told on a console page: where, in which words, with which cure."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransition

from incidents.guards import Reason, Refused
from incidents.handing_over import Answered
from incidents.models import Incident
from incidents.records import Closed, Stale
from incidents.rights import Denied

REFUSALS = (
    ValidationError,
    Denied,
    Refused,
    Stale,
    Closed,
    ConcurrentTransition,
    Answered,
)


@dataclass(frozen=True, slots=True)
class Cure:
    """What a reason is about in two words, and where it can be mended: a field of the step's own
    form, a part of the incident's page, or another page."""

    about: str | Promise
    verb: str | Promise
    field: str = ""
    page: str = ""
    anchor: str = ""
    hint: str | Promise = ""


CURES = {
    "owner_missing": Cure(_("an owner"), _("Choose"), "owner"),
    "category_missing": Cure(_("category"), _("Choose"), "category"),
    "severity_not_set": Cure(
        _("severity set by a person"), _("Set"), "severity", "grade", hint=_("Look at it yourself.")
    ),
    "risk_assessment_missing": Cure(
        _("risk assessment"),
        _("Assess"),
        page="assess",
        hint=_("Version 1 comes before declaring."),
    ),
    "resolution_missing": Cure(
        _("resolution"),
        _("Write"),
        "resolution",
        hint=_("Say what was done and why it will not happen again."),
    ),
    "outcome_missing": Cure(_("outcome"), _("Choose"), "outcome"),
    "outcome_is_confirmed": Cure(_("another outcome"), _("Choose"), "outcome"),
    "mandatory_tasks_open": Cure(
        _("mandatory tasks"),
        _("Open tasks"),
        anchor="tasks",
        hint=_("A manager or security officer may waive those that are not marked “never”."),
    ),
    "breach_not_ruled_out": Cure(
        _("word of the data protection officer"), _("Record"), page="breach"
    ),
    "containment_missing": Cure(_("containment"), _("Say when"), "contained_at"),
    "recovery_missing": Cure(_("recovery"), _("Say when"), "recovered_at"),
    "root_cause_missing": Cure(_("root cause"), _("Write"), "root_cause"),
    "category_not_final": Cure(_("final category"), _("Choose"), "category", "facts"),
    "reason_missing": Cure(_("reason"), _("Write"), "reason"),
    "second_signature": Cure(_("a second person"), ""),
    "nobody_to_sign": Cure(_("somebody who may sign"), _("Look"), anchor="people"),
    "target_missing": Cure(_("the other incident"), _("Name it"), "target"),
    "target_unknown": Cure(_("the other incident"), _("Name it"), "target"),
    "target_is_itself": Cure(_("the other incident"), _("Name it"), "target"),
    "target_is_its_duplicate": Cure(_("the other incident"), _("Name another"), "target"),
    "target_is_duplicate": Cure(_("the other incident"), _("Name another"), "target"),
    "target_closed": Cure(_("the other incident"), _("Name another"), "target"),
    "target_is_exercise": Cure(_("the other incident"), _("Name another"), "target"),
    "target_circle_differs": Cure(_("the people who may see it"), _("Look"), anchor="named"),
    "is_duplicate": Cure(_("being split off"), _("Look"), anchor="related"),
    "wrong_state": Cure(_("another state"), _("Look"), anchor="content-start"),
    "task_waits": Cure(_("tasks before it"), _("Open tasks"), anchor="tasks"),
}
UNKNOWN = Cure("", "")
# Where a step asks for the same thing to say something else.
HINTS = {("dismiss", "resolution_missing"): _("Say what you found and how you know.")}


@dataclass(frozen=True, slots=True)
class Lack:
    """One reason as it is shown: what, and the link that mends it."""

    message: str
    about: str | Promise
    verb: str | Promise
    url: str
    hint: str | Promise


def lack(reason: Reason, incident: Incident, *, step: str = "", fields=()) -> Lack:
    """`reason` with its cure; `fields` are those of the form on the page, `step` its step."""
    cure = CURES.get(reason.code, UNKNOWN)
    hint = HINTS.get((step, reason.code), cure.hint)
    return Lack(reason.message, cure.about, cure.verb, _url(cure, incident, step, fields), hint)


def _url(cure: Cure, incident: Incident, step: str, fields) -> str:
    if cure.field and cure.field in fields:
        return f"#id_{cure.field}"
    if cure.page:
        return reverse(f"admin:incidents_incident_{cure.page}", args=[incident.pk])
    if cure.field and step:
        form = reverse("admin:incidents_incident_transition", args=[incident.pk, step])
        return f"{form}#id_{cure.field}"
    page = reverse("admin:incidents_incident_change", args=[incident.pk])
    return f"{page}#{cure.anchor}" if cure.anchor else page


def told(problem: Exception) -> str:
    """A refusal in one sentence, for a message above a list."""
    if isinstance(problem, ValidationError):
        return " ".join(problem.messages)
    if isinstance(problem, ConcurrentTransition):
        return str(_("Somebody else was faster. Look again."))
    return str(problem)
