"""Who is at an incident now: told to those who may see it, forgotten after a minute."""

from datetime import timedelta

import pytest

from incidents import clock
from incidents.models import Presence
from incidents.states import Confidentiality
from tests.console import on, words_of
from tests.factories import make_incident


def test_whoever_looks_sees_who_else_does(agent, handler):
    incident = make_incident()
    agent.get(on(incident))

    page = handler.get(on(incident))

    assert "agent is looking too" in words_of(page)
    assert "handler is looking" not in words_of(page)


def test_whoever_types_is_writing(agent, handler):
    incident = make_incident()
    agent.post(on(incident, "presence"), editing="1")

    answer = handler.post(on(incident, "presence"))

    assert answer.json() == {"present": "agent is writing"}
    assert agent.post(on(incident, "presence")).json() == {"present": "handler is looking too"}


def test_after_a_minute_nobody_is_there(agent, handler):
    incident = make_incident()
    agent.get(on(incident))
    Presence.objects.update(seen_at=clock.now() - timedelta(seconds=61))

    assert handler.post(on(incident, "presence")).json() == {"present": ""}


@pytest.mark.parametrize("who", ["agent", "superuser", "administrator", "reporter"])
def test_a_restricted_incident_leaks_nobody(request, who):
    console = request.getfixturevalue(who)
    incident = make_incident(confidentiality=Confidentiality.RESTRICTED)

    answer = console.post(on(incident, "presence"))

    assert answer.status_code in {403, 404}
    assert not Presence.objects.exists()


def test_only_a_post_says_that_one_is_there(agent):
    incident = make_incident()

    assert agent.get(on(incident, "presence")).status_code == 405
