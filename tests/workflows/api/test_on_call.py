"""Who holds which role now, and who stands in."""

import pytest

from tests.calling import Caller, problem, told

pytestmark = pytest.mark.django_db


def test_each_role_names_its_people(agent, team):
    posts = {each["role"]: each for each in told(Caller(agent).get("on-call/"))["results"]}

    assert [each["username"] for each in posts["DPO"]["people"]] == ["dpo"]
    assert posts["DPO"]["stands_in"] is False
    assert "AUD" not in posts


def test_a_role_that_nobody_holds_shows_who_stands_in(ciso):
    posts = {each["role"]: each for each in told(Caller(ciso).get("on-call/"))["results"]}

    assert [each["username"] for each in posts["DPO"]["people"]] == ["ciso"]
    assert posts["DPO"]["stands_in"] is True
    assert (posts["SDA"]["people"], posts["SDA"]["stands_in"]) == ([], False)


def test_it_is_for_those_who_work_here(reporter, admin, team):
    problem(Caller(reporter).get("on-call/"), 403)
    told(Caller(admin).get("on-call/"))
