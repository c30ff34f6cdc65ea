"""A form that was open across a sign-in loses no word, and does nothing by itself."""

import re

import pytest
from django.test import Client

from incidents.models import Evidence, Incident
from portal import errors
from tests.factories import make_report
from tests.portal.selfservice.typed import answers, picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

STILL_HERE = "You signed in again meanwhile. Your words are still here"
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


def test_a_report_is_shown_again_with_its_words_and_then_goes_through(reporter):
    client, old = open_across_a_sign_in(reporter, "/report/")
    sent = answers(description="Cost me <b>ten</b> minutes to write", about="malware")

    refused = client.post(
        "/report/", {**sent, "files": [picture()], "csrfmiddlewaretoken": old, "form_key": "a" * 32}
    )

    page = refused.content.decode()
    assert refused.status_code == 403
    assert STILL_HERE in page
    assert "Only files have to be chosen again" in page
    assert "You may not do this" not in page
    assert "Cost me &lt;b&gt;ten&lt;/b&gt; minutes to write</textarea>" in page
    assert '<option value="malware" selected>' in page
    assert f'name="form_key" value="{"a" * 32}"' in page
    assert "no-store" in refused["Cache-Control"]
    assert (Incident.objects.count(), Evidence.objects.count()) == (0, 0)

    fresh = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[-1]
    assert client.post("/report/", {**sent, "csrfmiddlewaretoken": fresh}).status_code == 302
    assert Incident.objects.count() == 1


def test_an_agents_report_is_shown_again_too(agent):
    client, old = open_across_a_sign_in(agent, "/report/")

    page = client.post(
        "/report/", answers(reporter="the caller", csrfmiddlewaretoken=old)
    ).content.decode()

    assert 'value="the caller"' in page
    assert not Incident.objects.exists()


def test_words_for_a_ticket_are_shown_again_and_not_stored(reporter):
    ticket = make_report(reporter)
    path = f"/tickets/{ticket.reference}/"
    client, old = open_across_a_sign_in(reporter, path)
    said = ticket.timeline.count()

    page = client.post(path, {"text": "It was <i>Tuesday</i>", "csrfmiddlewaretoken": old})

    assert page.status_code == 403
    assert STILL_HERE in page.content.decode()
    assert "It was &lt;i&gt;Tuesday&lt;/i&gt;</textarea>" in page.content.decode()
    assert '<details class="more add" open>' in page.content.decode()
    assert ticket.timeline.count() == said


def test_the_ticket_of_another_stays_unknown(reporter, outsider):
    ticket = make_report(reporter)
    client, old = open_across_a_sign_in(outsider, "/report/")

    page = client.post(
        f"/tickets/{ticket.reference}/", {"text": "Hello", "csrfmiddlewaretoken": old}
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


def test_whoever_is_not_signed_in_gets_no_form(client, reporter):
    strict = Client(enforce_csrf_checks=True)

    page = strict.post("/report/", answers(subject="Words of a stranger"))

    assert page.status_code == 403
    assert TOO_LONG_OPEN in page.content.decode()


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
