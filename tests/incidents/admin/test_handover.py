"""Handing over in the console: the form with what one holds, the two parties, and nobody else."""

import pytest

from incidents import access, handing_over, tasks
from incidents.models import HandOver, Incident
from incidents.states import Confidentiality, State
from tests.console import Console, words_of
from tests.factories import fresh, make_incident, make_task, make_user

HANDOVER = "incidents/handover/"
NOTE = "The supplier calls back at eight; ask for the log of the gateway."


@pytest.fixture
def bob(db):
    return Console(make_user("bob", "handler", first_name="Bob"))


def owned_by(console, **fields):
    return make_incident(State.RESPONDING, **{"priority": 3, "owner": console.user, **fields})


def offered(giver, successor, *incidents, work=()) -> HandOver:
    return handing_over.offer(
        by=giver.user, to=successor.user, note=NOTE, incidents=incidents, work=work
    )


def answer(console, one, name, **words):
    return console.post(f"{HANDOVER}{one.pk}/{name}/", **words)


def test_from_what_one_holds_to_what_the_other_accepts(handler, bob):
    urgent = owned_by(handler, priority=1)
    task = make_task(urgent, title="Call the supplier", assignee=handler.user)

    form = handler.get(f"{HANDOVER}add/")
    sent = handler.post(
        f"{HANDOVER}add/", to="bob", note=f"{urgent.reference}: {NOTE}",
        incidents=[urgent.pk], work=[task.pk],
    )  # fmt: skip
    one = HandOver.objects.get()
    home = bob.get()
    page = bob.get(f"{HANDOVER}{one.pk}/change/")
    done = answer(bob, one, "accept")

    assert f"{urgent.reference}, P1, Responding." in words_of(form)
    assert "Call the supplier" in words_of(form)
    assert sent.status_code == done.status_code == 302
    assert "Hand-over waiting for you" in words_of(home)
    assert NOTE in words_of(page)
    assert "Call the supplier" in words_of(page)
    assert (fresh(urgent).owner, fresh(task).assignee) == (bob.user, bob.user)
    assert "Hand-over waiting for you" not in words_of(bob.get())


def test_what_is_refused_keeps_what_was_typed(handler, bob):
    incident = owned_by(handler, priority=2)

    page = handler.post(f"{HANDOVER}add/", to="bob", note=NOTE, incidents=[incident.pk])
    nobody = handler.post(f"{HANDOVER}add/", to="", note=NOTE, incidents=[incident.pk])

    assert f"Say how these stand: {incident.reference}." in words_of(page)
    assert "ask for the log of the gateway" in words_of(page)
    assert "Choose who takes over." in words_of(nobody)
    assert not HandOver.objects.exists()


@pytest.mark.parametrize("key", ["{theirs}", "{secret}", "99999999999999999999999", "x", "\x00"])
def test_a_crafted_choice_of_what_one_does_not_hold_is_refused_alike(key, handler, bob):
    theirs = owned_by(bob)
    secret = owned_by(handler, confidentiality=Confidentiality.RESTRICTED)
    owned_by(handler)

    chosen = key.format(theirs=theirs.pk, secret=secret.pk)
    page = handler.post(f"{HANDOVER}add/", to="bob", note=NOTE, incidents=[chosen])

    assert page.status_code == 200
    assert "is not one of the available choices" in words_of(page)
    assert not HandOver.objects.exists()


def test_a_restricted_incident_says_that_its_successor_must_be_named(handler, bob):
    secret = owned_by(handler, confidentiality=Confidentiality.RESTRICTED)
    access.restrict_to(secret, [handler.user])

    page = handler.post(f"{HANDOVER}add/", to="bob", note=NOTE, incidents=[secret.pk])

    assert f"{secret.reference} is restricted: name Bob on it first." in words_of(page)


