"""One answer to whom a typed name or mail address means."""

import pytest

from incidents import roles
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "typed", ["reporter", "RePorter", "reporter@tocsin.test", "REPORTER@Tocsin.Test"]
)
def test_a_person_is_named_by_user_name_or_address_in_any_case(reporter, typed):
    assert roles.person_named(typed) == reporter


@pytest.mark.parametrize("typed", ["", "report", "nobody", "reporter\x00", "reporter\n"])
def test_nothing_else_names_anybody(reporter, typed):
    assert roles.person_named(typed) is None


def test_who_left_is_not_named():
    make_user("gone", is_active=False)

    assert roles.person_named("gone") is None


def test_what_names_two_names_nobody(reporter):
    make_user("other", email=reporter.email)

    assert roles.person_named(reporter.email) is None
    assert roles.person_named("other").username == "other"
