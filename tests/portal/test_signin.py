"""Signing in and out: by name or mail, nobody signs up, and `next` leads nowhere else."""

import pytest
from django.core import mail
from django.test import Client

from tests.factories import make_user
from tests.portal.selfservice.typed import signed_in

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


def is_signed_in(client: Client) -> bool:
    return client.get("/tickets/").status_code == 200


def sign_in(client: Client, login: str, password: str = "demo-reporter", path: str = LOGIN, **more):
    return client.post(path, {"login": login, "password": password, **more})


@pytest.mark.parametrize("login", ["reporter", "reporter@tocsin.test", "REPORTER@tocsin.test"])
def test_by_user_name_or_mail(client, reporter, login):
    response = sign_in(client, login)

    assert response.url == "/"
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("reporter", "wrong"),
        ("nobody", "demo-reporter"),
        ("", ""),
        ("a\x00b", "x"),
        ("x" * 9999, "x"),
    ],
)
def test_a_wrong_pair_is_refused_in_the_same_words(client, reporter, login, password):
    response = sign_in(client, login, password)

    page = response.content.decode()
    assert response.status_code == 200
    assert "<title>Error: Sign in" in page
    assert not is_signed_in(client)


def test_an_inactive_account_does_not_come_in(client):
    make_user("reporter", is_active=False)

    sign_in(client, "reporter")

    assert not is_signed_in(client)


@pytest.mark.parametrize("name", ["agent", "handler", "dpo", "auditor", "admin"])
def test_people_with_a_role_land_in_the_console(client, request, name):
    request.getfixturevalue(name)

    assert sign_in(client, name, f"demo-{name}").url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_people_with_a_role_get_where_they_wanted_to_go(client, agent):
    assert sign_in(client, "agent", "demo-agent", next="/report/").url == "/report/"


def test_next_leads_to_where_one_wanted_to_go(client, reporter):
    page = client.get(f"{LOGIN}?next=/report/").content.decode()
    response = sign_in(client, "reporter", next="/report/")

    assert 'name="next" value="/report/"' in page
    assert response.url == "/report/"


@pytest.mark.parametrize(
    "target",
    ["https://evil.test/", "//evil.test", "javascript:alert(1)", "\\\\evil.test", "http:evil"],
)
def test_next_leads_to_no_other_site(client, reporter, target):
    response = sign_in(client, "reporter", next=target)

    assert response.url == "/"


def test_signing_out_takes_a_post(reporter):
    client = signed_in(reporter)

    asked = client.get("/accounts/logout/")
    assert asked.status_code == 200
    assert is_signed_in(client)

    client.post("/accounts/logout/")
    assert not is_signed_in(client)


def test_nobody_signs_up(client, django_user_model):
    answers = {
        "username": "new",
        "email": "n@tocsin.test",
        "password1": "Xy-12345678",
        "password2": "Xy-12345678",
    }

    page = client.get("/accounts/signup/").content.decode()
    client.post("/accounts/signup/", answers)

    assert "Accounts are made by your organisation" in page
    assert not django_user_model.objects.exists()


def test_nobody_adds_a_mail_address_to_sign_in_with(reporter):
    client = signed_in(reporter)

    assert client.get("/accounts/email/").status_code == 404
    sent = {"email": "other@tocsin.test", "action_add": ""}
    assert client.post("/accounts/email/", sent).status_code == 404


def test_a_password_is_changed_by_who_knows_the_old_one(client, reporter):
    client.force_login(reporter)
    change = {"password1": "Quiet-harbour-7", "password2": "Quiet-harbour-7"}

    refused = client.post("/accounts/password/change/", {"oldpassword": "wrong", **change})
    client.post("/accounts/password/change/", {"oldpassword": "demo-reporter", **change})

    assert "There is a problem" in refused.content.decode()
    reporter.refresh_from_db()
    assert reporter.check_password("Quiet-harbour-7")


def test_a_forgotten_password_is_reset_by_mail(client, reporter, settings):
    client.post("/accounts/password/reset/", {"email": "reporter@tocsin.test"})

    [message] = mail.outbox
    assert message.to == ["reporter@tocsin.test"]
    link = next(word for word in message.body.split() if "/accounts/password/reset/key/" in word)
    landed = client.get(link.removeprefix(settings.BASE_URL), follow=True)
    assert landed.status_code == 200
    client.post(
        landed.redirect_chain[-1][0],
        {"password1": "Quiet-harbour-7", "password2": "Quiet-harbour-7"},
    )
    assert sign_in(Client(), "reporter", "Quiet-harbour-7").status_code == 302


@pytest.mark.parametrize("address", ["reporter@tocsin.test", "nobody@tocsin.test"])
def test_the_links_of_a_mail_lead_to_us_whatever_host_was_asked(
    client, reporter, settings, address
):
    settings.BASE_URL = "https://tocsin.example.org"
    settings.ALLOWED_HOSTS = ["tocsin.example.org", "localhost"]

    for host in ("localhost", "tocsin.example.org"):
        client.post("/accounts/password/reset/", {"email": address}, headers={"host": host})
    refused = client.post(
        "/accounts/password/reset/", {"email": address}, headers={"host": "evil.test"}
    )

    assert refused.status_code == 400
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        assert "localhost" not in message.body
        assert "https://tocsin.example.org/accounts/" in message.body


def test_asking_for_a_reset_tells_nobody_who_has_an_account(client, reporter):
    known = client.post("/accounts/password/reset/", {"email": "reporter@tocsin.test"})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@tocsin.test"})

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


@pytest.mark.parametrize(
    "name", ["login/", "password/reset/", "password/reset/done/", "signup/", "inactive/"]
)
def test_every_page_of_it_wears_the_portals_coat(client, name):
    page = client.get(f"/accounts/{name}").content.decode()

    assert "portal/portal.css" in page
    assert 'class="sheet"' in page
