"""What administrators do to accounts is told to the officers, and cannot lead to tickets unseen."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core import mail
from django.db import Error, transaction
from django.utils import timezone

from incidents import roles
from portal import watch
from portal.models import ApiToken
from tests.console import Console, words_of
from tests.factories import fresh, make_user

WORDS = {"name": "sensor", "scopes": ["incidents:read"], "days": "30"}
PASSWORD = {"password1": "long-enough-77", "password2": "long-enough-77", "usable_password": "true"}


@pytest.fixture
def administrator(admin):
    return Console(admin)


def form_of(user, *groups: str, **changes: str) -> dict:
    """What the page of `user` would send, with these groups."""
    known = [Group.objects.get_or_create(name=name)[0].pk for name in groups]
    words = {"username": user.username, "email": user.email, "is_active": "on", "groups": known}
    return words | changes


def told() -> set[str]:
    return {address for message in mail.outbox for address in message.to}


# --- Tokens ---------------------------------------------------------------------------------------


def test_a_token_is_made_for_oneself_and_for_a_program(administrator, ciso):
    make_user("sensor")

    administrator.post("portal/apitoken/add/", user="admin", **WORDS)
    administrator.post("portal/apitoken/add/", user="sensor", **WORDS)

    assert {token.user.username for token in ApiToken.objects.all()} == {"admin", "sensor"}
    assert told() == {ciso.email}


@pytest.mark.parametrize("name", ["ciso", "agent", "reporter"])
def test_no_token_is_made_for_a_person(administrator, ciso, agent, reporter, name):
    type(reporter).objects.filter(pk=reporter.pk).update(last_login=timezone.now())

    page = administrator.post("portal/apitoken/add/", user=name, **WORDS)

    assert "they make their own tokens" in words_of(page)
    assert not ApiToken.objects.exists()
    assert mail.outbox == []


# --- Roles, passwords, activity -------------------------------------------------------------------


def test_nobody_gives_themselves_a_role(administrator, admin, ciso):
    page = administrator.get(f"portal/user/{admin.pk}/change/")
    administrator.post(f"portal/user/{admin.pk}/change/", **form_of(admin, "admin", "ciso"))

    assert 'name="groups"' not in page.content.decode()
    assert roles.of(fresh(admin)) == {roles.Role.ADM}


def test_a_role_given_to_somebody_else_is_told_to_the_officers(administrator, ciso, dpo, outsider):
    sent = administrator.post(f"portal/user/{outsider.pk}/change/", **form_of(outsider, "handler"))

    assert sent.status_code == 302
    assert told() == {ciso.email, dpo.email}
    text = mail.outbox[0].body
    assert re.search("By: admin.*Changed Groups.*Account: outsider.*Incident handler", text, re.S)


def test_an_officer_hears_of_losing_the_role_and_the_address(administrator, ciso, dpo):
    was = ciso.email

    administrator.post(
        f"portal/user/{ciso.pk}/change/", **form_of(ciso, email="elsewhere@tocsin.test")
    )

    assert roles.of(fresh(ciso)) == set()
    assert told() == {was, dpo.email}


def test_an_account_switched_off_and_a_password_set_are_told(administrator, ciso, agent):
    form = form_of(agent, "agent")
    del form["is_active"]

    administrator.post(f"portal/user/{agent.pk}/change/", **form)
    administrator.post(f"portal/user/{agent.pk}/password/", **PASSWORD)

    assert not fresh(agent).is_active
    assert fresh(agent).check_password(PASSWORD["password1"])
    officers = [message for message in mail.outbox if message.to == [ciso.email]]
    assert len(officers) == 2
    assert told() == {ciso.email, agent.email}  # the owner hears of the password: test_notices.py


def test_what_is_refused_is_told_to_nobody(agent, auditor, reporter, outsider, ciso):
    for person in (agent, auditor, reporter):
        answer = Console(person).post(
            f"portal/user/{outsider.pk}/change/", **form_of(outsider, "ciso")
        )
        assert answer.status_code == 403

    assert roles.of(fresh(outsider)) == set()
    assert mail.outbox == []


def test_a_mail_sent_twice_shows_as_one(administrator, ciso, agent):
    administrator.post(f"portal/user/{agent.pk}/password/", **PASSWORD)

    watch.send(LogEntry.objects.get().pk, ciso.email)

    first, second = [message for message in mail.outbox if message.to == [ciso.email]]
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


# --- The log --------------------------------------------------------------------------------------


def test_the_log_refuses_to_forget(administrator, agent):
    administrator.post(f"portal/user/{agent.pk}/password/", **PASSWORD)
    entries = LogEntry.objects.all()

    with pytest.raises(Error, match="never deleted"), transaction.atomic():
        entries.delete()
    with pytest.raises(Error, match="never changed"), transaction.atomic():
        entries.update(object_repr="somebody else")

    assert entries.get().object_repr == str(agent)


def test_the_log_is_read_by_the_officers_and_the_auditor(administrator, people):
    target = make_user("target")
    administrator.post(f"portal/user/{target.pk}/password/", **PASSWORD)
    page = f"admin/logentry/{LogEntry.objects.get().pk}/change/"

    for name, person in people.items():
        may = name in {"ciso", "dpo", "auditor"}
        listed = Console(person).get("admin/logentry/")
        assert listed.status_code == (200 if may else 403), name
        assert Console(person).get(page).status_code == (200 if may else 403), name
        assert Console(person).post(page, object_repr="x").status_code == 403, name
        assert not may or "target Changed password" in words_of(listed)
