"""PATCH: facts, grades, breach and milestones in one go, or nothing of it."""

import pytest

from incidents import facts
from incidents.models import Incident, PriorityChange, TimelineEntry
from tests.calling import Caller, problem, refused_fields, told
from tests.factories import LONG_AGO, fresh, make_incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident(reporter):
    return make_incident("triage", reporter=reporter)


def patch(user, incident, body, **headers):
    return Caller(user).patch(f"incidents/{incident.reference}/", body, **headers)


def snapshot(incident) -> tuple:
    row = Incident.objects.filter(pk=incident.pk).values().get()
    return row, TimelineEntry.objects.count(), PriorityChange.objects.count()


def test_facts_grades_and_milestones_change_together(handler, incident):
    body = {
        "subject": "A door and a window stood open",
        "supplier": "Doors Inc",
        "category": "fraud/phishing",
        "owner": "handler",
        "severity": "SEV2",
        "urgency": 1,
        "milestones": {
            "contained_at": LONG_AGO,
            "occurred_from": {"at": LONG_AGO, "precision": "about"},
        },
        "reason": "After the first look.",
    }

    answer = patch(handler, incident, body)

    shown = told(answer)
    assert (shown["subject"], shown["supplier"]) == (body["subject"], "Doors Inc")
    assert (shown["category"], shown["owner"]) == ("fraud/phishing", "handler")
    assert (shown["severity"], shown["urgency"], shown["priority"]) == (2, 1, 1)
    assert shown["contained_at"] == "2026-11-01T07:00:00Z"
    assert shown["milestone_notes"]["occurred_from"]["precision"] == "about"
    assert answer["ETag"] == f'"{fresh(incident).version}"'


def test_the_four_scales_give_the_severity(handler, incident):
    scales = {"functional": 4, "information": 2, "recoverability": 4, "scope": 3}

    shown = told(patch(handler, incident, {"scales": scales, "reason": "Looked."}))

    assert (shown["severity"], shown["scales"]) == (2, scales)


def test_the_officer_judges_the_breach(dpo, handler, reporter):
    incident = make_incident("triage", reporter=reporter, breach_status="suspected")

    problem(patch(handler, incident, {"breach_status": "ruled_out", "breach_reason": "No."}), 403)
    body = {"breach_status": "ruled_out", "breach_reason": "The list held no names."}
    shown = told(patch(dpo, incident, body))

    assert (shown["breach_status"], shown["breach_reason"]) == ("ruled_out", body["breach_reason"])


def test_a_field_that_cannot_be_changed_is_named_and_nothing_changes(handler, incident):
    before = snapshot(incident)

    for name in (
        "state",
        "reference",
        "version",
        "reporter",
        "is_incident",
        "reported_via",
        "outcome",
        "closed_at",
        "is_exercise",
        "nonsense",
    ):
        body = {name: "closed", "supplier": "Doors Inc"}
        assert refused_fields(patch(handler, incident, body)) == {name}

    assert snapshot(incident) == before


def test_the_state_cannot_be_named_even_as_it_is(handler, incident):
    assert refused_fields(patch(handler, incident, {"state": "triage"})) == {"state"}


