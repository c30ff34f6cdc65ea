"""Undo: for a minute, one's own last change, as a new change on record."""

import re

import pytest
from django.core import signing

from incidents.admin import undo
from incidents.states import State
from tests.console import on, words_of
from tests.factories import fresh, make_incident

CHANGE = re.compile(r'name="change" value="([^"]+)"')


@pytest.fixture
def incident(db):
    return make_incident(State.TRIAGE)


def offered(console, incident) -> str:
    found = CHANGE.search(console.get(on(incident)).content.decode())
    return found[1] if found else ""


def test_taking_can_be_undone(agent, incident):
    owner = incident.owner
    agent.post(on(incident, "take"))
    change = offered(agent, incident)

    agent.post(on(incident, "undo"), change=change)

    assert "Undone." in words_of(agent.get(on(incident)))
    assert fresh(incident).owner == owner
    assert incident.timeline.last().text == "Undone"


def test_an_acknowledgement_cannot_be_undone(agent):
    incident = make_incident()

    agent.post(on(incident, "take"))

    assert offered(agent, incident) == ""


def test_after_a_minute_it_is_too_late(agent, incident, monkeypatch):
    agent.post(on(incident, "take"))
    change = offered(agent, incident)
    monkeypatch.setattr(undo, "SECONDS", -1)

    agent.post(on(incident, "undo"), change=change)

    assert "It is too late to undo this." in words_of(agent.get(on(incident)))
    assert fresh(incident).owner == agent.user


def test_what_somebody_changed_since_stays(agent, handler, incident):
    agent.post(on(incident, "take"))
    change = offered(agent, incident)
    handler.post(on(incident, "take"))

    agent.post(on(incident, "undo"), change=change)

    assert "Somebody changed it since." in words_of(agent.get(on(incident)))
    assert fresh(incident).owner == handler.user


def test_nobody_undoes_for_somebody_else_nor_elsewhere(agent, handler, incident):
    other = make_incident(State.TRIAGE)
    agent.post(on(incident, "take"))
    change = offered(agent, incident)

    handler.post(on(incident, "undo"), change=change)
    agent.post(on(other, "undo"), change=change)
    agent.post(on(incident, "undo"), change="forged")

    assert fresh(incident).owner == agent.user
    assert fresh(other).owner == other.owner


def test_a_priority_that_was_raised_goes_down_again_by_two_people_only(handler, incident):
    raising = {"priority": 1, "why": "It spreads."}
    handler.post(on(incident, "grade"), **raising)
    forged = {"incident": incident.pk, "by": handler.user.pk, "changed": {"priority": [3, 1]}}

    page = handler.get(on(incident)).content.decode()
    undone = handler.post(on(incident, "undo"), change=signing.dumps(forged, salt=undo.SALT))
    alone = handler.post(on(incident, "grade"), priority=3, why="It was a mistake.")

    assert CHANGE.search(page) is None
    assert undone.status_code == 302
    assert alone.status_code == 409
    assert "A second person has to agree" in words_of(alone)
    assert fresh(incident).priority == 1
