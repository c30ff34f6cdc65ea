"""The second factor: compulsory for roles, set up and asked for, and asked again before power."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from incidents.roles import GROUP_OF
from portal import second_factor
from portal.models import ApiToken
from portal.templatetags import looks
from tests.console import Console, note_proof, words_of
from tests.factories import fresh, make_user
from tests.portal.totp import CODE, ENROL, code_of, give_app, key_on, sign_in, take_new_key

pytestmark = pytest.mark.django_db

SETUP = "/accounts/2fa/"
TOKEN = {"user": "admin", "name": "sensor", "scopes": ["incidents:write"], "days": "30"}


@pytest.fixture(autouse=True)
def compulsory(settings):
    settings.SECOND_FACTOR_IS_COMPULSORY = True
    cache.clear()


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    """What waits for the commit happens inside of this."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


# --- Who must have one --------------------------------------------------------------------------


@pytest.mark.parametrize("group", sorted(GROUP_OF.values()))
def test_no_role_opens_the_console_without_one(group):
    console = Console(make_user("somebody", group))

    for path in ("", "incidents/incident/", "portal/apitoken/add/", "outbox/", "jsi18n/"):
        answer = console.get(path)
        assert (answer.status_code, answer.url) == (302, SETUP), path
    assert console.post("portal/apitoken/add/", **TOKEN).url == SETUP
    assert not ApiToken.objects.exists()


def test_the_page_it_leads_to_says_why_and_offers_both_kinds(agent):
    page = words_of(Console(agent).client.get("/admin/", follow=True))

    assert "Your role needs one before the console opens" in page
    assert "Set up an app" in page
    assert "Add a passkey" in page


def test_the_portal_stays_open_to_everybody(agent, reporter):
    for user in (agent, reporter):
        client = Console(user).client
        for path in ("/", "/report/", "/tickets/", "/help/"):
            assert client.get(path).status_code == 200


def test_with_one_the_console_opens(agent):
    give_app(agent)

    assert Console(agent).get().status_code == 200


def test_recovery_codes_alone_are_none(agent):
    RecoveryCodes.activate(agent)

    assert Console(agent).get().url == SETUP


def test_in_the_demo_nobody_must(settings, agent):
    settings.SECOND_FACTOR_IS_COMPULSORY = False

    assert Console(agent).get().status_code == 200


# --- Setting it up ------------------------------------------------------------------------------


def test_an_app_is_set_up_right_after_signing_in_and_opens_the_console(agent, commits):
    client = Client()
    sign_in(client, agent)

    page = client.get(ENROL).content.decode()
    with commits():
        answer = client.post(ENROL, {"code": code_of(key_on(page))})
    take_new_key(client, agent)

    assert "<svg" in page
    assert "data:image" not in page
    assert answer.url == "/accounts/2fa/recovery-codes/"
    assert client.get("/admin/").status_code == 200
    shown = client.get(answer.url).content.decode()
    assert all(code in shown for code in codes_of(agent))


def codes_of(user) -> list[str]:
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return row.wrap().get_unused_codes()


def test_a_wrong_code_sets_nothing_up(agent):
    client = Client()
    sign_in(client, agent)
    client.get(ENROL)

    page = client.post(ENROL, {"code": "000000"}).content.decode()

    assert "There is a problem" in page
    assert "<title>Error: Set up an app" in page
    assert not Authenticator.objects.exists()


def test_an_old_session_sets_nothing_up_before_the_password_is_given_again(agent):
    client = Client()
    sign_in(client, agent)
    note_proof(client, agent, seconds_ago=301)

    asked = client.get(ENROL)
    refused = client.post("/accounts/reauthenticate/", {"password": "wrong", "next": ENROL})
    passed = client.post("/accounts/reauthenticate/", {"password": "demo-agent", "next": ENROL})

    assert asked.url.startswith("/accounts/reauthenticate/?next=")
    assert "There is a problem" in refused.content.decode()
    assert passed.url == ENROL
    assert client.get(ENROL).status_code == 200


