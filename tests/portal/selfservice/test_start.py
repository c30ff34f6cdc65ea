"""The start page, and what every page carries."""

import pytest

from incidents import conversation
from portal import context
from tests.factories import make_article, make_report
from tests.portal.selfservice.typed import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def test_a_stranger_finds_the_number_the_button_and_the_advice(client, settings):
    settings.EMERGENCY_PHONE = "+31 85 000 01 99"
    make_article("lost-device", title="I lost my laptop or phone")

    page = client.get("/").content.decode()

    assert 'href="tel:+31850000199"' in page
    assert 'href="/report/"' in page
    assert '<a href="/help/lost-device/">I lost my laptop or phone</a>' in page
    assert "Your tickets" not in page


def test_one_sees_ones_own_newest_tickets(reporter, outsider):
    for number in range(4):
        make_report(reporter, subject=f"Door number {number}")

    mine = signed_in(reporter).get("/").content.decode()
    theirs = signed_in(outsider).get("/").content.decode()

    assert "Door number 3" in mine
    assert "Door number 0" not in mine
    assert "Door number" not in theirs


def test_a_question_for_me_stands_first(reporter, handler):
    asked = make_report(reporter, subject="The oldest of all")
    conversation.reply(asked, "Which one?", by=handler, asks=True)
    for number in range(4):
        make_report(reporter, subject=f"Door number {number}")

    page = signed_in(reporter).get("/").content.decode()

    assert page.index("The oldest of all") < page.index("Door number 3")


def test_the_console_is_named_to_the_team_only(reporter, agent):
    assert 'href="/admin/"' in signed_in(agent).get("/").content.decode()
    assert 'href="/admin/"' not in signed_in(reporter).get("/").content.decode()


def test_demo_accounts_are_named_in_the_demo_only(client, settings):
    settings.DEMO = False
    assert "demo-reporter" not in client.get("/").content.decode()

    settings.DEMO = True
    assert "demo-reporter" in client.get("/").content.decode()


@pytest.mark.parametrize("is_slow", [True, False])
def test_a_slow_alarm_is_not_hidden(client, monkeypatch, is_slow):
    monkeypatch.setattr(context, "is_alarm_slow", lambda: is_slow)

    assert ("Our alarm may be slow" in client.get("/").content.decode()) is is_slow


def test_no_page_carries_script_or_style_of_its_own(client, reporter):
    for page in (
        client.get("/"),
        client.get("/help/reporting/"),
        signed_in(reporter).get("/report/"),
    ):
        text = page.content.decode()
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text
        assert "default-src 'self'" in page["Content-Security-Policy"]


def test_a_page_that_is_not_there_still_shows_the_number(client, settings):
    settings.EMERGENCY_PHONE = "+31 85 000 01 99"

    response = client.get("/nothing/here/")

    assert response.status_code == 404
    assert 'href="tel:+31850000199"' in response.content.decode()
