"""Risk assessments: the form of DOMAIN.md 2.4, its score, and versions that never change."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from incidents import records, rights, risk
from incidents.models import RiskAssessment
from incidents.states import State
from tests.factories import ASSESSMENT, fresh, make_incident

PERSONAL = {
    **ASSESSMENT,
    "personal_data": "yes",
    "data_categories": ["contact", "health"],
    "subject_categories": ["patients", "vulnerable"],
    "count_basis": "estimated",
    "identifiability": "direct",
    "recipient": "known_trusted",
}


@pytest.mark.parametrize("likelihood", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("impact", [0, 1, 2, 3, 4])
def test_the_score_is_likelihood_times_impact_plus_one(likelihood, impact):
    score = risk.score_of(likelihood, impact)

    assert score == likelihood * (impact + 1)
    assert 1 <= score <= 25


@pytest.mark.parametrize(
    ("band", "scores"),
    [
        ("low", [1, 2, 3, 4]),
        ("medium", [5, 6, 8, 9]),
        ("high", [10, 12, 15]),
        ("critical", [16, 20, 25]),
    ],
)
def test_the_bands_are_those_of_the_domain(band, scores):
    assert {risk.band_of(score) for score in scores} == {band}


def test_a_saved_assessment_has_a_version_a_score_and_an_entry(handler):
    incident = make_incident(State.TRIAGE)

    saved = risk.assess(incident, by=handler, **ASSESSMENT)

    assert (saved.version, saved.score, saved.impact, saved.made_by) == (1, 9, 2, handler)
    entry = incident.timeline.filter(kind="assessment").last()
    assert entry.data == {"version": 1, "score": 9, "band": "medium"}
    assert entry.text == ASSESSMENT["threat"]


def test_the_highest_of_the_three_impacts_counts(handler):
    impacts = {"impact_confidentiality": 0, "impact_integrity": 4, "impact_availability": 1}

    saved = risk.assess(make_incident(), by=handler, **{**ASSESSMENT, **impacts})

    assert saved.score == 3 * 5


def test_a_correction_is_the_next_version_and_the_first_stays(handler, ciso):
    incident = make_incident(State.TRIAGE)
    first = risk.assess(incident, by=handler, **ASSESSMENT)

    second = risk.assess(incident, by=ciso, **{**ASSESSMENT, "likelihood": 5})

    assert (second.version, second.made_by) == (2, ciso)
    assert (fresh(first).likelihood, fresh(first).version) == (3, 1)


def test_a_saved_version_never_changes(handler):
    saved = risk.assess(make_incident(), by=handler, **ASSESSMENT)
    saved.threat = "None."

    with pytest.raises(IntegrityError), transaction.atomic():
        saved.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        RiskAssessment.objects.filter(pk=saved.pk).update(likelihood=1)

    assert fresh(saved).threat == ASSESSMENT["threat"]


@pytest.mark.parametrize(
    ("username", "may"),
    [
        ("reporter", False),
        ("outsider", False),
        ("agent", False),
        ("auditor", False),
        ("admin", False),
        ("handler", True),
        ("manager", True),
        ("ciso", True),
        ("dpo", True),
    ],
)
def test_the_response_team_assesses_and_nobody_else(username, may, people):
    incident = make_incident(State.TRIAGE)

    if may:
        risk.assess(incident, by=people[username], **ASSESSMENT)
    else:
        with pytest.raises(rights.Denied):
            risk.assess(incident, by=people[username], **ASSESSMENT)

    assert incident.assessments.count() == int(may)


def test_a_closed_incident_takes_no_assessment(handler):
    with pytest.raises(records.Closed):
        risk.assess(make_incident(State.CLOSED), by=handler, **ASSESSMENT)


WRONG = [
    ({"threat": ""}, {"threat"}),
    ({"threat": "x" * 1_000_000}, {"threat"}),
    ({"threat": "NUL \x00 inside"}, {"threat"}),
    ({"mitigations": "\u202eturned"}, {"mitigations"}),
    ({"protection": "\ud800"}, {"protection"}),
    ({"likelihood": 0}, {"likelihood"}),
    ({"likelihood": 6}, {"likelihood"}),
    ({"likelihood": "often"}, {"likelihood"}),
    ({"likelihood": None}, {"likelihood"}),
    ({"likelihood": 2}, {"likelihood_evidence"}),
    ({"likelihood": 1, "likelihood_evidence": ""}, {"likelihood_evidence"}),
    ({"impact_integrity": 5}, {"impact_integrity"}),
    ({"impact_availability": -1}, {"impact_availability"}),
    ({"affected_assets": ""}, {"affected_assets"}),
    ({"personal_data": "maybe"}, {"personal_data"}),
    (
        {"personal_data": "suspected"},
        {
            "data_categories",
            "subject_categories",
            "count_basis",
            "identifiability",
            "recipient",
        },
    ),
    ({**PERSONAL, "data_categories": ["secrets"]}, {"data_categories"}),
    ({**PERSONAL, "data_categories": "health"}, {"data_categories"}),
    ({**PERSONAL, "subject_categories": [["patients"]]}, {"subject_categories"}),
    ({**PERSONAL, "subjects_least": 10, "subjects_most": 9}, {"subjects_most"}),
    ({**PERSONAL, "subjects_least": "many", "subjects_most": 9}, {"subjects_least"}),
    ({**PERSONAL, "subjects_least": -1}, {"subjects_least"}),
    ({**PERSONAL, "identifiability": "somehow"}, {"identifiability"}),
    ({"tenant_roles": [{"tenant": "North", "role": "owner"}]}, {"tenant_roles"}),
    ({"tenant_roles": [{"role": "joint"}]}, {"tenant_roles"}),
    ({"tenant_roles": "controller"}, {"tenant_roles"}),
    ({"tenant_roles": [{"tenant": "N\x00", "role": "joint"}]}, {"tenant_roles"}),
    ({"significance": ["NIS2"]}, {"significance"}),
    ({"significance": {"NIS2": "yes\x00"}}, {"significance"}),
    ({"cause": ""}, {"cause"}),
    ({"cause": "aliens"}, {"cause"}),
    ({"mitigations": ""}, {"mitigations"}),
    ({"confidence": "total"}, {"confidence"}),
    ({"residual_likelihood": 9}, {"residual_likelihood"}),
    ({"accepted_until": "2026-11-30"}, {"accepted_by"}),
    ({"accepted_until": "soon"}, {"accepted_until", "accepted_by"}),
    ({"score": 1}, {"score"}),
    ({"version": 7}, {"version"}),
    ({"colour": "red", "shape": "round"}, {"colour", "shape"}),
]


@pytest.mark.parametrize(("given", "fields"), WRONG)
def test_what_cannot_be_used_is_named_and_nothing_is_stored(given, fields, handler):
    incident = make_incident(State.TRIAGE)
    before = incident.timeline.count()

    with pytest.raises(ValidationError) as refused, transaction.atomic():
        risk.assess(incident, by=handler, **{**ASSESSMENT, **given})

    assert set(refused.value.message_dict) == fields
    assert incident.assessments.count() == 0
    assert incident.timeline.count() == before


@pytest.mark.parametrize(
    "given",
    [
        {"likelihood": 2, "likelihood_evidence": "The door has a lock."},
        PERSONAL,
        {**PERSONAL, "subjects_least": 9, "subjects_most": 9},
        {"tenant_roles": [{"tenant": "North", "role": "processor"}]},
        {"significance": {"NIS2": "no", "DORA": "unknown"}},
    ],
)
def test_what_is_complete_is_saved(given, handler):
    saved = risk.assess(make_incident(), by=handler, **{**ASSESSMENT, **given})

    assert {name: getattr(fresh(saved), name) for name in given} == given


@pytest.mark.parametrize(
    ("username", "may"), [("handler", False), ("ciso", True), ("manager", True)]
)
def test_only_the_security_officer_or_management_accepts_a_risk(username, may, team):
    incident = make_incident(State.TRIAGE)
    accepting = {**ASSESSMENT, "accepted_by": team["ciso"], "accepted_until": "2027-01-31"}

    if may:
        risk.assess(incident, by=team[username], **accepting)
    else:
        with pytest.raises(ValidationError) as refused:
            risk.assess(incident, by=team[username], **accepting)
        assert set(refused.value.message_dict) == {"accepted_by"}

    assert incident.assessments.count() == int(may)
