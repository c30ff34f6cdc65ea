import pytest

from incidents.states import State
from tests.console import on, words_of
from tests.factories import RESOLUTION, finish_all, fresh, make_incident, make_task, resolving


def closing(incident):
    return on(incident, "transition/close")


def test_the_form_asks_for_exactly_the_inputs_of_the_step(handler):
    incident = make_incident(State.RESPONDING, handler=handler.user)

    page = handler.get(on(incident, "transition/resolve")).content.decode()

    for name in ("outcome", "resolution", "root_cause", "contained_at", "recovered_at"):
        assert f'name="{name}"' in page
    assert 'id="id_state"' not in page
    assert 'id="id_reason"' not in page


def test_closing_is_refused_with_every_reason_and_what_was_typed_is_kept(handler):
    incident = make_incident(State.RESOLVED, handler=handler.user, resolution="", outcome="")
    task = make_task(incident, title="Tell the tenant", is_mandatory=True)

    answer = handler.post(closing(incident), outcome="", resolution="Mail recall")

    page = words_of(answer)
    assert answer.status_code == 409
    assert "Close is refused: 3 things are lacking" in page
    assert "Choose the outcome." in page
    assert "Write a resolution of at least 20 visible characters." in page
    assert f"Finish or waive the mandatory tasks: {task.code}" in page
    assert ">\nMail recall</textarea>" in answer.content.decode()
    assert f'href="/admin/{on(incident)}#tasks"' in answer.content.decode()
    assert fresh(incident).state == State.RESOLVED
    assert fresh(incident).resolution == ""


@pytest.mark.parametrize("resolution", ["", " " * 40, "\u200b" * 40, "too short", "x" * 30_000])
def test_no_crafted_post_closes_without_a_resolution(handler, resolution):
    incident = make_incident(State.RESOLVED, handler=handler.user, resolution="", outcome="")

    answer = handler.post(
        closing(incident), outcome="confirmed", resolution=resolution, state="closed", force="1"
    )

    assert answer.status_code in {200, 409}
    assert fresh(incident).state == State.RESOLVED


def test_closing_works_with_everything_in_place(handler):
    incident = make_incident(State.RESOLVED, handler=handler.user, resolution="", outcome="")
    finish_all(incident)

    answer = handler.post(closing(incident), outcome="false_positive", resolution=RESOLUTION)

    assert answer.status_code == 302
    assert fresh(incident).state == State.CLOSED
    assert fresh(incident).resolution == RESOLUTION
    assert "is in Closed now" in words_of(handler.get(on(incident)))


def test_the_whole_way_by_forms_alone(handler):
    incident = make_incident()
    handler.post(on(incident, "transition/acknowledge"))
    handler.post(on(incident, "assess"), **assessed())
    handler.post(on(incident, "transition/declare"), category="fraud/phishing", severity="3")
    finish_all(incident)
    handler.post(
        on(incident, "transition/resolve"),
        **resolving(contained_at="2026-11-01T08:00", recovered_at="2026-11-01T09:00"),
    )
    handler.post(closing(incident), outcome="confirmed", resolution=RESOLUTION)

    assert fresh(incident).state == State.CLOSED


def assessed():
    return {
        "threat": "Strangers may read the list.",
        "likelihood": "3",
        "impact_confidentiality": "2",
        "impact_integrity": "0",
        "impact_availability": "0",
        "affected_assets": "one workspace",
        "personal_data": "no",
        "cause": "human_error",
        "mitigations": "The link was removed.",
        "confidence": "medium",
    }


def test_looking_at_a_step_takes_none(handler):
    incident = make_incident()

    handler.get(on(incident, "transition/acknowledge"))

    assert fresh(incident).state == State.NEW


def test_a_step_without_the_right_is_refused_by_page_and_by_crafted_post(agent, manager):
    incident = make_incident(State.RESOLVED)

    looked = agent.get(closing(incident))
    sent = agent.post(closing(incident), outcome="confirmed", resolution=RESOLUTION)

    assert "Another person takes this step It is taken by: Incident handler," in words_of(looked)
    assert sent.status_code == 403
    assert fresh(incident).state == State.RESOLVED
    assert manager.post(closing(incident)).status_code == 302
    assert fresh(incident).state == State.CLOSED


def test_a_step_from_another_state_says_so(handler):
    incident = make_incident(State.TRIAGE, handler=handler.user)

    answer = handler.post(closing(incident), outcome="confirmed", resolution=RESOLUTION)

    assert answer.status_code == 409
    assert "Close starts from Resolved; this one is in Triage." in words_of(answer)


def test_a_step_that_does_not_exist_is_not_there(handler):
    incident = make_incident()

    assert handler.get(on(incident, "transition/delete")).status_code == 404
    assert handler.post(on(incident, "transition/merge-all")).status_code == 404


@pytest.mark.parametrize(
    "words",
    [
        {"contained_at": "yesterday"},
        {"contained_at": "2999-01-01T00:00"},
        {"contained_at": "0001-01-01T00:00"},
        {"contained_at": "2026-13-45T99:99"},
        {"outcome": "solved"},
        {"severity": "0"},
        {"severity": "worst"},
        {"category": "made/up"},
        {"category": "\x00"},
        {"resolution": "\u202e" + RESOLUTION},
        {"root_cause": "x\x00y" * 10},
    ],
)
def test_bad_input_is_told_at_its_field_and_changes_nothing(handler, words):
    incident = make_incident(State.RESPONDING, handler=handler.user)

    answer = handler.post(on(incident, "transition/resolve"), **resolving(**words))

    assert answer.status_code == 200
    assert 'class="errorlist"' in answer.content.decode()
    assert fresh(incident).state == State.RESPONDING


def test_reopening_needs_a_reason_and_then_works(handler):
    incident = make_incident(State.CLOSED, handler=handler.user)

    refused = handler.post(on(incident, "transition/reopen"), reason="")
    handler.post(on(incident, "transition/reopen"), reason="It happened again.")

    assert refused.status_code == 409
    assert fresh(incident).state == State.TRIAGE
    assert "It happened again." in words_of(handler.get(on(incident)))


@pytest.mark.parametrize(
    ("step", "state", "hint"),
    [
        ("dismiss", State.TRIAGE, "Say what you found and how you know."),
        ("close", State.RESOLVED, "Say what was done and why it will not happen again."),
    ],
)
def test_what_a_resolution_has_to_say_depends_on_the_step(handler, step, state, hint):
    incident = make_incident(state, handler=handler.user, resolution="", outcome="")

    page = handler.post(on(incident, f"transition/{step}"), outcome="", resolution="")

    assert hint in words_of(page)
    assert words_of(page).count("Say what ") == 1


def test_the_script_of_the_page_is_told_where_to_go_and_the_words_wait_for_it(handler):
    incident = make_incident(State.RESPONDING, handler=handler.user)
    words = {"text": "The share is closed.", "audience": "internal"}

    answer = handler.client.post(f"/admin/{on(incident, 'write')}", words, HTTP_X_IN_PLACE="1")
    page = handler.get(on(incident))
    refused = handler.client.post(f"/admin/{on(incident, 'write')}", {}, HTTP_X_IN_PLACE="1")

    assert answer.json() == {"go": f"/admin/{on(incident)}#h-thread"}
    assert "data-act" in refused.content.decode()
    assert "Note added." in words_of(page)
