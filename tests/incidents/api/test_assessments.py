"""Risk assessments: versions that never change."""

import pytest

from incidents.models import RiskAssessment
from tests.calling import Caller, problem, refused_fields, told
from tests.factories import ASSESSMENT, make_incident

pytestmark = pytest.mark.django_db

WITH_DATA = {
    **ASSESSMENT,
    "personal_data": "yes",
    "data_categories": ["health", "contact"],
    "subject_categories": ["patients"],
    "subjects_least": 10,
    "subjects_most": 40,
    "count_basis": "estimated",
    "identifiability": "direct",
    "recipient": "known_trusted",
    "tenant_roles": [{"tenant": "University", "role": "controller"}],
    "significance": {"nis2": "no: one workspace"},
    "residual_likelihood": 1,
    "residual_impact": 0,
}


@pytest.fixture
def incident(reporter):
    return make_incident("triage", reporter=reporter)


def save(user, incident, body):
    return Caller(user).post(f"incidents/{incident.reference}/assessments/", body)


def test_each_save_is_the_next_version(handler, incident):
    first = told(save(handler, incident, ASSESSMENT), 201)
    second = told(save(handler, incident, WITH_DATA), 201)

    listed = told(Caller(handler).get(f"incidents/{incident.reference}/assessments/"))["results"]

    assert [each["version"] for each in listed] == [1, 2]
    assert listed == [first, second]
    assert (first["score"], first["band"], first["impact"]) == (9, "medium", 2)
    assert (first["made_by"], second["tenant_roles"]) == ("handler", WITH_DATA["tenant_roles"])


def test_who_may_not_assess_is_refused(agent, reporter, outsider, auditor, incident):
    problem(save(agent, incident, ASSESSMENT), 403)
    problem(save(auditor, incident, ASSESSMENT), 403)
    problem(save(reporter, incident, ASSESSMENT), 403)
    problem(save(outsider, incident, ASSESSMENT), 404)

    assert not RiskAssessment.objects.exists()


def test_a_closed_incident_takes_none(handler, reporter):
    incident = make_incident("closed", reporter=reporter)

    problem(save(handler, incident, ASSESSMENT), 409)


def test_only_some_accept_a_risk(handler, ciso, incident):
    accepted = {**ASSESSMENT, "accepted_by": "ciso", "accepted_until": "2027-01-01"}

    assert refused_fields(save(handler, incident, accepted)) == {"accepted_by"}
    assert told(save(ciso, incident, accepted), 201)["accepted_by"] == "ciso"


BAD = [
    ({"threat": None}, {"threat"}),
    ({"threat": ""}, {"threat"}),
    ({"threat": "\x00"}, {"threat"}),
    ({"threat": "x" * 1_000_000}, {"threat"}),
    ({"likelihood": 0}, {"likelihood"}),
    ({"likelihood": 6}, {"likelihood"}),
    ({"likelihood": "3"}, {"likelihood"}),
    ({"likelihood": True}, {"likelihood"}),
    ({"likelihood": 10**30}, {"likelihood"}),
    ({"likelihood": 2}, {"likelihood_evidence"}),
    ({"impact_integrity": -1}, {"impact_integrity"}),
    ({"impact_integrity": 1.5}, {"impact_integrity"}),
    ({"score": 1}, {"score"}),
    ({"version": 7}, {"version"}),
    ({"cause": "gremlins"}, {"cause"}),
    ({"confidence": []}, {"confidence"}),
    ({"personal_data": "yes"}, {"data_categories", "count_basis", "identifiability", "recipient"}),
    ({"subjects_least": 9, "subjects_most": 3}, {"subjects_most"}),
    ({"subjects_least": 10**30}, {"subjects_least"}),
    ({"subjects_most": "many"}, {"subjects_most"}),
    ({"data_categories": "health"}, {"data_categories"}),
    ({"data_categories": ["shoe_size"]}, {"data_categories.0"}),
    ({"data_categories": [["health"]]}, {"data_categories.0"}),
    ({"tenant_roles": [{"tenant": "University"}]}, {"tenant_roles.0.role"}),
    ({"tenant_roles": [{"tenant": "\x00", "role": "none"}]}, {"tenant_roles.0.tenant"}),
    ({"tenant_roles": ["University"]}, {"tenant_roles.0.non_field_errors"}),
    ({"significance": {"nis2": "\ud800"}}, {"significance.nis2"}),
    ({"significance": {"nis2": {"deep": 1}}}, {"significance.nis2"}),
    ({"significance": {"\x00": "no"}}, {"significance"}),
    ({"significance": []}, {"significance"}),
    ({"accepted_until": "soon"}, {"accepted_until"}),
    ({"accepted_by": "nobody"}, {"accepted_by"}),
]


@pytest.mark.parametrize(("change", "names"), BAD, ids=[ascii(each)[:50] for each, _names in BAD])
def test_bad_input_is_named_and_nothing_is_saved(handler, incident, change, names):
    assert refused_fields(save(handler, incident, {**ASSESSMENT, **change})) >= names

    assert not RiskAssessment.objects.exists()


def test_what_is_missing_is_named_at_once(handler, incident):
    assert refused_fields(save(handler, incident, {})) == set(ASSESSMENT)
