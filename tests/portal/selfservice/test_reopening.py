"""Asking to reopen, on its own page: once, in time, by the reporter, seen by the team at once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents import conversation
from incidents.models import Incident
from incidents.models.timeline import Kind
from incidents.states import State
from tests.factories import fresh, make_incident, make_report
from tests.portal.selfservice.typed import form_key, signed_in, summary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "team")]

WHY = "It happened again this morning."


@pytest.fixture
def closed(reporter, handler, team, reference):
    return make_incident(State.CLOSED, reporter=reporter, handler=handler, owner=handler)


def path_of(incident) -> str:
    return f"/tickets/{incident.reference}/"


def page_of(user, incident) -> str:
    return signed_in(user).get(path_of(incident)).content.decode()


def requests_on(incident) -> list[str]:
    asked = incident.timeline.filter(kind=Kind.MESSAGE)
    return [entry.text for entry in asked if entry.data.get("asks_to_reopen")]


def test_a_closed_ticket_leads_to_the_question_and_the_answer_is_asked_once(reporter, closed):
    client = signed_in(reporter)
    path = f"{path_of(closed)}reopen/"
    assert f'href="{path}"' in page_of(reporter, closed)
    sent = {"text": WHY, "form_key": form_key(client, path)}

    client.post(path, sent)
    response = client.post(path, sent)

    assert response.url == path_of(closed)
    assert requests_on(closed) == [WHY]
    assert closed.alerts.filter(template="reopening").count() == 1
    page = page_of(reporter, closed)
    assert "You asked to reopen it, " in page
    assert "Asked to reopen" in page
    assert f'href="{path}"' not in page
    assert fresh(closed).state == State.CLOSED


@pytest.mark.parametrize("text", ["", " \n ", "a\x00b", "a" * 20_001])
def test_bad_input_is_said_at_the_field_and_what_was_typed_is_kept(reporter, closed, text):
    response = signed_in(reporter).post(f"{path_of(closed)}reopen/", {"text": text})

    assert response.status_code == 200
    assert [found for found, _text in summary(response)] == ["id_text"]
    assert "<title>Error: " in response.content.decode()
    assert requests_on(closed) == []


def test_a_second_request_in_another_tab_is_refused_and_its_words_are_kept(reporter, closed):
    conversation.ask_to_reopen(closed, WHY, by=reporter)

    response = signed_in(reporter).post(f"{path_of(closed)}reopen/", {"text": "Hello, again?"})

    page = response.content.decode()
    assert "You have asked already" in page
    assert "Hello, again?" in page
    assert requests_on(closed) == [WHY]


@pytest.mark.parametrize("state", [state for state in State if state != State.CLOSED])
def test_an_open_ticket_does_not_offer_it(reporter, state):
    incident = make_incident(state, reporter=reporter)

    assert "reopen/" not in page_of(reporter, incident)
    assert signed_in(reporter).get(f"{path_of(incident)}reopen/").url == path_of(incident)


def test_after_thirty_days_the_ticket_says_how_else_to_reach_us(reporter, closed, settings):
    settings.EMERGENCY_PHONE = "+31 85 000 01 99"
    Incident.objects.filter(pk=closed.pk).update(closed_at=timezone.now() - timedelta(days=31))

    page = page_of(reporter, closed)
    late = signed_in(reporter).post(f"{path_of(closed)}reopen/", {"text": WHY}).content.decode()

    assert f"report it anew and name {closed.reference}" in page
    assert "Call <a href=" in page
    assert "reopen/" not in page
    assert "more than 30 days ago" in late
    assert WHY in late
    assert signed_in(reporter).get(f"{path_of(closed)}reopen/").url == path_of(closed)
    assert requests_on(closed) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_of_anybody_elses_ticket_there_is_no_such_page(people, closed, method):
    for name in set(people) - {"reporter"}:
        answer = getattr(signed_in(people[name]), method)(
            f"{path_of(closed)}reopen/", {"text": WHY}
        )
        assert answer.status_code == 404, name
    assert requests_on(closed) == []


def test_a_stranger_signs_in_first_and_keeps_the_words(closed):
    answer = Client().post(f"{path_of(closed)}reopen/", {"text": WHY})

    assert answer.url.startswith("/accounts/login/?next=")
    assert "draft" in answer.url


def test_the_team_sees_it_at_home_and_on_the_incident_until_it_is_settled(
    reporter, handler, agent, auditor, closed
):
    home, page = "/admin/", f"/admin/incidents/incident/{closed.pk}/change/"
    conversation.ask_to_reopen(closed, WHY, by=reporter)

    seen = {
        user.username: "the reporter asks to reopen it"
        in signed_in(user).get(home).content.decode()
        for user in (handler, agent, auditor)
    }
    shown = signed_in(handler).get(page).content.decode()
    conversation.reply(closed, "It was the old mail, shown again.", by=agent)

    assert seen == {"handler": True, "agent": False, "auditor": False}
    assert shown.count("The reporter asks to reopen this") == 2
    assert "asks to reopen it" not in signed_in(handler).get(home).content.decode()
    after = signed_in(handler).get(page).content.decode()
    assert after.count("The reporter asks to reopen this") == 1


def test_an_agent_who_owns_it_sees_it_at_home_too(reporter, agent, closed):
    Incident.objects.filter(pk=closed.pk).update(owner=agent)

    conversation.ask_to_reopen(closed, WHY, by=reporter)

    assert "asks to reopen it" in signed_in(agent).get("/admin/").content.decode()


def test_an_ordinary_message_asks_for_nothing(reporter, handler, closed):
    other = make_report(reporter)
    for incident in (closed, other):
        conversation.receive(incident, "Please reopen this.", by=reporter)

    assert "asks to reopen it" not in signed_in(handler).get("/admin/").content.decode()
