"""The lifecycle is the table of DOMAIN.md 1.3: who may take which step, and what it must have."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from incidents import breach, lifecycle, tasks
from incidents.guards import Reason
from incidents.models import Incident
from incidents.roles import GROUP_OF
from incidents.states import OPEN_STATES, BreachStatus, State
from tests.factories import (
    RESOLUTION,
    fresh,
    make_category,
    make_incident,
    make_task,
    make_user,
    resolving,
)
from tests.incidents.steps_table import (
    MERGE_BY,
    NOTHING_THERE,
    SPLIT_BY,
    TABLE,
    WHY,
    make_ready,
    take,
    walk,
)


@pytest.fixture
def everybody(db):
    """One person for each role, and three who have none."""
    people = {group: make_user(f"the-{group}", group) for group in GROUP_OF.values()}
    people["nobody"] = make_user("nobody")
    people["superuser"] = make_user("superuser", is_staff=True, is_superuser=True)
    people["former-handler"] = make_user("former-handler", "handler", is_active=False)
    return people


def codes(refused: pytest.ExceptionInfo) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def record_of(incident: Incident) -> tuple:
    """Everything that a step could change."""
    row = Incident.objects.filter(pk=incident.pk).values().get()
    return row, incident.timeline.count(), incident.priority_changes.count()


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("step", TABLE)
def test_a_step_is_taken_from_its_state_by_its_roles_and_by_nobody_else(step, state, everybody):
    source, target, who, inputs = TABLE[step]
    incident = make_ready(state)

    outcomes = {name: take(incident, step, by, inputs) for name, by in everybody.items()}

    allowed = f"is {target}" if state == source else "wrong_state"
    assert outcomes == {name: allowed if name in who.split() else "denied" for name in everybody}
    assert fresh(incident).state == state


@pytest.mark.parametrize("state", State.values)
def test_a_merge_is_taken_from_every_open_state_by_its_roles_and_by_nobody_else(state, everybody):
    incident, target = make_ready(state), make_incident(State.RESPONDING)
    inputs = {"target": target.reference, "reason": WHY}

    outcomes = {name: take(incident, "merge", by, inputs) for name, by in everybody.items()}

    allowed = "wrong_state" if state == State.CLOSED else "is closed"
    assert outcomes == {
        name: allowed if name in MERGE_BY.split() else "denied" for name in everybody
    }


@pytest.mark.parametrize("state", OPEN_STATES)
def test_a_split_leads_back_by_its_roles_and_by_nobody_else(state, everybody):
    incident, target = make_ready(state), make_incident(State.RESPONDING)
    inputs = {"target": target.reference, "reason": WHY}
    before = take(incident, "split", everybody["manager"], {"reason": WHY})
    lifecycle.transition(incident, "merge", by=everybody["manager"], inputs=inputs)

    outcomes = {
        name: take(incident, "split", by, {"reason": WHY}) for name, by in everybody.items()
    }

    back = f"is {state}"
    assert before == "wrong_state"
    assert outcomes == {name: back if name in SPLIT_BY.split() else "denied" for name in everybody}


def test_there_are_no_other_steps():
    assert set(lifecycle.STEPS) == {*TABLE, "merge", "split"}


def test_an_unknown_step_is_named(agent):
    incident = make_incident()

    with pytest.raises(lifecycle.UnknownStep, match="obliterate"):
        lifecycle.transition(incident, "obliterate", by=agent)


# step, code of the guard, what of the ready incident is taken away, what is typed otherwise
LACKING = [
    ("declare", "category_missing", {"category": None}, {"category": ""}),
    ("declare", "severity_not_set", {"severity_by": None}, {"severity": ""}),
    ("dismiss", "declared_before", {"is_incident": True}, {}),
    ("dismiss", "outcome_missing", {}, {"outcome": ""}),
    ("dismiss", "outcome_is_confirmed", {"outcome": "confirmed"}, {"outcome": ""}),
    ("dismiss", "resolution_missing", {}, {"resolution": "Nineteen letters ab"}),
    ("dismiss", "breach_not_ruled_out", {"breach_status": BreachStatus.SUSPECTED}, {}),
    ("dismiss", "breach_not_ruled_out", {"breach_status": BreachStatus.CONFIRMED}, {}),
    ("dismiss", "breach_not_ruled_out", {"breach_status": BreachStatus.RULED_OUT}, {}),
    ("refute", "outcome_missing", {}, {"outcome": ""}),
    ("refute", "outcome_is_confirmed", {"outcome": "confirmed"}, {"outcome": ""}),
    ("refute", "resolution_missing", {}, {"resolution": ""}),
    ("refute", "reason_missing", {}, {"reason": " \n "}),
    ("refute", "breach_not_ruled_out", {"breach_status": BreachStatus.SUSPECTED}, {}),
    ("resolve", "containment_missing", {}, {"contained_at": ""}),
    ("resolve", "recovery_missing", {}, {"recovered_at": None}),
    ("resolve", "outcome_missing", {}, {"outcome": ""}),
    ("resolve", "resolution_missing", {}, {"resolution": "\u200b" * 30}),
    ("resolve", "resolution_missing", {}, {"resolution": "o k" + " " * 30 + "."}),
    ("resolve", "root_cause_missing", {}, {"root_cause": "\u200b"}),
    ("resolve", "category_missing", {"category": None}, {}),
    ("resolve", "severity_not_set", {"severity_by": None}, {}),
    ("close", "outcome_missing", {"outcome": ""}, {}),
    ("close", "resolution_missing", {"resolution": ""}, {}),
    ("resume", "reason_missing", {}, {"reason": ""}),
    ("reopen", "reason_missing", {}, {"reason": "\u2060"}),
]


@pytest.mark.parametrize(("step", "code", "without", "typed"), LACKING)
def test_each_guard_alone_refuses_with_its_own_code(step, code, without, typed, manager):
    source, _target, _who, inputs = TABLE[step]
    incident = make_ready(source)
    if "severity_by" in without:
        Incident.objects.filter(pk=incident.pk).update(severity_by=None)
    Incident.objects.filter(pk=incident.pk).update(**without)
    before = record_of(incident)

    with pytest.raises(lifecycle.TransitionRefused) as refused:
        walk(incident, step, by=manager, inputs={**inputs, **typed})

    assert codes(refused) == [code]
    assert record_of(incident) == before


def test_declaring_needs_a_risk_assessment(handler):
    incident = make_incident(State.TRIAGE)

    with pytest.raises(lifecycle.TransitionRefused) as refused:
        lifecycle.transition(incident, "declare", by=handler, inputs=TABLE["declare"][3])

    assert refused.value.reasons == [Reason("risk_assessment_missing", "Save a risk assessment.")]


def test_acknowledging_needs_an_owner_from_the_team(agent):
    incident = make_incident()
    step = lifecycle.STEPS["acknowledge"]

    assert [reason.code for reason in lifecycle.blockers(incident, step)] == ["owner_missing"]

    assert lifecycle.transition(incident, "acknowledge", by=agent).owner == agent


@pytest.mark.parametrize("step", ["dismiss", "refute", "close"])
def test_no_end_leaves_a_mandatory_task_open(step, manager):
    source, target, _who, inputs = TABLE[step]
    incident = make_ready(source)
    task = make_task(incident, is_mandatory=True, phase="learn")
    make_task(incident, is_mandatory=False)

    with pytest.raises(lifecycle.TransitionRefused) as refused:
        walk(incident, step, by=manager, inputs=inputs)

    assert codes(refused) == ["mandatory_tasks_open"]
    assert refused.value.reasons[0].message.endswith(f": {task.code}")
    tasks.waive(task, by=manager, reason="Covered by the drill of last week.")
    assert walk(incident, step, by=manager, inputs=inputs).state == target


@pytest.mark.parametrize(
    ("phase", "waits"),
    [
        ("assess", True),
        ("contain", True),
        ("eradicate", True),
        ("recover", True),
        ("notify", False),
        ("learn", False),
    ],
)
def test_resolving_waits_for_the_mandatory_tasks_up_to_recovery(phase, waits, handler):
    incident = make_ready(State.RESPONDING)
    make_task(incident, is_mandatory=True, phase=phase)

    outcome = take(incident, "resolve", handler, resolving())

    assert outcome == ("mandatory_tasks_open" if waits else "is resolved")


@pytest.mark.parametrize("step", ["resolve", "close"])
def test_a_confirmed_incident_needs_a_real_category_or_a_reason(step, handler):
    source, target, _who, inputs = TABLE[step]
    incident = make_ready(source)
    unclear = make_category("other/undetermined")
    Incident.objects.filter(pk=incident.pk).update(category=unclear)

    assert take(incident, step, handler, inputs) == "category_not_final"

    Incident.objects.filter(pk=incident.pk).update(category_reason="There is no word for it.")
    assert take(incident, step, handler, inputs) == f"is {target}"


def test_nobody_refutes_alone(manager, ciso):
    incident = make_ready(State.RESPONDING)
    inputs = TABLE["refute"][3]

    for by in (manager, ciso):
        with pytest.raises(lifecycle.TransitionRefused) as refused:
            lifecycle.transition(incident, "refute", by=by, inputs=inputs)
        assert codes(refused) == ["second_signature"]

    assert fresh(incident).state == State.RESPONDING


def test_not_applicable_with_its_reason_stands_in_for_containment_and_recovery(handler):
    incident = make_ready(State.RESPONDING)
    inputs = resolving(
        contained_at="",
        recovered_at="",
        contained_not_applicable="Nothing was reachable.",
        recovered_not_applicable="Service never stopped.",
    )

    resolved = lifecycle.transition(incident, "resolve", by=handler, inputs=inputs)

    assert resolved.contained_at is None
    assert resolved.contained_not_applicable == "Nothing was reachable."


def test_a_breach_ruled_out_by_the_officer_may_be_dismissed(dpo, handler):
    incident = make_ready(State.TRIAGE)
    breach.suspect(incident, why="personal data may be hit")
    inputs = TABLE["dismiss"][3]

    assert take(incident, "dismiss", handler, inputs) == "breach_not_ruled_out"

    breach.judge(incident, "ruled_out", by=dpo, reason="Only test data were inside.")
    assert take(incident, "dismiss", handler, inputs) == "is closed"


def test_all_unmet_guards_are_returned_together(handler):
    incident = make_ready(State.RESPONDING)
    make_task(incident, is_mandatory=True)
    Incident.objects.filter(pk=incident.pk).update(category=None, severity_by=None)

    with pytest.raises(lifecycle.TransitionRefused) as refused:
        lifecycle.transition(incident, "resolve", by=handler)

    assert codes(refused) == [
        "containment_missing",
        "recovery_missing",
        "mandatory_tasks_open",
        "outcome_missing",
        "resolution_missing",
        "root_cause_missing",
        "category_missing",
        "severity_not_set",
    ]
    assert all(reason.message for reason in refused.value.reasons)


def test_a_wrong_state_is_said_first_and_the_unmet_guards_with_it(handler):
    incident = make_incident()

    with pytest.raises(lifecycle.TransitionRefused) as refused:
        lifecycle.transition(incident, "close", by=handler)

    assert refused.value.reasons[0] == Reason(
        "wrong_state", "Close starts from Resolved; this one is in New."
    )
    codes = {reason.code for reason in refused.value.reasons}
    assert {"resolution_missing", "outcome_missing"} <= codes


# What cannot be read is refused before the guards are asked, and names the input.
UNREADABLE = [
    ("acknowledge", "owner", "nobody-of-this-name"),
    ("acknowledge", "owner", "outsider"),
    ("acknowledge", "owner", "ag\x00ent"),
    ("acknowledge", "owner", ["agent"]),
    ("acknowledge", "surprise", "x"),
    ("acknowledge", "state", "closed"),
    ("declare", "category", "fraud/nonsense"),
    ("declare", "category", "fraud"),
    ("declare", "category", "fraud/\x00"),
    ("declare", "category", {"code": "fraud/phishing"}),
    ("declare", "severity", 0),
    ("declare", "severity", "SEV5"),
    ("declare", "severity", True),
    ("declare", "severity", [3]),
    ("dismiss", "outcome", "confirmed"),
    ("dismiss", "outcome", "nonsense"),
    ("dismiss", "outcome", 5),
    ("dismiss", "resolution", ["a list of words that is long enough"]),
    ("dismiss", "resolution", "A resolution with \x00 in the middle of it."),
    ("dismiss", "resolution", "A resolution with \ud800 in the middle of it."),
    ("dismiss", "resolution", "A resolution with \u202e in the middle of it."),
    ("dismiss", "resolution", "x" * 20_001),
    ("refute", "reason", "x" * 1_000_000),
    ("refute", "reason", "\x00"),
    ("resolve", "root_cause", "x" * 20_001),
    ("resolve", "contained_at", "yesterday"),
    ("resolve", "contained_at", "2026-13-45T10:00:00Z"),
    ("resolve", "contained_at", "1989-12-31T23:59:59Z"),
    ("resolve", "contained_at", "9999-12-31T23:59:59-23:00"),
    ("resolve", "contained_at", 5),
    ("resolve", "recovered_at", "0001-01-01T00:00:00+14:00"),
    ("resolve", "contained_not_applicable", "x" * 501),
    ("resolve", "category_reason", "x" * 501),
    ("close", "resolution", {"text": RESOLUTION}),
    ("reopen", "reason", ["because"]),
]


@pytest.mark.parametrize(("step", "name", "value"), UNREADABLE)
def test_an_input_that_cannot_be_read_is_named_and_nothing_changes(
    step, name, value, manager, outsider
):
    source, _target, _who, inputs = TABLE[step]
    incident = make_ready(source)
    before = record_of(incident)

    with pytest.raises(ValidationError) as refused:
        lifecycle.transition(incident, step, by=manager, inputs={**inputs, name: value})

    assert set(refused.value.message_dict) == {name}
    assert record_of(incident) == before


def test_a_milestone_must_not_lie_ahead(handler):
    incident = make_ready(State.RESPONDING)
    ahead = (timezone.now() + timedelta(minutes=6)).isoformat()

    with pytest.raises(ValidationError) as refused:
        lifecycle.transition(incident, "resolve", by=handler, inputs=resolving(recovered_at=ahead))

    assert set(refused.value.message_dict) == {"recovered_at"}


def test_every_unreadable_input_is_named_at_once(handler):
    incident = make_ready(State.TRIAGE)

    with pytest.raises(ValidationError) as refused:
        lifecycle.transition(
            incident, "declare", by=handler, inputs={"category": "x", "severity": 9, "who": "me"}
        )

    assert set(refused.value.message_dict) == {"category", "severity", "who"}


def test_an_agent_dismisses_only_what_is_no_security_matter(agent, handler):
    incident = make_ready(State.TRIAGE)

    outcomes = {
        outcome: take(incident, "dismiss", agent, {**NOTHING_THERE, "outcome": outcome})
        for outcome in ("not_security", "duplicate", "false_positive", "attempt_blocked")
    }

    assert outcomes == {
        "not_security": "is closed",
        "duplicate": "is closed",
        "false_positive": "denied",
        "attempt_blocked": "denied",
    }
    assert take(incident, "dismiss", handler, NOTHING_THERE) == "is closed"


@pytest.mark.parametrize(
    "grave",
    [
        {"severity": 1},
        {"severity": 2},
        {"breach_status": BreachStatus.SUSPECTED},
        {"breach_status": BreachStatus.CONFIRMED},
    ],
)
def test_what_is_grave_is_closed_by_nobody_alone(grave, handler, manager, ciso, dpo):
    incident = make_incident(State.RESOLVED, **grave)

    outcomes = [take(incident, "close", by, {}) for by in (handler, dpo, manager, ciso)]

    assert outcomes == ["denied", *["second_signature"] * 3]
