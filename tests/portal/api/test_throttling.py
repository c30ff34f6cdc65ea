"""A token that calls too often is told how long to wait; others are not held up."""

import pytest

from portal.api.throttling import PerToken
from tests.calling import Caller, problem, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def slow(monkeypatch):
    monkeypatch.setattr(PerToken, "THROTTLE_RATES", {"token": "2/min"})


def test_too_many_calls_are_429_with_a_wait(agent, slow):
    caller = Caller(agent)
    told(caller.get("me/"))
    told(caller.get("me/"))

    answer = caller.get("me/")

    problem(answer, 429)
    assert 1 <= int(answer["Retry-After"]) <= 61


def test_another_token_of_the_same_user_goes_on(agent, slow):
    busy, other = Caller(agent), Caller(agent)
    for _call in range(3):
        busy.get("me/")

    told(other.get("me/"))