BAD = [
    ({"subject": "x" * 1_000_000}, {"subject"}),
    ({"subject": "abc"}, {"subject"}),
    ({"subject": None}, {"subject"}),
    ({"subject": 7}, {"subject"}),
    ({"subject": ["a"]}, {"subject"}),
    ({"description": "x" * 20_001}, {"description"}),
    ({"description": "nul \x00 nul nul nul"}, {"description"}),
    ({"supplier": "\u202eevil"}, {"supplier"}),
    ({"tags": "x-ransomware"}, {"tags"}),
    ({"tags": [1]}, {"tags"}),
    ({"tags": ["\ud800"]}, {"tags"}),
    ({"owner": "reporter"}, {"owner"}),
    ({"owner": {"a": 1}}, {"owner"}),
    ({"category": "nonsense"}, {"category"}),
    ({"category": 10**30}, {"category"}),
    ({"department": "nonsense"}, {"department"}),
    ({"waiting_on": "godot"}, {"waiting_on"}),
    ({"tlp": "TLP:WHITE"}, {"tlp"}),
    ({"workspaces": 5}, {"workspaces"}),
    ({"tenants": ["nobody"]}, {"tenants"}),
    ({"severity": 0, "reason": "x"}, {"severity"}),
    ({"severity": 10**30, "reason": "x"}, {"severity"}),
    ({"severity": True, "reason": "x"}, {"severity"}),
    ({"severity": 1.5, "reason": "x"}, {"severity"}),
    ({"severity": None, "reason": "x"}, {"severity"}),
    ({"severity": [1], "reason": "x"}, {"severity"}),
    ({"urgency": "U9", "reason": "x"}, {"urgency"}),
    ({"priority": "high", "reason": "x"}, {"priority"}),
    ({"severity": 1}, {"reason"}),
    ({"severity": 1, "reason": "   "}, {"reason"}),
    ({"scales": {"functional": 5}, "reason": "x"}, {"scales.functional"}),
    ({"scales": {"functional": [1]}, "reason": "x"}, {"scales.functional"}),
    ({"scales": {"smell": 1}, "reason": "x"}, {"scales.smell"}),
    ({"scales": [], "reason": "x"}, {"scales.non_field_errors"}),
    ({"breach_status": "maybe", "breach_reason": "x"}, {"breach_status"}),
    ({"breach_status": "suspected"}, {"breach_reason"}),
    ({"breach_reason": "x"}, {"breach_status"}),
    (
        {"milestones": {"contained_at": "2099-01-01T00:00:00Z"}, "reason": "x"},
        {"milestones.contained_at"},
    ),
    (
        {"milestones": {"contained_at": "1970-01-01T00:00:00Z"}, "reason": "x"},
        {"milestones.contained_at"},
    ),
    ({"milestones": {"contained_at": 5}, "reason": "x"}, {"milestones.contained_at"}),
    (
        {"milestones": {"contained_at": {"at": LONG_AGO, "zone": 1}}, "reason": "x"},
        {"milestones.contained_at"},
    ),
    (
        {"milestones": {"contained_at": {"precision": []}}, "reason": "x"},
        {"milestones.contained_at"},
    ),
    ({"milestones": {"nonsense": LONG_AGO}, "reason": "x"}, {"milestones.nonsense"}),
    ({"milestones": {"reported_at": None}, "reason": "x"}, {"milestones.reported_at"}),
    ({"milestones": {"contained_at": LONG_AGO}}, {"reason"}),
    ({"reason": "\x00", "severity": 1}, {"reason"}),
    ({"subject": "abc", "severity": 9, "nonsense": 1}, {"subject", "severity", "nonsense"}),
]


@pytest.mark.parametrize(("body", "names"), BAD, ids=[str(body)[:50] for body, _names in BAD])
def test_bad_input_is_named_and_nothing_changes(manager, incident, body, names):
    before = snapshot(incident)

    assert refused_fields(patch(manager, incident, body)) >= names

    assert snapshot(incident) == before


def test_who_may_not_edit_is_refused(reporter, outsider, auditor, incident):
    body = {"supplier": "Doors Inc"}
    before = snapshot(incident)

    problem(patch(reporter, incident, body), 403)
    problem(patch(auditor, incident, body), 403)
    problem(patch(outsider, incident, body), 404)

    assert snapshot(incident) == before


def test_an_agent_edits_but_does_not_classify(agent, incident):
    told(patch(agent, incident, {"supplier": "Doors Inc"}))

    problem(patch(agent, incident, {"category": "fraud/phishing"}), 403)
    problem(patch(agent, incident, {"severity": 1, "reason": "x"}), 403)


def test_one_part_without_the_right_undoes_the_others(agent, incident):
    before = snapshot(incident)

    problem(patch(agent, incident, {"supplier": "Doors Inc", "severity": 1, "reason": "x"}), 403)

    assert snapshot(incident) == before


def test_a_stale_version_is_412_with_the_one_there_is(handler, incident):
    version = fresh(incident).version
    told(patch(handler, incident, {"supplier": "Doors Inc"}, if_match=f'"{version}"'))

    answer = patch(handler, incident, {"supplier": "Windows Inc"}, if_match=f'"{version}"')

    assert problem(answer, 412)["current_version"] == fresh(incident).version
    assert fresh(incident).supplier == "Doors Inc"


@pytest.mark.parametrize("header", ["*", '"{}"', 'W/"{}"', '"0", "{}"'])
def test_the_present_version_may_be_named_in_several_ways(handler, incident, header):
    match = header.replace("{}", str(fresh(incident).version))

    told(patch(handler, incident, {"supplier": "Doors Inc"}, if_match=match))


def test_a_match_that_names_no_version_is_412(handler, incident):
    problem(patch(handler, incident, {"supplier": "x"}, if_match="nonsense"), 412)


def test_a_closed_incident_takes_no_change(handler, reporter):
    incident = make_incident("closed", reporter=reporter)

    answer = patch(handler, incident, {"supplier": "Doors Inc"})

    assert [each["code"] for each in problem(answer, 409)["reasons"]] == ["incident_closed"]


def test_a_change_that_changes_nothing_writes_nothing(handler, incident):
    before = snapshot(incident)

    told(patch(handler, incident, {"supplier": ""}))
    told(patch(handler, incident, {}))

    assert snapshot(incident) == before


def test_every_editable_fact_is_in_the_schema(client):
    schema = client.get("/api/v1/schema/").json()

    properties = schema["components"]["schemas"]["PatchedChangeBodyRequest"]["properties"]

    assert set(facts.EDITABLE) <= set(properties)
    assert "state" not in properties
