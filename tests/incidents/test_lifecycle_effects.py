"""What follows from a step: moments, owners, managers, words kept, and an entry on the timeline."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents import lifecycle
from incidents.models import Incident, Task
from incidents.states import State
from tests.factories import (
    RESOLUTION,
    finish_all,
    fresh,
    make_incident,
    make_task,
    make_user,
    resolving,
)
from tests.incidents.steps_table import NOTHING_THERE, TABLE, WHY, make_ready, take, walk


def test_acknowledging_makes_the_person_the_owner_and_notes_the_moment(agent):
    incident = make_incident()

    triaged = lifecycle.transition(incident, "acknowledge", by=agent)

    assert triaged.owner == agent
    assert timezone.now() - triaged.acknowledged_at < timedelta(seconds=20)
    assert triaged.version > incident.version


def test_acknowledging_may_name_another_owner(agent, handler):
    incident = make_incident()

    triaged = lifecycle.transition(incident, "acknowledge", by=agent, inputs={"owner": "handler"})

    assert triaged.owner == handler


def test_declaring_notes_who_and_when_and_the_first_category(handler):
    incident = make_ready(State.TRIAGE)
    inputs = {"category": "fraud/phishing", "severity": "SEV4"}

    declared = lifecycle.transition(incident, "declare", by=handler, inputs=inputs)

    assert declared.is_incident
    assert declared.declared_by == handler
    assert timezone.now() - declared.declared_at < timedelta(seconds=20)
    assert declared.category_at_triage.path == "fraud/phishing"
    assert (declared.severity, declared.severity_by) == (4, handler)


@pytest.mark.parametrize(("severity", "appointed"), [(1, True), (2, True), (3, False), (4, False)])
def test_a_grave_incident_gets_a_manager(severity, appointed, handler, manager):
    incident = make_ready(State.TRIAGE)
    make_task(incident, assignee=make_user("busy-manager", "manager"))
    Task.objects.create(incident=incident, title="Busy", phase="assess", role="MIM", dedupe_key="b",
                        assignee=incident.owner)  # fmt: skip

    declared = lifecycle.transition(
        incident, "declare", by=handler, inputs={"category": "fraud/phishing", "severity": severity}
    )

    assert declared.manager == (manager if appointed else None)


def test_a_manager_who_is_named_already_stays(handler, manager):
    incident = make_ready(State.TRIAGE)
    named = make_user("another-manager", "manager")
    Incident.objects.filter(pk=incident.pk).update(manager=named)

    declared = lifecycle.transition(
        incident, "declare", by=handler, inputs={"category": "fraud/phishing", "severity": 1}
    )

    assert declared.manager == named


def test_a_severity_given_with_a_step_raises_the_priority_and_is_in_the_history(handler):
    incident = make_ready(State.TRIAGE)

    declared = lifecycle.transition(
        incident, "declare", by=handler, inputs={"category": "fraud/phishing", "severity": 1}
    )

    assert declared.priority == 1
    change = declared.priority_changes.last()
    assert (change.by, change.new_severity, change.why) == (handler, 1, "Declare")


@pytest.mark.parametrize("step", ["dismiss", "refute", "close"])
def test_every_end_notes_the_moment(step, manager):
    source, _target, _who, inputs = TABLE[step]

    closed = walk(make_ready(source), step, by=manager, inputs=inputs)

    assert timezone.now() - closed.closed_at < timedelta(seconds=20)
    assert closed.is_incident == (step == "close")


def test_resuming_clears_the_resolved_moment_and_keeps_it_on_the_timeline(handler):
    incident = make_ready(State.RESOLVED)
    resolved_at = incident.resolved_at

    resumed = lifecycle.transition(incident, "resume", by=handler, inputs={"reason": WHY})

    assert resumed.resolved_at is None
    entry = resumed.timeline.filter(kind="transition").last()
    assert entry.text == WHY
    assert entry.data["before"]["resolved_at"][:19] == resolved_at.isoformat()[:19]


def test_reopening_clears_the_old_words_and_keeps_them_on_the_timeline(dpo):
    incident = make_ready(State.CLOSED)
    acknowledged_at, contained_at = incident.acknowledged_at, incident.contained_at

    reopened = fresh(lifecycle.transition(incident, "reopen", by=dpo, inputs={"reason": WHY}))

    assert (reopened.outcome, reopened.resolution) == ("", "")
    assert (reopened.resolved_at, reopened.closed_at) == (None, None)
    assert reopened.reopen_count == 1
    assert (reopened.acknowledged_at, reopened.contained_at) == (acknowledged_at, contained_at)
    before = reopened.timeline.filter(kind="transition").last().data["before"]
    assert (before["outcome"], before["resolution"]) == ("confirmed", RESOLUTION)


def test_a_reopened_incident_needs_a_resolution_of_its_own(handler):
    incident = make_ready(State.CLOSED)
    reopened = lifecycle.transition(incident, "reopen", by=handler, inputs={"reason": WHY})

    declared = lifecycle.transition(reopened, "declare", by=handler, inputs=TABLE["declare"][3])
    finish_all(declared)

    lacking = take(declared, "resolve", handler, resolving(resolution=""))
    assert "resolution_missing" in lacking
    assert take(declared, "resolve", handler, resolving()) == "is resolved"


def test_what_was_declared_once_is_dismissed_by_nobody_alone(handler):
    incident = make_ready(State.CLOSED)
    reopened = lifecycle.transition(incident, "reopen", by=handler, inputs={"reason": WHY})

    assert take(reopened, "dismiss", handler, NOTHING_THERE) == "declared_before"


def test_a_step_is_written_to_the_timeline_with_what_was_typed(handler):
    incident = make_ready(State.TRIAGE)

    lifecycle.transition(incident, "declare", by=handler, inputs=TABLE["declare"][3])

    entry = incident.timeline.filter(kind="transition").last()
    assert entry.actor == handler
    assert entry.data == {
        "step": "declare",
        "from": "triage",
        "to": "responding",
        "inputs": {"category": "fraud/phishing", "severity": 3},
    }


def test_a_step_is_taken_on_the_row_as_it_is_now(agent, handler):
    incident = make_incident()
    stale = fresh(incident)
    lifecycle.transition(incident, "acknowledge", by=agent)

    assert take(stale, "acknowledge", handler, {}) == "wrong_state"


def test_steps_are_offered_by_right_each_with_what_it_lacks(reporter, agent, handler, ciso):
    incident = make_incident(State.TRIAGE)

    offered = {
        user.username: {
            offer.step.name: [reason.code for reason in offer.reasons]
            for offer in lifecycle.steps_for(incident, user)
        }
        for user in (reporter, agent, handler)
    }

    dismiss = ["outcome_missing", "resolution_missing"]
    declare = ["category_missing", "severity_not_set", "risk_assessment_missing"]
    merge = ["target_missing", "reason_missing"]
    assert offered == {
        "reporter": {},
        "agent": {"dismiss": dismiss, "merge": merge},
        "handler": {"declare": declare, "dismiss": dismiss, "merge": merge},
    }


def test_an_offer_counts_on_the_person_who_would_take_the_step(agent):
    first, _merge = lifecycle.steps_for(make_incident(), agent)

    assert (first.step.name, first.reasons) == ("acknowledge", [])


def test_closing_with_everything_in_place_works(handler):
    incident = make_ready(State.RESPONDING)
    finish_all(incident)
    resolved = lifecycle.transition(incident, "resolve", by=handler, inputs=resolving())

    closed = lifecycle.transition(resolved, "close", by=handler)

    assert fresh(closed).state == State.CLOSED
    assert fresh(closed).resolution == RESOLUTION
