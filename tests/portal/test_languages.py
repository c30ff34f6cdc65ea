"""Everybody reads their own language; programs read English."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from tests.calling import Caller, problem
from tests.console import Console
from tests.factories import fresh
from tests.spoken import OPEN, mark_translations

pytestmark = pytest.mark.django_db


def choose(client, language, *, next="", **typed):
    path = f"{reverse('set_language')}?{urlencode({'next': next})}"
    return client.post(path, {"language": language, **typed})


def test_a_browser_is_answered_in_the_language_it_asks_for(client):
    answer = client.get("/", headers={"Accept-Language": "fr-BE, en;q=0.5"})

    assert answer["Content-Language"] == "fr"
    assert '<html lang="fr"' in answer.content.decode()


def test_a_language_that_the_portal_does_not_speak_becomes_english(client):
    assert client.get("/", headers={"Accept-Language": "fi"})["Content-Language"] == "en"


def test_a_copy_of_a_page_is_kept_apart_by_language_and_person(client):
    varies = {name.strip() for name in client.get("/")["Vary"].split(",")}

    assert varies >= {"Accept-Language", "Cookie"}


def test_what_was_chosen_without_a_sign_in_is_kept_in_the_browser(client):
    choose(client, "nl")

    answer = client.get(reverse("account_login"), headers={"Accept-Language": "fr"})

    assert answer["Content-Language"] == "nl"
    assert client.cookies["django_language"]["samesite"] == "Lax"


def test_what_a_person_chooses_is_kept_with_them_so_that_mails_follow(client, reporter):
    client.force_login(reporter)

    choose(client, "de")

    assert fresh(reporter).language == "de"


def test_a_person_s_own_language_comes_before_that_of_the_browser(client, reporter, outsider):
    choose(client, "nl")
    reporter.language = "de"
    reporter.save()

    client.force_login(reporter)
    theirs = client.get("/")["Content-Language"]
    client.force_login(outsider)

    assert theirs == "de"
    assert client.get("/")["Content-Language"] == "nl"


def test_choosing_leads_back_to_the_page_with_its_question(client):
    assert choose(client, "nl", next="/help/?q=usb").url == "/help/?q=usb"


@pytest.mark.parametrize("elsewhere", ["", "https://evil.test/", "//evil.test", "javascript:x"])
def test_choosing_never_leads_to_somebody_else(client, elsewhere):
    assert choose(client, "nl", next=elsewhere).url == "/"


@pytest.mark.parametrize("quoted", ["/%2Fevil.test/", "/%5Cevil.test/"])
def test_a_quoted_slash_leads_to_nobody_else_either(client, quoted):
    assert choose(client, "nl", next=quoted).url == quoted


def test_what_is_typed_comes_along_into_the_other_language(client, reporter, outsider):
    client.force_login(reporter)

    answer = choose(client, "nl", next="/report/", description="Half a sentence")

    page = client.get(answer.url).content.decode()
    assert "Half a sentence</textarea>" in page
    assert '<html lang="nl"' in page
    client.force_login(outsider)
    assert "Half a sentence" not in client.get(answer.url).content.decode()


def test_with_nothing_typed_nothing_is_kept(client, reporter):
    client.force_login(reporter)

    assert choose(client, "nl", next="/report/", description="").url == "/report/"


@pytest.mark.parametrize("language", ["", "fi", "../../etc", "nl-BE", "x" * 5000])
def test_another_language_is_refused_and_nothing_is_kept(client, reporter, language):
    client.force_login(reporter)

    answer = choose(client, language)

    assert answer.status_code == 400
    assert fresh(reporter).language == ""
    assert "django_language" not in client.cookies


def test_looking_at_the_address_chooses_nothing(client):
    assert client.get(reverse("set_language")).status_code == 405


@pytest.mark.parametrize("path", ["/", "/help/", "/accounts/login/", "/accounts/password/reset/"])
def test_every_language_is_offered_in_its_own_name(client, path):
    page = client.get(path, headers={"Accept-Language": "de"}).content.decode()

    for code, name in [("en", "English"), ("nl", "Nederlands"), ("fr", "Français")]:
        assert f'value="{code}" lang="{code}">{name}</button>' in page
    assert 'value="de" lang="de" aria-current="true">Deutsch</button>' in page


def test_the_console_speaks_the_agent_s_language_and_offers_the_others(agent, monkeypatch):
    mark_translations(monkeypatch)
    agent.language = "nl"
    agent.save()

    answer = Console(agent).get()

    assert answer["Content-Language"] == "nl"
    assert OPEN in answer.content.decode()
    assert 'value="fr" lang="fr">Français</button>' in answer.content.decode()


def test_a_page_that_is_not_there_is_so_in_the_reader_s_language(client, monkeypatch):
    mark_translations(monkeypatch)

    page = client.get("/nowhere/", headers={"Accept-Language": "nl"}).content.decode()

    assert f"<h1>{OPEN}" in page


def test_programs_are_answered_in_english_whatever_they_ask_for(handler, monkeypatch):
    mark_translations(monkeypatch)
    handler.language = "de"
    handler.save()
    caller = Caller(handler)

    refused = caller.post("incidents/", {"subject": ""}, accept_language="nl")
    lost = caller.get("incidents/INC-999999/", accept_language="nl")

    assert problem(refused, 400)
    assert problem(lost, 404)
    assert OPEN not in (refused.content + lost.content).decode()
    assert lost["Content-Language"] == "en"