def test_adding_one_ends_the_sessions_that_never_proved_it(agent, commits):
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in(client, agent)
    key = key_on(here.get(ENROL).content.decode())

    with commits():
        here.post(ENROL, {"code": code_of(key)})
    take_new_key(here, agent)

    assert here.get("/tickets/").status_code == 200
    assert elsewhere.get("/tickets/").status_code == 302


def test_the_key_is_not_readable_in_the_database(agent, settings):
    key = give_app(agent)

    assert key not in str(Authenticator.objects.get().data)
    assert Authenticator.objects.get().wrap().validate_code(code_of(key))
    settings.SECRET_KEY = "another" * 10
    assert not Authenticator.objects.get().wrap().validate_code(code_of(key))


def test_with_the_secret_key_of_before_named_it_goes_on(agent, settings):
    key = give_app(agent)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10

    assert Authenticator.objects.get().wrap().validate_code(code_of(key))
    assert second_factor.unreadable(agent) == set()


def test_without_it_the_log_says_so_and_the_page_asks_to_set_it_up_again(agent, settings, caplog):
    give_app(agent)
    RecoveryCodes.activate(agent)
    settings.SECRET_KEY = "another" * 10
    client = Client()
    client.force_login(agent)
    note_proof(client, agent)

    page = words_of(client.get(SETUP))
    Authenticator.objects.get(type="totp").wrap().validate_code("000000")

    assert "Set them up again" in page
    assert "codes are left" not in page
    assert "Make recovery codes" in page
    assert "second_factor_unreadable" in caplog.text


@pytest.mark.parametrize("page", ["", "download/"])
def test_recovery_codes_that_cannot_be_read_are_not_made_up(agent, settings, page):
    give_app(agent)
    RecoveryCodes.activate(agent)
    path = f"/accounts/2fa/recovery-codes/{page}"
    client = Client()
    client.force_login(agent)
    note_proof(client, agent)
    readable = client.get(path).status_code

    settings.SECRET_KEY = "another" * 10
    client.force_login(agent)
    note_proof(client, agent)
    answer = client.get(path)

    assert readable == 200
    assert (answer.status_code, answer.url) == (302, SETUP)


# --- Signing in with it -------------------------------------------------------------------------


def test_the_password_alone_does_not_sign_in(agent):
    give_app(agent)
    client = Client()

    answer = sign_in(client, agent)

    assert answer.url == CODE
    assert client.get("/tickets/").status_code == 302
    assert client.get("/admin/").url.startswith("/accounts/login/")


def test_password_and_code_do(agent):
    key = give_app(agent)
    client = Client()

    sign_in(client, agent, next="/admin/")
    answer = client.post(CODE, {"code": code_of(key)})

    assert answer.url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_code_works_once(agent):
    code = code_of(give_app(agent))
    for client, expected in ((Client(), 302), (Client(), 200)):
        sign_in(client, agent)
        assert client.post(CODE, {"code": code}).status_code == expected


def test_a_recovery_code_works_once(agent):
    give_app(agent)
    RecoveryCodes.activate(agent)
    code = codes_of(agent)[0]

    for client, expected in ((Client(), 302), (Client(), 200)):
        sign_in(client, agent)
        assert client.post(CODE, {"code": code}).status_code == expected


def test_guessing_codes_is_slowed(agent):
    key = give_app(agent)
    client = Client()
    sign_in(client, agent)

    for _attempt in range(5):
        client.post(CODE, {"code": "000000"})
    page = client.post(CODE, {"code": code_of(key)})

    assert "Too many failed" in words_of(page)
    assert client.get("/tickets/").status_code == 302


