"""What a security officer asks of sign-in: each question is a test."""

import json
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core import mail
from django.core.cache import cache
from django.test import Client

from portal import session_life
from portal.models import SignInEvent
from tests.console import note_proof, words_of
from tests.factories import make_user
from tests.flows.crawler import paths_below
from tests.portal.passkeys import Passkey
from tests.portal.totp import CODE, ENROL, code_of, give_app, key_on, sign_in

pytestmark = pytest.mark.django_db

PASSKEY = "/accounts/2fa/webauthn/login/"


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()


def is_signed_in(client: Client) -> bool:
    return client.get("/tickets/").status_code == 200


def failures() -> list[SignInEvent]:
    return list(SignInEvent.objects.filter(kind="failed").order_by("pk"))


# --- Sessions -----------------------------------------------------------------------------------


def test_a_session_from_before_signing_in_is_worth_nothing_afterwards(client, reporter):
    session = client.session
    session["planted"] = "by an attacker"
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted

    sign_in(client, reporter)

    thief = Client()
    thief.cookies["sessionid"] = planted
    assert client.session.session_key != planted
    assert is_signed_in(client)
    assert not is_signed_in(thief)


def test_a_removed_factor_changes_the_key_of_the_session(client, agent):
    give_app(agent)
    client.force_login(agent)
    note_proof(client, agent)
    before = client.session.session_key

    client.post("/accounts/2fa/totp/deactivate/")

    assert not Authenticator.objects.exists()
    assert client.session.session_key != before
    assert is_signed_in(client)


def test_a_new_password_changes_the_key_and_ends_the_other_sessions(reporter):
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in(client, reporter)
    before = here.session.session_key
    new = {"password1": "Quiet-harbour-7", "password2": "Quiet-harbour-7"}

    here.post("/accounts/password/change/", {"oldpassword": "demo-reporter", **new})

    assert here.session.session_key != before
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


@pytest.mark.parametrize(("minutes", "lives"), [(59, True), (61, False)])
def test_a_session_that_is_left_alone_ends(client, reporter, minutes, lives):
    sign_in(client, reporter)
    age(client, session_life.USED, minutes * 60)

    assert is_signed_in(client) is lives
    assert is_signed_in(client) is lives


@pytest.mark.parametrize(("hours", "lives"), [(11.9, True), (12.1, False)])
def test_a_session_ends_after_half_a_day_however_busy(client, reporter, hours, lives):
    sign_in(client, reporter)
    age(client, session_life.BEGAN, int(hours * 3600))

    assert is_signed_in(client) is lives


def age(client: Client, clock: str, seconds: int) -> None:
    session = client.session
    session[clock] = int(time.time()) - seconds
    session.save()


def test_a_session_in_use_is_written_once_in_a_minute(
    client, reporter, django_assert_max_num_queries
):
    sign_in(client, reporter)
    age(client, session_life.USED, 90)

    is_signed_in(client)
    after = client.session[session_life.USED]
    is_signed_in(client)

    assert after >= time.time() - 5
    assert client.session[session_life.USED] == after


def test_the_cookies_are_closed_to_scripts_and_to_other_sites(client, reporter):
    sign_in(client, reporter)

    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"], "it ends with the browser: nobody is remembered"


def test_nothing_on_the_page_offers_to_be_remembered(client):
    assert 'name="remember"' not in client.get("/accounts/login/").content.decode()


# --- Guessing -----------------------------------------------------------------------------------


def guess(address: str, login: str, times: int = 1):
    for _time in range(times):
        answer = Client(REMOTE_ADDR=address).post(
            "/accounts/login/", {"login": login, "password": "wrong"}
        )
    return answer


def comes_in(address: str, user) -> bool:
    client = Client(REMOTE_ADDR=address)
    sign_in(client, user)
    return is_signed_in(client)


def test_a_stranger_locks_nobody_out(reporter):
    for login in ("reporter", "reporter@tocsin.test"):
        refused = guess("198.51.100.66", login, 4)

    assert "Too many failed" in words_of(refused)
    assert not comes_in("198.51.100.66", reporter)
    assert comes_in("192.0.2.7", reporter)


def test_many_strangers_close_the_password_to_new_addresses_only(reporter, outsider):
    assert comes_in("192.0.2.7", reporter)
    for number in range(50):
        guess(f"198.51.100.{number}", "reporter")

    assert not comes_in("203.0.113.9", reporter)
    assert comes_in("192.0.2.7", reporter)
    assert comes_in("203.0.113.9", outsider)


