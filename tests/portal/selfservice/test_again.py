"""A form that was open across a sign-in loses no word, and does nothing by itself."""

import re

import pytest
from django.test import Client

from incidents.models import Evidence, Incident
from portal import errors
from portal.models import Draft
from tests.factories import make_report
from tests.portal.selfservice.typed import answers, picture, question

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

STILL_HERE = "What you typed is still here"
TOO_LONG_OPEN = "This page was open too long"


def token(client: Client, path: str) -> str:
    found = re.findall(
        r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(path).content.decode()
    )
    return found[-1]


def sign_in(client: Client, user) -> None:
    words = {"login": user.username, "password": f"demo-{user.username}"}
    key = token(client, "/accounts/login/")
    client.post("/accounts/login/", words | {"csrfmiddlewaretoken": key})


def open_across_a_sign_in(user, path: str) -> tuple[Client, str]:
    """A browser in which `user` signed in again, and the token of the page opened before."""
    client = Client(enforce_csrf_checks=True)
    sign_in(client, user)
    old = token(client, path)
    client.post("/accounts/logout/", {"csrfmiddlewaretoken": old})
    sign_in(client, user)
    return client, old


def shown_again(client: Client, path: str, sent: dict) -> str:
    """The page on which the words of a refused form stand again."""
    refused = client.post(path, sent)
    assert refused.status_code == 302
    assert refused.url.startswith(f"{path}?draft=")
    response = client.get(refused.url)
    assert "no-store" in response["Cache-Control"]
    return response.content.decode()


def test_a_report_is_shown_again_with_its_words_and_then_goes_through(reporter):
    client, old = open_across_a_sign_in(reporter, "/report/")
    sent = answers(description="Cost me <b>ten</b> minutes to write", form_key="a" * 32)

    page = shown_again(client, "/report/", {**sent, "csrfmiddlewaretoken": old})

    assert STILL_HERE in page
    assert "You may not do this" not in page
    assert "Cost me &lt;b&gt;ten&lt;/b&gt; minutes to write</textarea>" in page
    assert f'name="form_key" value="{"a" * 32}"' in page
    assert Incident.objects.count() == 0

    fresh = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[-1]
    assert client.post("/report/", {**sent, "csrfmiddlewaretoken": fresh}).status_code == 302
    assert Incident.objects.count() == 1
    assert not Draft.objects.exists()


def test_an_answer_and_its_files_are_asked_for_again(reporter):
    ticket = reported_by(reporter)
    client, old = open_across_a_sign_in(reporter, "/report/")
    path = question(ticket.reference, "concerned")

    page = shown_again(
        client, path, {"concerned": "laptop 17", "files": [picture()], "csrfmiddlewaretoken": old}
    )

    assert 'value="laptop 17"' in page
    assert "only files have to be chosen again" in page
    assert Evidence.objects.count() == 0


def reported_by(user) -> Incident:
    client = Client()
    client.force_login(user)
    client.post("/report/", answers())
    return Incident.objects.get()


def test_an_agents_report_is_shown_again_too(agent):
    client, old = open_across_a_sign_in(agent, "/report/")

    page = shown_again(client, "/report/", answers(reporter="the caller", csrfmiddlewaretoken=old))

    assert 'value="the caller"' in page
    assert not Incident.objects.exists()


def test_words_for_a_ticket_are_shown_again_and_not_stored(reporter):
    ticket = make_report(reporter)
    path = f"/tickets/{ticket.reference}/"
    client, old = open_across_a_sign_in(reporter, path)
    said = ticket.timeline.count()

    page = shown_again(client, path, {"text": "It was <i>Tuesday</i>", "csrfmiddlewaretoken": old})

    assert STILL_HERE in page
    assert "It was &lt;i&gt;Tuesday&lt;/i&gt;</textarea>" in page
    assert '<details class="more add" open>' in page
    assert ticket.timeline.count() == said


@pytest.mark.parametrize("path", ["/tickets/{}/", "/report/{}/concerned/"])
def test_the_ticket_of_another_stays_unknown(reporter, outsider, path):
    ticket = reported_by(reporter)
    client, old = open_across_a_sign_in(outsider, "/report/")

    page = client.post(
        path.format(ticket.reference),
        {"text": "Hello", "concerned": "Hello", "csrfmiddlewaretoken": old},
        follow=True,
    )

    assert page.status_code == 404
    assert ticket.subject not in page.content.decode()


@pytest.mark.parametrize("origin", ["https://evil.test", "null"])
def test_words_from_another_site_are_not_put_into_the_form(reporter, origin):
    client, old = open_across_a_sign_in(reporter, "/report/")

    page = client.post(
        "/report/",
        answers(subject="Words of an attacker", csrfmiddlewaretoken=old),
        headers={"Origin": origin, "Referer": f"{origin}/trap"},
    ).content.decode()

    assert "Words of an attacker" not in page
    assert TOO_LONG_OPEN in page
    assert "evil.test" not in page
    assert not Draft.objects.exists()


def test_whoever_is_not_signed_in_signs_in_before_the_form_is_shown_again(reporter):
    strict = Client(enforce_csrf_checks=True)

    refused = strict.post("/report/", answers(subject="Words of a stranger"))

    assert refused.url.startswith("/accounts/login/?next=/report/%3Fdraft%3D")
    assert not Incident.objects.exists()


def test_other_pages_say_so_calmly_and_link_back(handler, rf):
    client, old = open_across_a_sign_in(handler, "/report/")
    back = "http://testserver/accounts/password/change/?a=1&b=2"

    page = client.post(
        "/accounts/password/change/", {"csrfmiddlewaretoken": old}, headers={"Referer": back}
    )

    text = page.content.decode()
    assert page.status_code == 403
    assert f"<h1>{TOO_LONG_OPEN}</h1>" in text
    assert 'href="http://testserver/accounts/password/change/?a=1&amp;b=2"' in text
    assert "reload" not in text
    assert "reload" not in errors.csrf_failure(rf.post("/nowhere/")).content.decode()