def test_whoever_holds_nothing_is_told_so(handler):
    page = words_of(handler.get(f"{HANDOVER}add/"))

    assert "You hold nothing that is open and not offered already." in page


@pytest.mark.parametrize("name", ["agent", "manager", "auditor", "superuser"])
def test_for_everybody_else_it_does_not_exist(name, request, handler, bob):
    one = offered(handler, bob, owned_by(handler))
    other = request.getfixturevalue(name)

    page = other.get(f"{HANDOVER}{one.pk}/change/")
    acts = [answer(other, one, act, note="Mine.") for act in ("accept", "decline", "withdraw")]

    closed = {403} if name == "superuser" else {404}
    assert {page.status_code, *(each.status_code for each in acts)} == closed
    assert fresh(one).answer == ""


def test_who_holds_no_work_has_no_such_page(auditor, administrator, reporter):
    for console in (auditor, administrator, reporter):
        assert console.get(HANDOVER).status_code == 403
        assert console.get(f"{HANDOVER}add/").status_code == 403


def test_the_wrong_party_and_a_get_answer_nothing(handler, bob):
    one = offered(handler, bob, owned_by(handler))

    by_giver = answer(handler, one, "accept")
    by_successor = answer(bob, one, "withdraw")
    unknown = answer(bob, one, "keep")
    bob.get(f"{HANDOVER}{one.pk}/accept/")

    assert (by_giver.status_code, by_successor.status_code) == (403, 403)
    assert unknown.status_code == 404
    assert fresh(one).answer == ""


def test_declining_needs_a_word_and_both_see_it(handler, bob):
    one = offered(handler, bob, owned_by(handler))

    empty = answer(bob, one, "decline", note="")
    answer(bob, one, "decline", note="I am off too.")

    assert "Say why not." in words_of(empty)
    assert "I am off too." in words_of(handler.get(f"{HANDOVER}{one.pk}/change/"))
    assert "Declined" in words_of(handler.get(HANDOVER))


def test_a_second_answer_is_told_what_the_first_was(handler, bob):
    one = offered(handler, bob, owned_by(handler))
    answer(bob, one, "accept")

    again = answer(bob, one, "decline", note="After all not.")

    assert again.status_code == 409
    assert "This hand-over is answered already: Accepted." in words_of(again)


def test_what_did_not_change_hands_is_told(handler, bob):
    incident = owned_by(handler)
    task = make_task(incident, assignee=handler.user)
    one = offered(handler, bob, incident, work=[task])
    tasks.finish(task, by=handler.user, result="Done before I left.")

    answer(bob, one, "accept")
    page = words_of(bob.get(HANDOVER))

    assert "1 piece stays as it is:" in page
    assert f"{incident.reference} {task.code}: This task is settled already: Done." in page


def test_of_what_was_restricted_since_neither_row_nor_note_is_shown(handler, bob):
    incident = owned_by(handler)
    one = offered(handler, bob, incident)
    Incident.objects.filter(pk=incident.pk).update(confidentiality=Confidentiality.RESTRICTED)

    page = words_of(bob.get(f"{HANDOVER}{one.pk}/change/"))
    answer(bob, one, "accept")
    after = words_of(bob.get(HANDOVER))

    assert incident.reference not in page + after
    assert "gateway" not in page
    assert "It is not yours to see any more." in after


def test_the_draft_as_it_is_hands_nothing_over(handler, bob):
    urgent = owned_by(handler, priority=1)
    form = handler.get(f"{HANDOVER}add/")
    draft = form.context["form"]["note"].value()

    sent = handler.post(f"{HANDOVER}add/", to="bob", note=draft, incidents=[urgent.pk])

    assert "Write the next step of each" in words_of(sent)
    assert not HandOver.objects.exists()
    filled = draft.replace("Next step:", "Next step: call the supplier")
    handler.post(f"{HANDOVER}add/", to="bob", note=filled, incidents=[urgent.pk])
    assert HandOver.objects.count() == 1
