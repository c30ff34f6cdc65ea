"""What requests may bring. Nothing is written here: the domain functions get plain values."""

from typing import Any

from django.conf import settings
from django.core.validators import EmailValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.drainage import set_override
from rest_framework import serializers

from incidents import facts, grading, intake, rights, risk
from incidents.api.fields import Choice, Flag, Future, Grade, Input, Number, Past, Person, Text
from incidents.models import Incident, assessment
from incidents.rights import Right
from incidents.roles import Role
from incidents.states import BreachStatus, Milestone, Phase, Precision, TaskState, UsersAffected

REASON_MOST = 2000
NAME_MOST = 200
PEOPLE_MOST = 2_000_000_000
KEPT = {Milestone.NOTICED_AT, Milestone.REPORTED_AT}  # every incident has these two


class Raw(serializers.Field):
    """Handed on as it came: incidents/facts.py reads it and says what is wrong with it."""

    def __init__(self, name: str):
        super().__init__(required=name in {"subject", "description"}, allow_null=True)
        set_override(self, "field", _schema(name))


def _schema(name: str) -> dict[str, Any]:
    column = Incident._meta.get_field(name)
    if name in facts.RELATED:
        return {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    if isinstance(column, models.BooleanField):
        return {"type": "boolean"}
    if isinstance(column, models.DateTimeField):
        return {"type": "string", "format": "date-time"}
    if isinstance(column, models.JSONField):
        return {"type": "array", "items": {"type": "string"}}
    if column.choices:
        return {"type": "string", "enum": [value for value, _label in column.choices]}
    limit = {"maxLength": column.max_length} if getattr(column, "max_length", None) else {}
    return {"type": "string", **limit}


class ReportHead(serializers.Serializer):
    """What a report says about itself. The first four are for the response team to give."""

    reporter = Person(required=False)
    contact_name = Text(required=False, max_length=NAME_MOST)
    contact_email = Text(required=False, max_length=254, validators=[EmailValidator()])
    is_exercise = Flag(required=False)
    language = Choice(required=False, choices=settings.LANGUAGES)


class ReportBody(ReportHead):
    """A report (DOMAIN.md 4). Only subject and description must be given."""

    def get_fields(self) -> dict[str, serializers.Field]:
        names = ("subject", "description", "department", *intake.ANSWERS)
        return {**{name: Raw(name) for name in names}, **super().get_fields()}


def read_report(body: dict[str, Any], *, by) -> dict[str, Any]:
    """The arguments of intake.report(). Raises ValidationError and rights.Denied."""
    names = set(ReportHead().fields)
    head = ReportHead(data={name: body[name] for name in body if name in names})
    head.is_valid(raise_exception=True)
    given = dict(head.validated_data)
    if any(given.get(name) for name in set(given) - {"language"}):
        rights.require(by, Right.REPORT_FOR_OTHERS)
    given.setdefault("language", getattr(by, "language", "") or settings.LANGUAGE_CODE)
    rest = {name: value for name, value in body.items() if name not in head.fields}
    if "users_affected" in rest:
        rest["users_affected"] = as_range(rest["users_affected"])
    department = rest.pop("department", None)
    return {
        "subject": rest.pop("subject", ""),
        "description": rest.pop("description", ""),
        **({} if department is None else {"department": department}),
        "answers": rest,
        **given,
    }


def as_range(raw: Any) -> Any:
    """A number of people as the range that holds it; whatever else is left as it is."""
    if type(raw) is not int or raw < 0:
        return raw
    limits = (
        (0, UsersAffected.NONE),
        (1, UsersAffected.ONE),
        (10, UsersAffected.FEW),
        (100, UsersAffected.TENS),
        (1000, UsersAffected.HUNDREDS),
    )
    return next((word.value for most, word in limits if raw <= most), UsersAffected.MORE.value)


class Scale(serializers.Field):
    """1 to 4, or "unknown"."""

    def __init__(self, **options):
        super().__init__(**options)
        levels = {"type": "integer", "minimum": 1, "maximum": 4}
        set_override(
            self, "field", {"oneOf": [levels, {"type": "string", "enum": [grading.UNKNOWN]}]}
        )

    def to_internal_value(self, data: Any) -> int | str:
        if data == grading.UNKNOWN or (type(data) is int and 1 <= data <= 4):
            return data
        raise serializers.ValidationError(_("Use 1 to 4, or “unknown”."))


class Scales(Input):
    """The four scales of DOMAIN.md 2.1; what is left out counts as unknown."""

    functional = Scale(required=False)
    information = Scale(required=False)
    recoverability = Scale(required=False)
    scope = Scale(required=False)


class MilestoneValue(serializers.Field):
    """A moment, {"at": moment, "precision": "about"}, or null to take it off the record."""

    def __init__(self, **options):
        super().__init__(required=False, allow_null=True, **options)
        moment = {"type": "string", "format": "date-time"}
        with_precision = {
            "type": "object",
            "properties": {
                "at": moment,
                "precision": {"type": "string", "enum": list(Precision.values)},
            },
        }
        set_override(self, "field", {"oneOf": [moment, with_precision]})

    def to_internal_value(self, data: Any) -> tuple[Any, str]:
        precision = Precision.EXACT.value
        if isinstance(data, dict):
            strange = set(data) - {"at", "precision"}
            precision = data.get("precision", precision)
            if strange or precision not in Precision.values:
                raise serializers.ValidationError(
                    _("Use at, and precision: %s.") % ", ".join(Precision.values)
                )
            data = data.get("at")
        return Past().to_internal_value(data), precision


class Milestones(Input):
    """Milestones to set, each a column of the incident."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {name: MilestoneValue() for name in Milestone.values}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        read = {name: value or (None, Precision.EXACT.value) for name, value in attrs.items()}
        if lost := [name for name in read if name in KEPT and read[name][0] is None]:
            raise serializers.ValidationError(
                {name: [_("This cannot be taken off the record.")] for name in lost}
            )
        return read


class JudgementBody(serializers.Serializer):
    """What a person judges, apart from the facts; `reason` goes with all of it."""

    severity = Grade("SEV", required=False)
    urgency = Grade("U", required=False)
    priority = Grade("P", required=False)
    scales = Scales(required=False)
    breach_status = Choice(required=False, choices=BreachStatus.choices)
    breach_reason = Text(required=False)
    milestones = Milestones(required=False)
    reason = Text(required=False, max_length=REASON_MOST)
    ask_second = Flag(required=False)


class ChangeBody(JudgementBody):
    """What may be changed of an incident. The state is not among it: take a transition."""

    def get_fields(self) -> dict[str, serializers.Field]:
        facts_now = {name: Raw(name) for name in facts.EDITABLE}
        for field in facts_now.values():
            field.required = False
        return {**facts_now, **super().get_fields()}


class StepBody(Input):
    """`ask_second` asks for the second signature, where a step takes two people; `reason` is what
    the second person reads.
    """

    transition = Text(max_length=40)
    inputs = serializers.DictField(required=False)
    ask_second = Flag(required=False)
    reason = Text(required=False, max_length=REASON_MOST)


class EntryBody(Input):
    """Something said. `public` goes to the reporter; on one's own ticket everything is public."""

    text = Text(trim_whitespace=False)
    public = Flag(required=False)


class TaskBody(Input):
    title = Text(max_length=NAME_MOST)
    phase = Choice(choices=Phase.choices)
    role = Choice(choices=Role.choices)
    assignee = Person(required=False)
    due_at = Future(required=False, allow_null=True)
    instruction = Text(required=False)
    result_needed = Text(required=False)
    mandatory = Flag(required=False)


class TaskChangeBody(Input):
    """Hand a task to somebody, or say how it stands; what blocks it is the reason."""

    assignee = Person(required=False)
    state = Choice(required=False, choices=TaskState.choices)
    reason = Text(required=False, max_length=REASON_MOST)


class WaiveBody(Input):
    reason = Text(max_length=REASON_MOST)


class EvidenceBody(serializers.Serializer):
    """multipart/form-data with the one part `file`."""

    file = serializers.FileField()


class TenantRole(Input):
    tenant = Text(max_length=NAME_MOST)
    role = Choice(choices=[(word, word) for word in risk.TENANT_ROLES])


def _words(allowed: tuple[str, ...]) -> serializers.ListField:
    return serializers.ListField(
        child=Choice(choices=[(word, word) for word in allowed]),
        required=False,
        max_length=len(allowed),
    )


def _level(choices, **options) -> Number:
    return Number(min_value=min(choices.values), max_value=max(choices.values), **options)


class AssessmentBody(Input):
    """The risk form of DOMAIN.md 2.4. Saving it again makes the next version."""

    threat = Text()
    likelihood = _level(assessment.Likelihood)
    likelihood_evidence = Text(required=False)
    impact_confidentiality = _level(assessment.Impact)
    impact_integrity = _level(assessment.Impact)
    impact_availability = _level(assessment.Impact)
    affected_assets = Text()
    personal_data = Choice(choices=assessment.PersonalDataInvolved.choices)
    tenant_roles = serializers.ListField(child=TenantRole(), required=False, max_length=100)
    data_categories = _words(risk.DATA_CATEGORIES)
    subject_categories = _words(risk.SUBJECT_CATEGORIES)
    subjects_least = Number(required=False, allow_null=True, min_value=0, max_value=PEOPLE_MOST)
    subjects_most = Number(required=False, allow_null=True, min_value=0, max_value=PEOPLE_MOST)
    count_basis = Choice(required=False, choices=assessment.CountBasis.choices)
    identifiability = Choice(required=False, choices=assessment.Identifiability.choices)
    protection = Text(required=False)
    cross_border = Text(required=False)
    recipient = Choice(required=False, choices=assessment.Recipient.choices)
    cause = Choice(choices=assessment.Cause.choices)
    mitigations = Text()
    residual_likelihood = _level(assessment.Likelihood, required=False, allow_null=True)
    residual_impact = _level(assessment.Impact, required=False, allow_null=True)
    accepted_until = serializers.DateField(required=False, allow_null=True)
    accepted_by = Person(required=False, allow_null=True)
    confidence = Choice(choices=assessment.Confidence.choices)
    significance = serializers.DictField(child=Text(max_length=500), required=False)

    def validate_significance(self, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            Text(max_length=60).run_validation(name)
        return value

    def validate_tenant_roles(self, value: list[Any]) -> list[dict[str, str]]:
        return [dict(each) for each in value]
