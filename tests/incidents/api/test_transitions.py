"""Steps through the API: what is offered, what is refused and why, and no way round."""

import pytest

from incidents.models import Incident
from incidents.states import State
from tests.calling import Caller, problem, refused_fields, told
from tests.factories import RESOLUTION, finish_all, fresh, make_incident, resolving

pytestmark = pytest.mark.django_db


def offers(user, incident):
    return told(Caller(user).get(f"incidents/{incident.reference}/transitions/"))


def take(user, incident, name, inputs=None, **headers):
    body = {"transition": name} if inputs is None else {"transition": name, "inputs": inputs}
    return Caller(user).post(f"incidents/{incident.reference}/transitions/", body, **headers)


def test_offers_tell_inputs_and_what_is_lacking(handler, reporter):
    incident = make_incident("triage", reporter=reporter)

    by_name = {each["transition"]: each for each in offers(handler, incident)}

    assert set(by_name) == {"declare", "dismiss", "merge"}
    assert "risk_assessment_missing" in {each["code"] for each in by_name["declare"]["reasons"]}
    resolution = next(each for each in by_name["dismiss"]["inputs"] if each["name"] == "resolution")
    assert (resolution["type"], resolution["required"]) == ("text", True)
    outcome = next(each for each in by_name["dismiss"]["inputs"] if each["name"] == "outcome")
    assert "false_positive" in outcome["choices"]
    assert "confirmed" not in outcome["choices"]


def test_nothing_is_offered_to_whom_has_no_right(reporter, auditor):
    incident = make_incident(reporter=reporter)

    assert offers(reporter, incident) == []
    assert offers(auditor, incident) == []


def test_steps_are_hidden_from_an_outsider(reporter, outsider):
    incident = make_incident(reporter=reporter)

    problem(Caller(outsider).get(f"incidents/{incident.reference}/transitions/"), 404)
    problem(take(outsider, incident, "acknowledge"), 404)
    assert fresh(incident).state == State.NEW


def test_a_step_answers_with_the_incident_as_it_is_then(agent, reporter):
    incident = make_incident(reporter=reporter)

    answer = take(agent, incident, "acknowledge", {"owner": "agent"})

    assert (told(answer)["state"], told(answer)["owner"]) == ("triage", "agent")
    assert answer["ETag"] == f'"{fresh(incident).version}"'


def test_the_whole_way_from_new_to_closed(handler, manager, reporter, team, reference):
    from_new = make_incident(reporter=reporter)
    path = f"incidents/{from_new.reference}/"
    caller = Caller(manager)
    told(take(manager, from_new, "acknowledge"))
    assessment = {
        "threat": "Strangers walk in.",
        "likelihood": 3,
        "impact_confidentiality": 2,
        "impact_integrity": 0,
        "impact_availability": 0,
        "affected_assets": "server room",
        "personal_data": "no",
        "cause": "human_error",
        "mitigations": "The door was shut.",
        "confidence": "high",
    }
    told(caller.post(f"{path}assessments/", assessment), 201)
    told(take(manager, from_new, "declare", {"category": "fraud/phishing", "severity": 3}))
    finish_all(from_new)
    told(take(manager, from_new, "resolve", resolving()))
    finish_all(from_new)

    shown = told(take(manager, from_new, "close"))

    assert (shown["state"], shown["outcome"]) == ("closed", "confirmed")
    assert shown["resolution"] == RESOLUTION


def test_a_refusal_lists_every_reason_and_changes_nothing(handler, reporter):
    incident = make_incident("triage", reporter=reporter)
    version = fresh(incident).version

    codes = {each["code"] for each in problem(take(handler, incident, "declare"), 409)["reasons"]}

    assert {"severity_not_set", "risk_assessment_missing"} <= codes
    assert (fresh(incident).state, fresh(incident).version) == (State.TRIAGE, version)


CLOSING = [
    ("triage", "dismiss", {}),
    ("triage", "dismiss", {"outcome": "false_positive"}),
    ("triage", "dismiss", {"outcome": "false_positive", "resolution": ""}),
    ("triage", "dismiss", {"outcome": "false_positive", "resolution": "Too short."}),
    ("triage", "dismiss", {"outcome": "false_positive", "resolution": "  \n\t " * 20}),
    ("triage", "dismiss", {"outcome": "false_positive", "resolution": "\u200b" * 40}),
    ("triage", "dismiss", {"outcome": "false_positive", "resolution": "\u3164" * 3 + " " * 40}),
    ("triage", "dismiss", {"outcome": "false_positive", "resolution": None}),
    ("responding", "refute", {"outcome": "false_positive", "reason": "A mistake."}),
    ("responding", "resolve", {**resolving(), "resolution": ""}),
    ("responding", "resolve", {**resolving(), "resolution": "Done."}),
    ("responding", "close", {"outcome": "confirmed", "resolution": RESOLUTION}),
    ("new", "close", {"outcome": "confirmed", "resolution": RESOLUTION}),
    ("triage", "close", {"outcome": "confirmed", "resolution": RESOLUTION}),
]


