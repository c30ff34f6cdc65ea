"""Acts on rows and on many rows: every guard holds for each, and each refusal says why."""

import pytest

from incidents.admin import bulk
from incidents.models.timeline import Kind
from incidents.states import Confidentiality, State, WaitingOn
from tests.console import on, words_of
from tests.factories import fresh, make_incident, make_user

QUEUE = "incidents/incident/"


def choose(console, action, *incidents, query="state=all", **words):
    """Press a button of the bar with these rows chosen, and follow to the page that comes."""
    given = {"action": action, "index": "0", "_selected_action": [row.pk for row in incidents]}
    return console.client.post(f"/admin/{QUEUE}?{query}", given | words, follow=True)


def test_many_are_given_to_somebody_and_the_new_ones_are_acknowledged_by_it(agent):
    handler = make_user("ann", "handler", first_name="Ann")
    new, running = make_incident(), make_incident(State.RESPONDING)

    asked = choose(agent, "assign", new, running)
    done = choose(agent, "assign", new, running, apply="1", owner="ann")

    assert new.reference in words_of(asked)
    assert fresh(new).state == State.TRIAGE
    assert fresh(new).owner == fresh(running).owner == handler
    assert "Done for 2 incidents." in words_of(done)


def test_a_severity_needs_its_reason_and_stands_on_the_timeline(handler):
    incident = make_incident(State.TRIAGE, handler=handler.user, severity=3)

    without = choose(handler, "severity", incident, apply="1", severity="1", why="")
    kept = fresh(incident).severity
    choose(handler, "severity", incident, apply="1", severity="1", why="All machines are gone.")

    assert "This field is required." in words_of(without)
    assert kept == 3
    assert fresh(incident).severity == 1
    assert fresh(incident).priority == 1
    assert incident.timeline.filter(kind=Kind.PRIORITY, text="All machines are gone.").exists()


def test_a_tag_is_added_to_those_that_are_there(handler):
    incident = make_incident(State.TRIAGE, tags=["x-campaign"])

    choose(handler, "tag", incident, apply="1", tag="parcel mails")

    assert fresh(incident).tags == ["parcel mails", "x-campaign"]


def test_waiting_for_the_reporter_is_one_press(agent):
    incident = make_incident(State.TRIAGE)

    choose(agent, "wait", incident)

    assert fresh(incident).waiting_on == WaitingOn.REPORTER


def test_every_refused_row_is_told_with_its_reason_and_stays_as_it_was(agent):
    new = make_incident()
    closed, running = make_incident(State.CLOSED), make_incident(State.RESPONDING)

    page = choose(agent, "acknowledge", new, closed, running)

    words = words_of(page)
    assert "Done for 1 incident." in words
    assert "2 incidents were refused and stay as they were:" in words
    for refused, state in ((closed, "Closed"), (running, "Responding")):
        assert f"{refused.reference}: Acknowledge starts from New; this one is in {state}." in words
        assert fresh(refused).version == refused.version
    assert fresh(new).state == State.TRIAGE


def test_a_long_list_of_refusals_is_cut_with_their_number(agent):
    rows = [make_incident(State.CLOSED) for _n in range(bulk.TOLD_MOST + 2)]

    words = words_of(choose(agent, "wait", *rows))

    assert "12 incidents were refused" in words
    assert words.count(": This incident is closed.") == bulk.TOLD_MOST
    assert "and 2 more" in words


@pytest.mark.parametrize("action", ["severity", "tag"])
def test_an_agent_who_may_not_classify_has_no_such_button_and_gains_nothing_without(agent, action):
    incident = make_incident(State.TRIAGE, severity=3)
    words = {"apply": "1", "severity": "1", "why": "Because.", "tag": "mine"}

    page = agent.get(QUEUE, state="all").content.decode()
    choose(agent, action, incident, **words)

    assert f'value="{action}"' not in page
    assert fresh(incident).severity == 3
    assert fresh(incident).tags == []


def test_an_auditor_has_no_buttons_and_an_outsider_no_queue(auditor, reporter):
    incident = make_incident()

    choose(auditor, "acknowledge", incident)
    by_reporter = choose(reporter, "acknowledge", incident)

    assert fresh(incident).state == State.NEW
    assert by_reporter.status_code == 403


def test_a_restricted_row_cannot_be_chosen_by_somebody_who_may_not_see_it(handler):
    secret = make_incident(confidentiality=Confidentiality.RESTRICTED, subject="Secret matter")

    page = choose(handler, "assign", secret)
    choose(handler, "acknowledge", secret)

    assert "Secret matter" not in words_of(page)
    assert fresh(secret).state == State.NEW


def test_the_severity_of_a_row_leads_to_its_form_and_back_to_the_queue_as_it_was(handler):
    incident = make_incident(State.TRIAGE, severity=3)
    page = handler.get(QUEUE, state="triage").content.decode()

    done = handler.post(
        f"{on(incident, 'grade')}?back=queue",
        severity="2",
        urgency="3",
        why="Worse than it seemed.",
    )

    assert f"/admin/{on(incident, 'grade')}?back=queue" in page
    assert done["Location"] == "/admin/incidents/incident/?state=triage"
    assert fresh(incident).severity == 2


def test_an_auditor_sees_the_severity_without_a_way_to_change_it(auditor):
    incident = make_incident(State.TRIAGE)

    assert on(incident, "grade") not in auditor.get(QUEUE).content.decode()


def test_whoever_opens_a_row_comes_back_to_the_same_filters(agent):
    incident = make_incident(owner=agent.user)
    agent.get(QUEUE, owner="me", state="all")

    opened = agent.get(on(incident)).content.decode()
    taken = agent.post(on(incident, "take"), back="queue")

    assert 'href="/admin/incidents/incident/?owner=me&amp;state=all">Incidents' in opened
    assert taken["Location"] == "/admin/incidents/incident/?owner=me&state=all"
