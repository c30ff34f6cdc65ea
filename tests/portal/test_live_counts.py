"""The numbers that a page asks for by itself: whose they are, and that no session lives of them."""

import time

import pytest

from incidents.states import Confidentiality, State
from portal import session_life
from tests.console import Console
from tests.factories import make_incident, make_user

pytestmark = pytest.mark.django_db
UNATTENDED = {f"HTTP_{session_life.UNATTENDED.upper().replace('-', '_')}": "1"}


@pytest.fixture
def agent():
    return Console(make_user("agent", "agent"))


def numbers(console: Console, **query: str) -> dict[str, str]:
    return {row["url"]: row["number"] for row in console.get("now/", **query).json()}


def test_the_numbers_are_those_of_the_rail(agent):
    make_incident(State.TRIAGE, owner=agent.user)
    make_incident(owner=None)

    told = numbers(agent)

    rail = agent.get().context["views"].links
    assert told == {view.url: view.number for view in rail if view.count is not None}
    assert "2" in told.values()


def test_the_start_page_also_hears_what_makes_them_urgent(agent):
    make_incident(owner=None)

    facts = {row["fact"] for row in agent.get("now/", facts="").json()}

    assert any(fact.startswith("oldest") for fact in facts)
    assert numbers(agent) == numbers(agent, facts="")


def test_what_one_may_not_see_is_in_no_number(agent):
    make_incident(owner=None, confidentiality=Confidentiality.RESTRICTED)

    assert set(numbers(agent).values()) == {"0"}


def test_who_has_them_already_gets_nothing(agent):
    first = agent.get("now/")

    again = agent.client.get("/admin/now/", headers={"If-None-Match": first["ETag"]})
    make_incident(owner=None)
    changed = agent.client.get("/admin/now/", headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert "no-store" in first["Cache-Control"]


def test_others_hear_nothing():
    make_incident(owner=None)

    assert Console().get("now/").status_code == 302
    assert Console(make_user("reporter")).get("now/").status_code == 403
    assert Console(make_user("admin", "admin")).get("now/").json() == []
    assert Console(make_user("b", "agent")).post("now/").status_code == 405


def test_a_screen_that_was_left_alone_does_not_stay_signed_in(agent, settings):
    set_used(agent, minutes_ago=settings.SESSION_IDLE_MINUTES - 1)
    polled = agent.client.get("/admin/now/", **UNATTENDED)
    unchanged = agent.client.session[session_life.USED]
    set_used(agent, minutes_ago=settings.SESSION_IDLE_MINUTES + 1)

    too_late = agent.client.get("/admin/now/", **UNATTENDED)

    assert polled.status_code == 200
    assert unchanged < time.time() - 60
    assert too_late.status_code == 302


def test_whoever_does_something_stays_signed_in(agent, settings):
    set_used(agent, minutes_ago=settings.SESSION_IDLE_MINUTES - 1)

    agent.get("incidents/incident/")

    assert agent.client.session[session_life.USED] > time.time() - 60


def set_used(console: Console, *, minutes_ago: int) -> None:
    session = console.client.session
    session[session_life.BEGAN] = int(time.time()) - 3600 * 2
    session[session_life.USED] = int(time.time()) - minutes_ago * 60
    session.save()
