"""The second signature in the console: asked on the step's form, answered from one's own list."""

import pytest

from incidents import signatures
from incidents.models import SecondSignature
from incidents.states import State
from tests.console import on, words_of
from tests.factories import fresh, make_incident
from tests.incidents.steps_table import NOTHING_THERE

Act = SecondSignature.Act
WHY = "All is settled."


@pytest.fixture
def incident(db):
    return make_incident(State.RESOLVED, severity=2)


@pytest.fixture
def asked(incident, manager, dpo):
    return signatures.ask(incident, Act.CLOSE, {}, by=manager.user, reason=WHY)


def answer_page(asked, answer: str) -> str:
    return on(asked.incident, f"signature/{asked.pk}/{answer}")


def test_the_form_of_a_grave_close_asks_for_the_second_person(incident, manager, dpo):
    page = manager.get(on(incident, "transition/close"))
    assert "Ask for the second signature" in page.content.decode()

    answer = manager.post(on(incident, "transition/close"), ask_second="True", ask_reason=WHY)

    assert answer.status_code == 302
    asked = SecondSignature.objects.get()
    assert (asked.act, asked.reason, asked.asked_by) == ("close", WHY, manager.user)
    assert fresh(incident).state == State.RESOLVED


@pytest.mark.parametrize(
    ("state", "step", "words"),
    [(State.RESOLVED, "close", {}), (State.RESPONDING, "refute", NOTHING_THERE)],
)
def test_a_crafted_post_without_asking_is_refused(state, step, words, manager):
    incident = make_incident(state, severity=2)

    answer = manager.post(on(incident, f"transition/{step}"), reason="Because.", **words)

    assert answer.status_code == 409
    assert "A second person has to agree" in words_of(answer)
    assert fresh(incident).state == state


def test_lowering_p2_is_refused_alone_and_asked_for_by_the_box(handler, manager):
    incident = make_incident(State.TRIAGE, priority=2, severity=4, urgency=4)
    words = {"priority": 4, "urgency": 4, "why": "It was a test."}

    alone = handler.post(on(incident, "grade"), **words)
    asked = handler.post(on(incident, "grade"), ask_second="on", **words)

    assert (alone.status_code, asked.status_code) == (409, 302)
    request = SecondSignature.objects.get()
    manager.post(answer_page(request, "agree"), note="Yes.")
    assert fresh(incident).priority == 4


def test_it_waits_on_the_start_page_and_on_the_incident(asked, dpo, manager, agent):
    assert "asks to close this incident" in words_of(dpo.get(""))
    page = words_of(dpo.get(on(asked.incident)))
    assert "asks to close this incident" in page
    assert WHY in page
    assert "Agree" in page

    assert "asks to close this incident" not in words_of(manager.get(""))
    assert "Withdraw" in words_of(manager.get(on(asked.incident)))
    assert "asks to close this incident" not in words_of(agent.get(""))


def test_agreeing_is_one_post(asked, dpo):
    shown = dpo.get(answer_page(asked, "agree"))
    assert WHY in words_of(shown)
    assert fresh(asked.incident).state == State.RESOLVED

    answer = dpo.post(answer_page(asked, "agree"), note="Seen.")

    assert answer.status_code == 302
    assert fresh(asked.incident).state == State.CLOSED


def test_declining_needs_a_note(asked, dpo):
    refused = dpo.post(answer_page(asked, "decline"), note="")
    declined = dpo.post(answer_page(asked, "decline"), note="The register is not complete.")

    assert (refused.status_code, declined.status_code) == (200, 302)
    assert "Say why not." in words_of(refused)
    assert fresh(asked).answer == "declined"


@pytest.mark.parametrize("who", ["manager", "agent", "handler", "auditor"])
def test_nobody_else_answers(who, asked, request):
    answer = request.getfixturevalue(who).post(answer_page(asked, "agree"), note="Me.")

    assert answer.status_code == 403
    assert fresh(asked).answer == ""


@pytest.mark.parametrize("who", ["reporter", "administrator", "superuser"])
def test_who_does_not_see_the_incident_sees_no_request(who, asked, request):
    visitor = request.getfixturevalue(who)

    assert visitor.get(answer_page(asked, "agree")).status_code in {403, 404}
    assert visitor.post(answer_page(asked, "agree"), note="Me.").status_code in {403, 404}
    assert fresh(asked).answer == ""