@pytest.mark.parametrize(("state", "step", "inputs"), CLOSING)
def test_no_step_closes_without_a_resolution(ciso, reporter, state, step, inputs):
    incident = make_incident(state, reporter=reporter)

    assert problem(take(ciso, incident, step, inputs), 409)["reasons"]

    assert fresh(incident).state == state


def test_a_resolved_incident_that_lost_its_resolution_is_not_closed(manager, reporter):
    incident = make_incident("resolved", reporter=reporter, resolution="")

    codes = {each["code"] for each in problem(take(manager, incident, "close"), 409)["reasons"]}

    assert codes == {"resolution_missing"}
    assert fresh(incident).state == State.RESOLVED


def test_open_mandatory_tasks_keep_it_open(manager, handler, reporter, reference, team):
    incident = make_incident(reporter=reporter, subject="Data breach", state="new")
    told(take(manager, incident, "acknowledge"))
    path = f"incidents/{incident.reference}/tasks/"
    work = {"title": "Ask the reporter", "phase": "assess", "role": "IH", "mandatory": True}
    told(Caller(handler).post(path, work), 201)

    inputs = {"outcome": "false_positive", "resolution": RESOLUTION}
    codes = {
        each["code"] for each in problem(take(manager, incident, "dismiss", inputs), 409)["reasons"]
    }

    assert "mandatory_tasks_open" in codes


def test_a_patch_cannot_close_and_cannot_take_the_resolution_of_the_closed(manager, reporter):
    resolved = make_incident("resolved", reporter=reporter)
    closed = make_incident("closed", reporter=reporter)
    caller = Caller(manager)

    problem(caller.patch(f"incidents/{resolved.reference}/", {"state": "closed"}), 400)
    problem(caller.patch(f"incidents/{closed.reference}/", {"resolution": ""}), 409)

    assert fresh(resolved).state == State.RESOLVED
    assert fresh(closed).resolution == RESOLUTION


def test_a_reporter_takes_no_step(reporter):
    incident = make_incident(reporter=reporter)

    problem(take(reporter, incident, "acknowledge"), 403)

    assert fresh(incident).state == State.NEW


def test_an_agent_does_not_declare(agent, reporter):
    incident = make_incident("triage", reporter=reporter)

    problem(take(agent, incident, "declare"), 403)


BAD = [
    ({}, {"transition"}),
    ({"transition": "explode"}, {"transition"}),
    ({"transition": ""}, {"transition"}),
    ({"transition": None}, {"transition"}),
    ({"transition": 3}, {"transition"}),
    ({"transition": "\x00"}, {"transition"}),
    ({"transition": "\ud800"}, {"transition"}),
    ({"transition": "state"}, {"transition"}),
    ({"transition": "acknowledge", "inputs": []}, {"inputs"}),
    ({"transition": "acknowledge", "inputs": "x"}, {"inputs"}),
    ({"transition": "acknowledge", "state": "closed"}, {"state"}),
    ({"transition": "acknowledge", "inputs": {"owner": "reporter"}}, {"owner"}),
    ({"transition": "acknowledge", "inputs": {"owner": "\ud800"}}, {"owner"}),
    ({"transition": "acknowledge", "inputs": {"owner": ["x"]}}, {"owner"}),
    ({"transition": "acknowledge", "inputs": {"state": "closed"}}, {"state"}),
    ({"transition": "acknowledge", "inputs": {"\ud800": 1}}, {"\\ud800"}),
]


@pytest.mark.parametrize(("body", "names"), BAD, ids=[ascii(body)[:60] for body, _names in BAD])
def test_bad_input_is_named_and_nothing_changes(agent, reporter, body, names):
    incident = make_incident(reporter=reporter)

    answer = Caller(agent).post(f"incidents/{incident.reference}/transitions/", body)

    assert refused_fields(answer) == names
    assert fresh(incident).state == State.NEW


BAD_INPUTS = [
    ("resolution", "\x00" * 30),
    ("resolution", ["x"]),
    ("resolution", {"a": 1}),
    ("resolution", 7),
    ("resolution", "\u202e" + RESOLUTION),
    ("outcome", "nonsense"),
    ("outcome", ["confirmed"]),
    ("contained_at", "2099-01-01T00:00:00Z"),
    ("contained_at", "yesterday"),
    ("contained_at", 10**30),
    ("severity", 9),
    ("severity", {"a": 1}),
    ("category", "nonsense"),
    ("category", ["fraud/phishing"]),
]


@pytest.mark.parametrize(
    ("name", "value"), BAD_INPUTS, ids=[ascii(each)[:50] for each in BAD_INPUTS]
)
def test_an_input_that_cannot_be_read_is_named(handler, reporter, name, value):
    incident = make_incident("responding", reporter=reporter)

    assert refused_fields(take(handler, incident, "resolve", {**resolving(), name: value})) == {
        name
    }

    assert fresh(incident).state == State.RESPONDING


def test_a_stale_step_is_412(agent, reporter):
    incident = make_incident(reporter=reporter)

    problem(take(agent, incident, "acknowledge", if_match='"0"'), 412)

    assert Incident.objects.get(pk=incident.pk).state == State.NEW
