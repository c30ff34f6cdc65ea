"""Whom a token stands for, and which ones open nothing."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from portal.models import ApiToken
from tests.calling import Caller, problem, told
from tests.factories import fresh

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("word", ["Bearer", "bearer", "Token", "TOKEN"])
def test_a_token_may_be_called_bearer_or_token(agent, word):
    caller = Caller(agent)
    caller.headers["Authorization"] = caller.headers["Authorization"].replace("Bearer", word)

    assert told(caller.get("me/"))["username"] == "agent"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer nonsense", "Bearer \xe9", "tocsin_x"]
)
def test_anything_else_is_401_with_a_challenge(agent, header):
    caller = Caller()
    caller.headers = {"Authorization": header} if header else {}

    answer = caller.get("me/")

    problem(answer, 401)
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_without_a_header_it_is_401():
    problem(Caller().get("incidents/"), 401)


def test_an_expired_token_opens_nothing(agent):
    caller = Caller(agent)

    with time_machine.travel(timezone.now() + timedelta(days=31)):
        problem(caller.get("me/"), 401)


def test_a_revoked_token_opens_nothing(agent):
    caller = Caller(agent)
    ApiToken.objects.update(revoked_at=timezone.now())

    problem(caller.get("me/"), 401)


def test_the_token_of_a_switched_off_account_opens_nothing(agent):
    caller = Caller(agent)
    agent.is_active = False
    agent.save()

    problem(caller.get("me/"), 401)


def test_a_session_opens_nothing(agent):
    caller = Caller()
    caller.client.force_login(agent)

    problem(caller.get("me/"), 401)


def test_the_last_use_is_noted_at_most_once_a_minute(agent):
    caller = Caller(agent)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        caller.get("me/")
        first = fresh(caller.token).last_used_at
        clock.shift(50)
        caller.get("me/")
        second = fresh(caller.token).last_used_at
        clock.shift(20)
        caller.get("me/")

        assert first == second
        assert fresh(caller.token).last_used_at == timezone.now()


def test_me_tells_for_whom_and_for_what(handler):
    me = told(Caller(handler, "incidents:read").get("me/"))

    assert (me["username"], me["scopes"]) == ("handler", ["incidents:read"])
    assert me["roles"] == ["FOR", "IH", "SYS"]
