"""A shift is handed over: who may offer what to whom; nothing moves until it is accepted."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from incidents import access, facts, handing_over, held_work, lifecycle, rights, tasks
from incidents.models import HandOver, Incident
from incidents.models.timeline import Kind
from incidents.states import Confidentiality, State
from tests.factories import finish_all, fresh, make_incident, make_task, make_user, resolving

pytestmark = pytest.mark.django_db

NOTE = "The supplier calls back at eight; ask for the log of the gateway."


@pytest.fixture
def ann():
    return make_user("ann", "handler", first_name="Ann", last_name="Verbeek")


@pytest.fixture
def bob():
    return make_user("bob", "handler", first_name="Bob", last_name="Maas")


def owned_by(person, state=State.RESPONDING, **fields) -> Incident:
    return make_incident(state, **{"priority": 3, "owner": person, **fields})


def offered(giver, successor, *incidents, work=(), note=NOTE) -> HandOver:
    return handing_over.offer(by=giver, to=successor, note=note, incidents=incidents, work=work)


def refusal(giver, successor, *incidents, **more) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        offered(giver, successor, *incidents, **more)
    assert not HandOver.objects.exists()
    return refused.value.message_dict


def test_one_holds_open_incidents_one_owns_and_open_tasks_one_is_to_do(ann, bob):
    mine, _theirs = owned_by(ann), owned_by(bob)
    owned_by(ann, State.CLOSED)
    hidden = owned_by(ann)
    make_task(hidden, assignee=ann)
    Incident.objects.filter(pk=hidden.pk).update(confidentiality=Confidentiality.RESTRICTED)
    task = make_task(owned_by(bob), assignee=ann)
    done = make_task(mine, assignee=ann)
    tasks.finish(done, by=ann, result="Done.")

    held = held_work.held_by(ann)

    assert held.incidents == [mine]
    assert held.tasks == [task]


def test_nothing_moves_until_it_is_accepted(ann, bob):
    incident = owned_by(ann)
    task = make_task(incident, assignee=ann)

    offered(ann, bob, incident, work=[task])

    assert (fresh(incident).owner, fresh(task).assignee) == (ann, ann)
    assert [each.by for each in handing_over.waiting_for(bob)] == [ann]
    assert not held_work.held_by(ann)


def test_what_is_accepted_moves_and_the_record_names_both(ann, bob):
    incident, other = owned_by(ann), owned_by(bob)
    task = make_task(other, assignee=ann)
    one = offered(ann, bob, incident, work=[task])

    left = handing_over.accept(one, by=bob, note="Got it.")

    why = "Handed over by Ann Verbeek, accepted by Bob Maas"
    assert left == []
    assert (fresh(incident).owner, fresh(task).assignee) == (bob, bob)
    assert incident.timeline.get(kind=Kind.CHANGE, text=why).actor == bob
    assert other.timeline.get(kind=Kind.TASK, text=why).data["task"] == task.code
    assert (fresh(one).answer, fresh(one).answer_note) == ("accepted", "Got it.")
    assert handing_over.waiting_for(bob) == []


def test_the_note_is_on_no_timeline(ann, bob):
    incident = owned_by(ann)

    handing_over.accept(offered(ann, bob, incident), by=bob)

    assert not any("gateway" in str(row) for row in incident.timeline.values())


@pytest.mark.parametrize(
    ("note", "sentence"),
    [
        ("", "Write what your successor must know."),
        ("  \u200b ", "Write what your successor must know."),
        ("All is well.", "Write at least 20 visible characters."),
        (NOTE, "Say how these stand: {reference}."),
    ],
)
def test_a_note_says_enough_and_names_each_urgent_incident(note, sentence, ann, bob):
    incident = owned_by(ann, priority=2)

    told = refusal(ann, bob, incident, note=note)

    assert told == {"note": [sentence.format(reference=incident.reference)]}


def test_one_hands_over_to_somebody_else_of_the_team(ann, auditor, admin, reporter):
    incident = owned_by(ann)
    gone = make_user("gone", "handler", is_active=False)

    for other in (ann, auditor, admin, reporter, gone):
        assert refusal(ann, other, incident) == {
            "to": ["Choose somebody else of the response team."]
        }


def test_one_hands_over_something_and_only_what_one_holds(ann, bob, agent):
    theirs, closed = owned_by(bob), owned_by(ann, State.CLOSED)
    task = make_task(theirs, assignee=bob)

    nothing = refusal(ann, bob)
    others = refusal(ann, agent, theirs, closed, work=[task])

    assert nothing == {"incidents": ["Choose what you hand over."]}
    assert others == {
        "incidents": [f"{row.reference} is not yours to hand over." for row in (theirs, closed)],
        "work": [f"{theirs.reference} {task.code} is not yours to hand over."],
    }


def test_what_is_offered_is_not_offered_twice(ann, bob, agent):
    incident = owned_by(ann)
    one = offered(ann, bob, incident)

    with pytest.raises(ValidationError) as refused:
        offered(ann, agent, incident)
    handing_over.withdraw(one, by=ann)
    again = offered(ann, agent, incident)

    assert refused.value.messages == [f"{incident.reference} waits in another hand-over already."]
    assert fresh(again).answer == ""


def test_a_restricted_incident_needs_its_successor_named_first(ann, bob):
    incident = owned_by(ann, confidentiality=Confidentiality.RESTRICTED)
    access.restrict_to(incident, [ann])

    told = refusal(ann, bob, incident)
    access.restrict_to(incident, [bob])
    one = offered(ann, bob, incident)
    handing_over.accept(one, by=bob)

    assert told == {
        "incidents": [f"{incident.reference} is restricted: name Bob Maas on it first."]
    }
    assert fresh(incident).owner == bob


def test_a_note_names_nothing_that_the_successor_may_not_see(ann, bob):
    incident = owned_by(ann)
    known, unknown = (owned_by(ann, confidentiality=Confidentiality.RESTRICTED) for _n in range(2))
    access.restrict_to(known, [ann])

    told = refusal(ann, bob, incident, note=f"{NOTE} See inc-{known.pk} and {unknown.reference}.")

    assert told == {
        "note": [f"Take these out of the note, Bob Maas may not see them: {known.reference}."]
    }


def test_a_task_goes_to_somebody_who_may_do_it(ann, agent):
    task = make_task(owned_by(ann), role="IH", assignee=ann)

    told = refusal(ann, agent, work=[task])

    name = f"{task.incident.reference} {task.code}"
    assert told == {"work": [f"{name}: Name somebody who holds the role Incident handler."]}
    assert fresh(task).assignee == ann


@pytest.mark.parametrize("act", ["accept", "decline"])
def test_only_the_successor_answers(act, ann, bob, agent):
    one = offered(ann, bob, owned_by(ann))

    for other in (ann, agent):
        with pytest.raises(rights.Denied):
            getattr(handing_over, act)(one, by=other, note="For them.")

    assert fresh(one).answer == ""


def test_only_the_giver_withdraws(ann, bob, agent):
    one = offered(ann, bob, owned_by(ann))

    for other in (bob, agent):
        with pytest.raises(rights.Denied):
            handing_over.withdraw(one, by=other)
    handing_over.withdraw(one, by=ann)

    assert fresh(one).answer == "withdrawn"


def test_declining_says_why_and_moves_nothing(ann, bob):
    incident = owned_by(ann)
    one = offered(ann, bob, incident)

    with pytest.raises(ValidationError):
        handing_over.decline(one, by=bob, note=" ")
    handing_over.decline(one, by=bob, note="I am off too.")

    assert fresh(incident).owner == ann
    assert (fresh(one).answer, fresh(one).answer_note) == ("declined", "I am off too.")


def test_an_answer_is_given_once(ann, bob):
    one = offered(ann, bob, owned_by(ann))
    handing_over.accept(one, by=bob)

    with pytest.raises(handing_over.Answered, match="answered already: Accepted"):
        handing_over.decline(one, by=bob, note="After all not.")
    with pytest.raises(handing_over.Answered):
        handing_over.withdraw(one, by=ann)
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.filter(pk=one.pk).update(answer="")

    assert fresh(one).answer == "accepted"


def test_what_changed_meanwhile_stays_and_is_told_with_its_reason(ann, bob, manager):
    taken, closed, secret, mine = (owned_by(ann) for _n in range(4))
    done = make_task(mine, assignee=ann)
    one = offered(ann, bob, taken, closed, secret, mine, work=[done])
    facts.edit(taken, {"owner": "manager"}, by=manager)
    finish_all(closed)
    lifecycle.transition(closed, "resolve", by=manager, inputs=resolving())
    lifecycle.transition(fresh(closed), "close", by=manager)
    Incident.objects.filter(pk=secret.pk).update(confidentiality=Confidentiality.RESTRICTED)
    tasks.finish(done, by=ann, result="Done before I left.")

    left = handing_over.accept(one, by=bob)

    told = {each.name: each.why for each in left}
    assert fresh(mine).owner == bob
    assert (fresh(taken).owner, fresh(secret).owner) == (manager, ann)
    assert told == {
        taken.reference: "It has changed hands meanwhile.",
        closed.reference: "This incident is closed. Reopen it to change it.",
        "One piece": "It is not yours to see any more.",
        f"{mine.reference} {done.code}": "This task is settled already: Done.",
    }


def test_whoever_lost_the_right_to_it_takes_nothing(ann, bob):
    incident = owned_by(ann)
    one = offered(ann, bob, incident)
    bob.groups.clear()

    left = handing_over.accept(one, by=type(bob).objects.get(pk=bob.pk))

    assert len(left) == 1
    assert fresh(incident).owner == ann


def test_what_one_may_not_see_any_more_is_no_part_of_it(ann, bob):
    incident = owned_by(ann)
    one = offered(ann, bob, incident)

    before = held_work.seen_by(bob, one)
    Incident.objects.filter(pk=incident.pk).update(confidentiality=Confidentiality.RESTRICTED)
    after = held_work.seen_by(bob, one)

    assert (before.incidents, held_work.is_whole(one, before)) == ([incident], True)
    assert (after.incidents, held_work.is_whole(one, after)) == ([], False)