def test_the_operator_resets_who_lost_theirs(agent, capsys):
    give_app(agent)
    RecoveryCodes.activate(agent)

    call_command("reset_second_factor", "agent")

    assert "2 taken" in capsys.readouterr().out
    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody")


# --- Asking again before power is handed out ----------------------------------------------------


@pytest.fixture
def administrator(admin):
    """At a console that was left alone for a while."""
    give_app(admin)
    console = Console(admin)
    note_proof(console.client, admin, seconds_ago=301)
    return console


def test_a_token_is_made_after_proving_it_again_and_nothing_is_typed_twice(administrator, agent):
    asked = administrator.post("portal/apitoken/add/", **TOKEN)
    assert asked.url.startswith("/accounts/reauthenticate/?next=")
    assert not ApiToken.objects.exists()

    page = administrator.client.post(
        "/accounts/reauthenticate/",
        {"password": "demo-admin", "next": "/admin/portal/apitoken/add/"},
    )

    assert ApiToken.objects.get().name == "sensor"
    assert "Copy it now" in words_of(page)


def test_a_role_is_given_after_proving_it_again(administrator, agent):
    ciso = make_user("somebody", "ciso").groups.get()
    path = f"portal/user/{agent.pk}/change/"

    administrator.post(path, username="agent", is_active="on", groups=[ciso.pk])
    assert ciso not in agent.groups.all()

    administrator.client.post(
        "/accounts/reauthenticate/", {"password": "demo-admin", "next": f"/admin/{path}"}
    )
    assert list(fresh(agent).groups.all()) == [ciso]


@pytest.mark.parametrize("path", ["portal/user/add/", "portal/user/{}/password/"])
def test_a_form_with_a_password_opens_after_proving_it_again(administrator, agent, path):
    path = path.format(agent.pk)

    for answer in (administrator.get(path), administrator.post(path, password1="x")):
        assert answer.url == f"/accounts/reauthenticate/?next=%2Fadmin%2F{path.replace('/', '%2F')}"
    assert "request" not in str(dict(administrator.client.session))


# --- Sessions -----------------------------------------------------------------------------------


def test_sessions_are_listed_and_ended_one_by_one_or_together(reporter):
    here, phone, library = Client(), Client(), Client()
    for client, name in ((here, "Desk"), (phone, "Phone"), (library, "Library")):
        client.post(
            "/accounts/login/",
            {"login": "reporter", "password": "demo-reporter"},
            headers={"User-Agent": name},
        )
    page = words_of(here.get("/accounts/sessions/"))
    assert all(name in page for name in ("Desk", "Phone", "Library"))

    pk = UserSession.objects.get(user_agent="Phone").pk
    here.post(f"/accounts/sessions/{pk}/end/")
    assert phone.get("/tickets/").status_code == 302
    assert library.get("/tickets/").status_code == 200

    here.post("/accounts/sessions/")
    assert library.get("/tickets/").status_code == 302
    assert here.get("/tickets/").status_code == 200


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari, iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "An unknown program"),
    ],
)
def test_a_browser_is_called_as_people_call_it(agent, name):
    assert looks.browser(agent) == name


def test_nobody_ends_the_session_of_another(reporter, outsider):
    theirs, mine = Client(), Client()
    sign_in(theirs, reporter)
    sign_in(mine, outsider)

    pk = UserSession.objects.get(user=reporter).pk

    assert mine.post(f"/accounts/sessions/{pk}/end/").status_code == 404
    assert mine.get(f"/accounts/sessions/{pk}/end/").status_code == 405
    assert theirs.get("/tickets/").status_code == 200


def test_a_name_that_a_passkey_cannot_have_is_told_at_its_field(client, reporter):
    sign_in(client, reporter)

    page = client.post("/accounts/2fa/webauthn/add/", {"name": "nul\x00"}).content.decode()

    assert re.search(r'<input name="name"[^>]*id_name_error"[^>]*aria-invalid="true"', page)
    assert '<div id="id_name_error">' in page