def test_a_right_password_in_between_wins_no_attempts(reporter):
    for _round in range(2):
        guess("192.0.2.7", "reporter", 3)
        comes_in("192.0.2.7", reporter)

    assert not comes_in("192.0.2.7", reporter)


def test_a_name_that_exists_is_refused_in_the_same_words_as_one_that_does_not(client, reporter):
    pages = {}
    for name in ("reporter", "nobody"):
        guess("192.0.2.7", name, 5)
        pages[name] = [
            words_of(guess("192.0.2.8", name)),
            words_of(guess("192.0.2.7", name)),
        ]

    assert pages["reporter"] == pages["nobody"]


def test_an_unknown_name_costs_a_hash_too(client, reporter, monkeypatch):
    hashed = []
    model = type(reporter)
    original = model.set_password
    monkeypatch.setattr(
        model, "set_password", lambda self, raw: (hashed.append(raw), original(self, raw))[1]
    )

    guess("192.0.2.7", "nobody")

    assert hashed == ["wrong"]


def test_a_forgotten_password_costs_the_same_for_every_address(client, reporter, monkeypatch):
    single = make_user("single")
    single.set_unusable_password()
    single.save()
    queued = []
    monkeypatch.setattr("portal.signin_mails.async_task", lambda *words: queued.append(words))

    for address in ("reporter@tocsin.test", "single@tocsin.test", "nobody@tocsin.test"):
        answer = client.post("/accounts/password/reset/", {"email": address})
        assert answer.url == "/accounts/password/reset/done/"

    assert len(queued) == 3
    assert mail.outbox == []
    assert not [words for words in queued if "/key/" in str(words)]


@pytest.mark.parametrize("password", ["short-1", "12345678901234", "reporter1234", "password1234"])
def test_a_weak_password_is_refused(client, reporter, password):
    client.force_login(reporter)
    words = {"oldpassword": "demo-reporter", "password1": password, "password2": password}

    client.post("/accounts/password/change/", words)

    reporter.refresh_from_db()
    assert reporter.check_password("demo-reporter")


# --- Codes and passkeys -------------------------------------------------------------------------


def test_a_code_is_used_up_for_as_long_as_it_would_be_taken(agent, monkeypatch):
    key = give_app(agent)
    code = code_of(key, steps=1)  # good for half a minute more than the one of now
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, agent)
    first.post(CODE, {"code": code})
    # allauth's own mark is gone after half a minute.
    cache.delete(f"allauth.mfa.totp.used?user={agent.pk}&code={code}")

    second.post(CODE, {"code": code})

    assert is_signed_in(first)
    assert not is_signed_in(second)
    assert failures()[-1].detail == "code used before"


def test_the_code_of_setting_up_is_used_up_too(client, agent):
    sign_in(client, agent)
    code = code_of(key_on(client.get(ENROL).content.decode()))
    client.post(ENROL, {"code": code})
    second = Client()
    sign_in(second, agent)

    second.post(CODE, {"code": code})

    assert not is_signed_in(second)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "no JSON",
        "[]",
        '"text"',
        "{}",
        '{"response": []}',
        '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"userHandle": "%%%"}}',
        json.dumps(
            {
                "id": "eA",
                "rawId": "eA",
                "type": "public-key",
                "response": {
                    "clientDataJSON": "e30",
                    "authenticatorData": "AAAA",
                    "signature": "AAAA",
                    "userHandle": "MQ",
                },
            }
        ),
        "[" * 2000,
    ],
)
def test_a_passkey_that_opens_nothing_is_written_down(client, reporter, sent):
    client.get(PASSKEY, headers={"Accept": "application/json"})

    answer = client.post(PASSKEY, {"credential": sent})

    assert answer.url == "/accounts/login/"
    [event] = failures()
    assert (event.detail, event.address) == ("webauthn", "127.0.0.1")
    assert not is_signed_in(client)


@pytest.fixture
def challenged(client) -> Client:
    """A browser on the sign-in page that was given a challenge."""
    client.get(PASSKEY, headers={"Accept": "application/json"})
    return client


def show(client: Client, answer) -> None:
    client.post(PASSKEY, {"credential": json.dumps(answer)})


def test_a_passkey_signs_in_alone(challenged, reporter):
    passkey = Passkey(reporter)
    passkey.enrol()

    show(challenged, passkey.answer(challenged))

    assert is_signed_in(challenged)
    assert failures() == []


