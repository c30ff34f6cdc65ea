"""The audit of accounts: every way in and every change is a row that nobody can change."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from portal.models import SignInEvent, User
from portal.models.signins import SignInEvent as Event
from tests.console import Console, words_of
from tests.factories import make_user
from tests.portal.totp import CODE, ENROL, code_of, give_app, key_on, sign_in, take_new_key

pytestmark = pytest.mark.django_db

Kind = SignInEvent.Kind


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()


def events(kind: str) -> list[Event]:
    return list(SignInEvent.objects.filter(kind=kind).order_by("pk"))


def test_signing_in_and_out_are_written_with_address_and_program(reporter):
    client = Client(REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="Test browser")
    sign_in(client, reporter)
    client.post("/accounts/logout/")

    [came], [left] = events(Kind.SIGNED_IN), events(Kind.SIGNED_OUT)
    for event in (came, left):
        assert (event.who, event.by) == (reporter, reporter)
        assert (event.address, event.user_agent) == ("192.0.2.7", "Test browser")


@pytest.mark.parametrize(
    ("typed", "is_known"),
    [
        ("reporter", True),
        ("RePorter", True),
        ("REPORTER@tocsin.test", True),
        ("nobody", False),
        ("x" * 254, False),
    ],
)
def test_a_failure_is_written_with_the_name_that_was_typed(client, reporter, typed, is_known):
    client.post("/accounts/login/", {"login": typed, "password": "secret-guess"})

    [event] = events(Kind.FAILED)
    assert event.name.lower() == typed[:150].lower()
    assert (event.who == reporter) is is_known
    assert event.by is None
    assert "secret-guess" not in str(SignInEvent.objects.values())


def test_guessing_a_password_is_slowed_and_that_it_is_refused_is_written_once(client, reporter):
    for number in range(7):
        client.post("/accounts/login/", {"login": "reporter", "password": f"guess-{number}"})
    page = sign_in(client, reporter)

    assert "Too many failed" in words_of(page)
    assert client.get("/tickets/").status_code == 302
    details = [event.detail for event in events(Kind.FAILED)]
    assert details == [""] * 5 + ["too many attempts"]


def test_a_flood_from_one_address_gets_429_in_our_words(client):
    answers = [
        client.post("/accounts/login/", {"login": f"n{number}", "password": "x"})
        for number in range(31)
    ]

    assert answers[-1].status_code == 429
    assert "Too many attempts" in words_of(answers[-1])


def test_counts_are_shared_between_processes(settings):
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
    assert settings.CACHES["default"]["LOCATION"] in connection.introspection.table_names()


def test_a_wrong_code_is_written(agent):
    give_app(agent)
    client = Client()
    sign_in(client, agent)
    client.post(CODE, {"code": "000000"})

    [event] = events(Kind.FAILED)
    assert (event.who, event.detail) == (agent, "totp")
    assert not events(Kind.SIGNED_IN)


def test_a_second_factor_is_written_when_it_comes_and_goes(
    agent, django_capture_on_commit_callbacks
):
    client = Client()
    sign_in(client, agent)
    key = key_on(client.get(ENROL).content.decode())
    with django_capture_on_commit_callbacks(execute=True):
        client.post(ENROL, {"code": code_of(key)})
    take_new_key(client, agent)
    client.post("/accounts/2fa/totp/deactivate/")

    assert "totp" in {event.detail for event in events(Kind.SECOND_FACTOR_ADDED)}
    assert {(event.who, event.by) for event in events(Kind.SECOND_FACTOR_REMOVED)} == {
        (agent, agent)
    }
    assert not Authenticator.objects.exists()


def test_the_reset_by_the_operator_is_written(agent):
    give_app(agent)

    call_command("reset_second_factor", "agent")

    [event] = events(Kind.SECOND_FACTOR_REMOVED)
    assert (event.who, event.by) == (agent, None)


def test_a_password_is_changed_by_oneself_or_by_the_administrator(reporter, admin):
    client = Client()
    sign_in(client, reporter)
    new = {"password1": "Quiet-harbour-7", "password2": "Quiet-harbour-7"}
    client.post("/accounts/password/change/", {"oldpassword": "demo-reporter", **new})
    Console(admin).post(f"portal/user/{reporter.pk}/password/", **new, usable_password="true")

    changes = [(event.who, event.by) for event in events(Kind.PASSWORD_CHANGED)]
    assert changes == [(reporter, reporter), (reporter, admin)]


def test_roles_given_and_taken_in_the_console_say_by_whom(admin, agent):
    ciso = make_user("other", "ciso").groups.get()
    Console(admin).post(
        f"portal/user/{agent.pk}/change/", username="agent", is_active="on", groups=[ciso.pk]
    )

    changes = [(e.detail, e.by) for e in events(Kind.ROLE_CHANGED) if e.who == agent]
    assert changes == [("+agent", None), ("-agent", admin), ("+ciso", admin)]


def test_roles_changed_by_any_other_way_are_written_too(agent):
    group = agent.groups.get()
    person = make_user("somebody")

    group.user_set.add(person)
    group.user_set.clear()
    person.groups.add(group)
    person.groups.clear()

    changes = [event.detail for event in events(Kind.ROLE_CHANGED) if event.who == person]
    assert changes == ["+agent", "-agent", "+agent", "-agent"]


def test_tokens_made_and_revoked_are_written(admin, agent):
    console = Console(admin)
    words = {"user": "admin", "name": "sensor", "scopes": ["incidents:read"], "days": "1"}
    console.post("portal/apitoken/add/", **words)
    console.post(f"portal/apitoken/{admin.api_tokens.get().pk}/revoke/")
    call_command("create_api_token", "agent", "--scope", "incidents:read")

    made, revoked = events(Kind.TOKEN_CREATED), events(Kind.TOKEN_REVOKED)
    assert [(event.who, event.by) for event in made] == [(admin, admin), (agent, None)]
    assert [(event.who, event.by) for event in revoked] == [(admin, admin)]
    assert made[0].detail == "sensor: incidents:read"


@pytest.mark.parametrize("statement", ["DELETE FROM {}", 'UPDATE {} SET "name" = "name"'])
def test_the_database_refuses_to_change_a_row(reporter, statement):
    sign_in(Client(), reporter)

    with (
        pytest.raises(IntegrityError, match="never"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(SignInEvent._meta.db_table))


def test_it_is_read_by_three_roles_and_written_by_none(admin, ciso, auditor, agent, reporter):
    sign_in(Client(), reporter)
    pk = SignInEvent.objects.filter(kind=Kind.SIGNED_IN).get().pk

    for user in (admin, ciso, auditor):
        console = Console(user)
        assert "signed in" in words_of(console.get("portal/signinevent/"))
        assert console.get(f"portal/signinevent/{pk}/change/").status_code == 200
        assert console.post(f"portal/signinevent/{pk}/change/", name="x").status_code == 403
        assert console.get("portal/signinevent/add/").status_code == 403
        assert console.get(f"portal/signinevent/{pk}/delete/").status_code == 403
    assert Console(agent).get("portal/signinevent/").status_code == 403


@pytest.mark.parametrize("count", [3, 30])
def test_the_list_takes_the_same_queries_however_long(admin, count, django_assert_max_num_queries):
    for number in range(count):
        SignInEvent.objects.create(kind=Kind.FAILED, who=User.objects.first(), name=str(number))
    console = Console(admin)

    with django_assert_max_num_queries(14):
        console.get("portal/signinevent/")
