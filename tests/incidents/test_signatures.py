"""Four eyes: who asks, who agrees, and that nothing happens otherwise."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from incidents import facts, grading, lifecycle, need_to_know, rights, signatures
from incidents.guards import SignatureRefused
from incidents.models import Incident, SecondSignature
from incidents.states import State
from tests.factories import fresh, make_incident, make_task, make_user
from tests.incidents.steps_table import NOTHING_THERE

Act = SecondSignature.Act
WHY = "The drill of last week, as the logs show."


def grave(**fields) -> Incident:
    return make_incident(State.RESOLVED, **{"severity": 2, **fields})


def ask_to_close(incident, by, **inputs) -> SecondSignature:
    return signatures.ask(incident, Act.CLOSE, inputs, by=by, reason=WHY)


def codes(refused) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def test_what_one_asks_is_done_when_the_other_agrees(manager, dpo):
    asked = ask_to_close(grave(), manager)

    signatures.agree(asked, by=dpo, note="Fine.")

    closed = fresh(asked.incident)
    entry = closed.timeline.get(kind="transition", data__step="close")
    assert closed.state == State.CLOSED
    assert (entry.actor, entry.data["asked_by"]) == (dpo, str(manager))
    told = closed.timeline.filter(data__has_key="signature").order_by("sequence")
    assert [(each.data["signature"], each.actor) for each in told] == [
        ("asked", manager),
        ("agreed", dpo),
    ]
    assert (fresh(asked).answer, fresh(asked).answered_by) == ("agreed", dpo)


@pytest.mark.parametrize(
    ("act", "asker", "second", "agrees"),
    [
        ("close", "manager", "dpo", True),
        ("close", "ciso", "dpo", True),
        ("close", "dpo", "manager", True),
        ("close", "dpo", "ciso", True),
        ("close", "manager", "ciso", False),
        ("close", "manager", "manager", False),
        ("close", "manager", "handler", False),
        ("refute", "manager", "ciso", True),
        ("refute", "ciso", "manager", True),
        ("refute", "manager", "dpo", False),
        ("refute", "manager", "handler", False),
        ("refute", "manager", "manager", False),
        ("lower_priority", "handler", "manager", True),
        ("lower_priority", "ciso", "handler", True),
        ("lower_priority", "handler", "handler", False),
        ("lower_priority", "handler", "agent", False),
        ("lower_priority", "handler", "dpo", False),
    ],
)
def test_only_a_fitting_second_person_signs(act, asker, second, agrees, team):
    asked = wanted(act, team[asker])

    assert signatures.may_sign(team[second], asked) is agrees
    assert (asked in signatures.waiting_for(team[second])) is agrees
    if agrees:
        signatures.agree(asked, by=team[second])
        assert fresh(asked).answer == "agreed"
    else:
        with pytest.raises(rights.Denied):
            signatures.agree(asked, by=team[second])
        assert fresh(asked).answer == ""


def wanted(act: str, by) -> SecondSignature:
    """One open request of each kind."""
    if act == Act.CLOSE:
        return ask_to_close(grave(breach_status="suspected"), by)
    incident = make_incident(State.RESPONDING, priority=2, severity=4, urgency=4)
    if act == Act.REFUTE:
        return signatures.ask(incident, act, NOTHING_THERE, by=by, reason=WHY)
    return signatures.ask(incident, act, {"priority": 4}, by=by, reason=WHY)


@pytest.mark.parametrize(
    ("act", "who"),
    [
        ("close", "handler"),
        ("close", "agent"),
        ("refute", "handler"),
        ("refute", "dpo"),
        ("lower_priority", "agent"),
        ("lower_priority", "dpo"),
    ],
)
def test_who_has_no_right_to_it_cannot_even_ask(act, who, team):
    with pytest.raises(rights.Denied):
        wanted(act, team[who])

    assert not SecondSignature.objects.exists()


def test_lowering_keeps_both_people_on_the_history(handler, manager):
    asked = wanted(Act.LOWER_PRIORITY, handler)

    signatures.agree(asked, by=manager)

    change = asked.incident.priority_changes.order_by("pk").last()
    assert (change.new_priority, change.by, change.why) == (4, manager, WHY)
    assert change.inputs["asked_by"] == str(handler)


def test_what_could_not_be_done_now_is_not_asked_for(manager, dpo):
    incident = grave()
    task = make_task(incident, is_mandatory=True)

    with pytest.raises(lifecycle.TransitionRefused) as refused:
        ask_to_close(incident, manager)

    assert codes(refused) == ["mandatory_tasks_open"]
    assert task.code in str(refused.value)
    assert not SecondSignature.objects.exists()
    assert fresh(incident).state == State.RESOLVED


def test_agreeing_is_refused_when_the_guards_hold_no_more(manager, dpo):
    incident = grave()
    asked = ask_to_close(incident, manager)
    make_task(incident, is_mandatory=True)
    before = incident.timeline.count()

    with pytest.raises(lifecycle.TransitionRefused) as refused:
        signatures.agree(asked, by=dpo)

    assert codes(refused) == ["mandatory_tasks_open"]
    assert (fresh(asked).answer, fresh(incident).state) == ("", State.RESOLVED)
    assert incident.timeline.count() == before


@pytest.mark.parametrize(
    "change",
    [
        lambda incident, by: facts.edit(incident, {"resolution": "Another end of it."}, by=by),
        lambda incident, by: grading.regrade(incident, by=by, severity=1, why="It is worse."),
    ],
    ids=["resolution", "severity"],
)
def test_nobody_signs_what_was_changed_after_it_was_asked(change, manager, dpo):
    incident = grave()
    asked = ask_to_close(incident, manager)
    change(fresh(incident), manager)

    with pytest.raises(SignatureRefused) as refused:
        signatures.agree(fresh(asked), by=dpo)

    assert codes(refused) == ["changed_since"]
    assert (fresh(asked).answer, fresh(incident).state) == ("", State.RESOLVED)


def test_declining_says_why_and_changes_nothing(manager, dpo):
    asked = ask_to_close(grave(), manager)

    with pytest.raises(ValidationError):
        signatures.decline(asked, by=dpo, note="  ")
    signatures.decline(asked, by=dpo, note="The register is not complete.")

    assert fresh(asked.incident).state == State.RESOLVED
    assert fresh(asked).note == "The register is not complete."
    with pytest.raises(SignatureRefused) as refused:
        signatures.agree(asked, by=dpo)
    assert codes(refused) == ["signature_answered"]


def test_only_who_asked_withdraws(manager, ciso, dpo):
    asked = ask_to_close(grave(), manager)

    for other in (ciso, dpo):
        with pytest.raises(rights.Denied):
            signatures.withdraw(asked, by=other)
    signatures.withdraw(asked, by=manager)

    assert fresh(asked).answer == "withdrawn"
    assert ask_to_close(asked.incident, manager).answer == ""


def test_one_request_waits_at_a_time(manager, ciso, dpo):
    asked = ask_to_close(grave(), manager)

    with pytest.raises(SignatureRefused) as refused, transaction.atomic():
        ask_to_close(asked.incident, ciso)

    assert codes(refused) == ["signature_waiting"]
    with pytest.raises(IntegrityError), transaction.atomic():
        SecondSignature.objects.create(
            incident=asked.incident, act=Act.CLOSE, reason=WHY, asked_by=ciso
        )


def test_the_database_keeps_the_asker_from_signing(manager, dpo):
    asked = ask_to_close(grave(), manager)

    with pytest.raises(IntegrityError), transaction.atomic():
        SecondSignature.objects.filter(pk=asked.pk).update(answer="agreed", answered_by=manager)


def test_a_step_that_makes_it_impossible_lets_the_request_fall_away(manager, dpo, handler):
    asked = ask_to_close(grave(), manager)

    lifecycle.transition(asked.incident, "resume", by=handler, inputs={"reason": "New facts."})

    assert (fresh(asked).answer, fresh(asked).answered_by) == ("withdrawn", None)
    assert asked.incident.timeline.filter(data__signature="lapsed").count() == 1


def test_who_lost_the_right_meanwhile_counts_no_more(manager, dpo):
    asked = ask_to_close(grave(), manager)
    manager.groups.clear()

    with pytest.raises(SignatureRefused) as refused:
        signatures.agree(asked, by=dpo)

    assert codes(refused) == ["asker_without_right"]


def test_one_person_is_enough_for_the_rest(manager, dpo):
    with pytest.raises(ValidationError, match="One person is enough"):
        ask_to_close(make_incident(State.RESOLVED), manager)


def test_the_officer_sees_what_waits_for_their_signature(manager, dpo):
    incident = grave()
    assert signatures.waiting_for(dpo) == []

    asked = ask_to_close(incident, manager)

    assert signatures.waiting_for(dpo) == [asked]


def test_where_nobody_is_data_protection_officer_who_stands_in_signs(manager, ciso):
    asked = ask_to_close(grave(), manager)

    signatures.agree(asked, by=ciso)

    assert fresh(asked.incident).state == State.CLOSED


def test_nobody_is_asked_who_does_not_know_of_it(manager, dpo, handler):
    incident = grave()
    need_to_know.restrict(incident, [handler], by=manager, reason="About a colleague.")

    with pytest.raises(SignatureRefused) as refused, transaction.atomic():
        ask_to_close(incident, manager)
    assert codes(refused) == ["nobody_to_sign"]
    need_to_know.name_person(incident, dpo, by=manager, reason="To close it.")

    asked = ask_to_close(incident, manager)
    assert signatures.signers(asked) == [dpo]


def test_somebody_with_both_roles_does_not_sign_twice(db):
    both = make_user("both", "manager", "dpo")
    make_user("second", "dpo")
    asked = ask_to_close(grave(), both)

    with pytest.raises(rights.Denied):
        signatures.agree(asked, by=both)


def test_a_lowering_is_not_signed_once_somebody_has_raised_it(handler, manager, ciso):
    incident = make_incident(State.TRIAGE, priority=2, severity=4, urgency=4)
    asked = signatures.ask(incident, Act.LOWER_PRIORITY, {"priority": 3}, by=handler, reason=WHY)
    grading.regrade(fresh(incident), by=ciso, priority=1, why="It spreads.")

    with pytest.raises(SignatureRefused) as refused:
        signatures.agree(fresh(asked), by=manager)

    assert codes(refused) == ["changed_since"]
    assert (fresh(incident).priority, fresh(asked).answer) == (1, "")
    signatures.decline(fresh(asked), by=manager, note="It spreads.")
    assert fresh(asked).answer == "declined"


def test_lowering_the_severity_first_does_not_make_it_one_persons_close(handler, manager, dpo):
    incident = make_incident(State.RESOLVED, severity=2)
    grading.regrade(incident, by=handler, severity=3, why="Less than we feared.")

    with pytest.raises(rights.Denied):
        lifecycle.transition(fresh(incident), "close", by=handler, inputs={})

    signatures.agree(ask_to_close(fresh(incident), manager), by=dpo)
    assert fresh(incident).state == State.CLOSED


def test_a_severity_that_was_high_only_before_declaring_is_no_grave_one(handler, reporter):
    incident = make_incident(State.TRIAGE, severity=2)
    grading.regrade(incident, by=handler, severity=3, why="A default of the playbook.")

    assert rights.is_grave(fresh(incident)) is False