@pytest.mark.parametrize("case", ["unknown key", "wrong challenge", "unverified", "answered twice"])
def test_a_passkey_that_is_not_right_opens_nothing(challenged, reporter, outsider, case):
    passkey = Passkey(reporter)
    passkey.enrol()
    if case == "unknown key":
        passkey = Passkey(reporter)
    answer = passkey.answer(
        challenged,
        verified=case != "unverified",
        challenge=b"another" if case == "wrong challenge" else b"",
    )
    if case == "answered twice":
        show(challenged, answer)
        challenged.logout()

    show(challenged, answer)

    [event] = failures()
    assert (event.who, event.detail) == (reporter, "webauthn")
    assert not is_signed_in(challenged)


def test_the_challenge_of_ones_own_second_step_opens_no_account_of_another(
    client, reporter, outsider
):
    stolen = Passkey(reporter)
    stolen.enrol()
    Passkey(outsider).enrol()
    sign_in(client, outsider)
    client.get(CODE)  # this challenge asks for no PIN

    show(client, stolen.answer(client, verified=False))

    assert not is_signed_in(client)


def test_a_wrong_passkey_as_second_step_is_written_down(client, reporter, outsider):
    Passkey(reporter).enrol()
    sign_in(client, reporter)
    client.get(CODE)

    client.post(CODE, {"credential": json.dumps(Passkey(outsider).answer(client))})

    assert not is_signed_in(client)
    assert [(event.who, event.detail) for event in failures()] == [(reporter, "webauthn")]


# --- Where one is sent, and by what ------------------------------------------------------------


ELSEWHERE = [
    "https://evil.test/",
    "//evil.test",
    "///evil.test",
    "javascript:alert(1)",
    "\\\\evil.test",
    "http:evil",
    "/\\evil.test",
    "http://localhost/",
    "http://testserver/tickets/",
    "\t//evil.test",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_door_of_sign_in_leads_elsewhere(reporter, target):
    words = {"login": "reporter", "password": "demo-reporter", "next": target}
    client = Client()
    answers = [
        client.post("/accounts/login/", words),
        client.get("/accounts/login/", {"next": target}),
        client.post("/accounts/reauthenticate/", {"password": "demo-reporter", "next": target}),
        client.post("/accounts/logout/", {"next": target}),
    ]

    for answer in answers:
        assert answer.status_code == 302
        assert answer.url.startswith("/")
        assert "evil" not in answer.url
        assert "localhost" not in answer.url


def test_a_picture_elsewhere_signs_nobody_out(client, reporter):
    sign_in(client, reporter)

    client.get("/accounts/logout/")

    assert is_signed_in(client)
    assert Client(enforce_csrf_checks=True).post("/accounts/logout/").status_code == 403


def test_a_page_of_ones_own_is_not_kept_by_a_shared_browser(client, reporter):
    sign_in(client, reporter)

    for path in ("/accounts/2fa/", "/accounts/sessions/", "/accounts/password/change/"):
        assert "no-store" in client.get(path).headers.get("Cache-Control", ""), path
    assert client.post("/accounts/logout/").headers["Clear-Site-Data"] == '"cache"'


# --- Asking again before power is handed out --------------------------------------------------


SENSITIVE = [
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/2fa/recovery-codes/download/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/webauthn/keys/{key}/remove/",
    "/accounts/2fa/webauthn/keys/{key}/edit/",
]


def test_changing_a_factor_asks_again_by_every_door(client, admin):
    give_app(admin)
    RecoveryCodes.activate(admin)
    key = Passkey(admin).enrol().pk
    client.force_login(admin)
    note_proof(client, admin, seconds_ago=301)
    before = sorted(Authenticator.objects.values_list("pk", "data__used_mask"))

    for path in SENSITIVE:
        url = path.format(key=key)
        if "totp/activate" in url:
            continue  # leads to taking the present one away first
        for answer in (client.get(url), client.post(url, {"name": "x"})):
            if answer.status_code == 405:
                continue
            assert answer.status_code == 302, url
            assert "reauthenticate" in answer.url, url

    assert sorted(Authenticator.objects.values_list("pk", "data__used_mask")) == before


def test_no_other_door_of_allauth_changes_a_factor():
    known = {path.removeprefix("/accounts/2fa/").replace("{key}", "1") for path in SENSITIVE}
    harmless = {"", "authenticate/", "reauthenticate/", "webauthn/", "webauthn/reauthenticate/"}
    harmless |= {"webauthn/login/"}

    found = {path.removeprefix("/accounts/2fa/") for path in paths_below("/accounts/2fa/")}

    assert found == known | harmless
