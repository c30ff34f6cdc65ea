"""manage.py add_person: how the first people come in where there is no demo."""

import io

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command

from incidents import roles

pytestmark = pytest.mark.django_db


def add(*arguments: str) -> str:
    out = io.StringIO()
    call_command("add_person", *arguments, stdout=out)
    return out.getvalue()


def test_it_prints_a_password_that_works_and_nothing_else():
    password = add("averbeek", "a.verbeek@tocsin.test", "--name", "Ann Verbeek")

    assert password == password.strip() + "\n"
    assert authenticate(username="averbeek", password=password.strip()) is not None


def test_roles_give_their_rights():
    add("ops", "ops@tocsin.test", "--role", "handler", "--role", "forensics")

    person = get_user_model().objects.get(username="ops")
    assert roles.of(person) == {roles.Role.IH, roles.Role.FOR}


def test_without_a_role_the_person_is_a_reporter():
    add("mnowak", "m.nowak@tocsin.test", "--name", "Marta Nowak")

    person = get_user_model().objects.get(username="mnowak")
    assert (roles.of(person), person.is_staff, str(person)) == (frozenset(), False, "Marta Nowak")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["ops", "no-mail"], "email"),
        (["not allowed!", "ops@tocsin.test"], "username"),
        (["ops", "ops@tocsin.test", "--role", "king"], "--role"),
    ],
)
def test_what_cannot_be_used_is_named_and_nobody_is_added(arguments, named):
    with pytest.raises(CommandError, match=named):
        add(*arguments)

    assert not get_user_model().objects.exists()


def test_a_name_is_used_once():
    add("ops", "ops@tocsin.test")

    with pytest.raises(CommandError, match="username"):
        add("ops", "other@tocsin.test")
