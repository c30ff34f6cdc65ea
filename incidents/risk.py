"""Risk assessments: scoring, and saving a new immutable version (DOMAIN.md 2.4)."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from incidents import grading, plain_text, records, rights, roles, timeline
from incidents.events import risk_assessed
from incidents.models import Incident, RiskAssessment
from incidents.models.assessment import Likelihood, PersonalDataInvolved
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.roles import Role
from incidents.states import Band

DATA_CATEGORIES = (
    "identification",
    "contact",
    "financial",
    "behavioural",
    "location",
    "credentials",
    "health",
    "genetic",
    "biometric",
    "ethnic",
    "political",
    "religious",
    "union",
    "sex_life",
    "criminal",
    "national_id",
)
SUBJECT_CATEGORIES = (
    "patients",
    "study_participants",
    "children",
    "employees",
    "users",
    "students",
    "others",
    "vulnerable",
)
# What people fill in; who, when, which version and the score are ours.
ASKED = {field.name for field in RiskAssessment._meta.concrete_fields} - {
    "id",
    "incident",
    "version",
    "made_at",
    "made_by",
    "score",
}
TENANT_ROLES = ("controller", "processor", "joint", "none")
BANDS = ((16, Band.CRITICAL), (10, Band.HIGH), (5, Band.MEDIUM), (1, Band.LOW))

# Asked for when personal data are not excluded (DOMAIN.md 2.4, "if not no")
ASKED_WITH_PERSONAL_DATA = (
    "data_categories",
    "subject_categories",
    "count_basis",
    "identifiability",
    "recipient",
)


def score_of(likelihood: int, impact: int) -> int:
    """Likelihood times impact plus one, 1 to 25."""
    return likelihood * (impact + 1)


def band_of(score: int) -> Band:
    """low (up to 4), medium (5 to 9), high (10 to 15) or critical (16 and more)."""
    return next(name for least, name in BANDS if score >= least)


@transaction.atomic
def assess(incident: Incident, *, by, **fields: Any) -> RiskAssessment:
    """Save the next version of the risk assessment, and raise the priority to its floors.

    Raises ValidationError naming every field, rights.Denied and records.Closed.
    """
    rights.require(by, Right.ASSESS, incident)
    if unknown := sorted(set(fields) - ASKED):
        raise ValidationError({name: _("An assessment has no such field.") for name in unknown})
    current = records.lock_open(incident)
    last = current.assessments.aggregate(last=Max("version"))["last"] or 0
    assessment = RiskAssessment(incident=current, made_by=by, version=last + 1, score=1, **fields)
    _check(assessment, by)
    assessment.score = score_of(assessment.likelihood, assessment.impact)
    assessment.save()
    records.save(current, "updated_at")
    timeline.append(
        current,
        Kind.ASSESSMENT,
        by=by,
        text=assessment.threat,
        data={
            "version": assessment.version,
            "score": assessment.score,
            "band": band_of(assessment.score),
        },
    )
    grading.apply_floors(current, by=by)
    risk_assessed.send(Incident, incident=current, assessment=assessment, by=by)
    return assessment


def _check(assessment: RiskAssessment, by) -> None:
    errors: dict[str, list[str]] = {}
    try:
        assessment.full_clean(exclude=["incident", "made_by", "version", "score"])
    except ValidationError as problem:
        errors = {
            name: [_("Choose one.") if each.code == "null" else each.messages[0] for each in found]
            for name, found in problem.error_dict.items()
        }
    for name, message in _missing(assessment, by):
        errors.setdefault(name, [message])
    for field in RiskAssessment._meta.concrete_fields:
        for text in _texts(getattr(assessment, field.attname)):
            try:
                plain_text.read(field.name, text)
            except ValidationError as problem:
                errors.update(problem.message_dict)
    if errors:
        raise ValidationError(errors)


def _texts(value: Any) -> Iterator[str]:
    """Every string in a field, also inside lists and objects."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for each in pair for text in _texts(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in _texts(each))


def _missing(assessment: RiskAssessment, by):
    likely = assessment.likelihood
    if likely in (Likelihood.RARE, Likelihood.UNLIKELY) and not assessment.likelihood_evidence:
        yield "likelihood_evidence", _("Say what makes you think it is unlikely.")
    if assessment.personal_data in (
        PersonalDataInvolved.SUSPECTED,
        PersonalDataInvolved.YES,
        PersonalDataInvolved.UNKNOWN,
    ):
        for name in ASKED_WITH_PERSONAL_DATA:
            if not getattr(assessment, name):
                yield name, _("Needed unless personal data are excluded.")
    yield from _bad_words(assessment)
    least, most = assessment.subjects_least, assessment.subjects_most
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield "subjects_most", _("Must not be less than the least number.")
    accepts = assessment.accepted_by_id or assessment.accepted_until
    if accepts and not roles.of(by) & {Role.CISO, Role.MGT}:
        yield "accepted_by", _("Only the security officer or management accepts a risk.")


def _bad_words(assessment: RiskAssessment):
    for name, allowed in (
        ("data_categories", DATA_CATEGORIES),
        ("subject_categories", SUBJECT_CATEGORIES),
    ):
        value = getattr(assessment, name)
        if not isinstance(value, list) or not set(map(str, value)) <= set(allowed):
            yield name, _("Use words of this list: %s.") % ", ".join(allowed)
    if not isinstance(assessment.significance, dict):
        yield "significance", _("Use an object: the regime, and yes, no or unknown.")
    if not isinstance(assessment.tenant_roles, list) or not all(
        isinstance(each, dict)
        and each.get("role") in TENANT_ROLES
        and isinstance(each.get("tenant"), str)
        for each in assessment.tenant_roles
    ):
        yield (
            "tenant_roles",
            _("Use a list of {tenant, role}; roles are: %s.") % ", ".join(TENANT_ROLES),
        )
