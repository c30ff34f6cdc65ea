"""Owners are mailed what changed on their account: by their clock, and without a link."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone, translation
from django.utils.formats import date_format

from portal import notices
from portal.models import SignInEvent
from tests.console import Console
from tests.factories import make_user
from tests.portal.totp import ENROL, code_of, give_app, key_on, sign_in, take_new_key

pytestmark = pytest.mark.django_db

NEW = {"password1": "Quiet-harbour-7", "password2": "Quiet-harbour-7"}


@pytest.fixture(autouse=True)
def ready(settings):
    cache.clear()
    settings.EMERGENCY_PHONE = "+31 85 000 01 99"


@pytest.fixture
def here(reporter):
    """The reporter's browser, signed in."""
    client = Client(REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="Firefox/140.0 Linux")
    sign_in(client, reporter)
    return client


def mailed(user) -> list[str]:
    return [message.body for message in mail.outbox if message.to == [user.email]]


def test_a_changed_password_is_told_with_all_that_one_needs(here, reporter):
    here.post("/accounts/password/change/", {"oldpassword": "demo-reporter", **NEW})

    [text] = mailed(reporter)
    moment = SignInEvent.objects.get(kind="password_changed").at
    assert "“reporter” was changed" in text
    assert "Its password was changed." in text
    assert f"{moment:%Y-%m-%d %H:%M} UTC" in text
    assert "(Europe/Amsterdam)" in text
    assert "From: the address 192.0.2.7 (Firefox, Linux)" in text
    assert "call +31 85 000 01 99 at once" in text
    assert "://" not in text
    assert "Quiet" not in text


def test_a_password_set_by_another_says_by_whom(reporter, admin):
    Console(admin).post(f"portal/user/{reporter.pk}/password/", **NEW, usable_password="true")

    [text] = mailed(reporter)
    assert "By: admin" in text
    assert mailed(admin) == []


def test_a_forgotten_password_is_told_once_it_is_set(client, reporter, settings):
    client.post("/accounts/password/reset/", {"email": reporter.email})
    link = next(word for word in mailed(reporter)[0].split() if word.startswith("http"))
    page = client.get(link.removeprefix(settings.BASE_URL), follow=True)
    assert len(mailed(reporter)) == 1

    client.post(page.redirect_chain[-1][0], NEW)

    assert "Its password was changed." in mailed(reporter)[1]


def test_an_app_that_comes_and_goes_is_told_and_its_codes_with_it(
    here, reporter, django_capture_on_commit_callbacks
):
    key = key_on(here.get(ENROL).content.decode())
    with django_capture_on_commit_callbacks(execute=True):
        here.post(ENROL, {"code": code_of(key)})
    take_new_key(here, reporter)
    here.post("/accounts/2fa/totp/deactivate/")

    assert ["was added" in text for text in mailed(reporter)] == [True, False]
    assert "Its authenticator app was removed." in mailed(reporter)[1]


def test_new_recovery_codes_are_told(here, reporter, django_capture_on_commit_callbacks):
    give_app(reporter)
    RecoveryCodes.activate(reporter)

    with django_capture_on_commit_callbacks(execute=True):
        here.post("/accounts/2fa/recovery-codes/generate/")

    [text] = mailed(reporter)
    assert "New recovery codes were made" in text


def test_the_reset_by_the_operator_is_told(agent):
    give_app(agent)

    call_command("reset_second_factor", "agent")

    [text] = mailed(agent)
    assert "By: the person who runs the portal" in text


def test_it_is_written_by_the_clock_of_its_reader(settings):
    person = make_user("far", language="en", time_zone="Asia/Tokyo")
    client = Client()
    sign_in(client, person)

    client.post("/accounts/password/change/", {"oldpassword": "demo-far", **NEW})

    assert "(Asia/Tokyo), which is" in mailed(person)[0]


@pytest.mark.parametrize(("language", "day"), [("en", "j F Y"), ("de", "j. F Y"), ("fr", "j F Y")])
def test_the_day_is_written_as_the_language_writes_it(language, day):
    person = make_user("reader", language=language)
    client = Client()
    sign_in(client, person)

    client.post("/accounts/password/change/", {"oldpassword": "demo-reader", **NEW})

    at = timezone.localtime(SignInEvent.objects.get(kind="password_changed").at)
    with translation.override(language):
        assert date_format(at, f"{day} H:i") in mailed(person)[0]


def test_who_fails_or_only_signs_in_is_told_nothing(here, reporter):
    here.post("/accounts/password/change/", {"oldpassword": "wrong", **NEW})
    sign_in(Client(), reporter)
    sign_in(Client(), reporter, "wrong")

    assert mail.outbox == []


def test_who_has_no_address_is_told_nothing_and_changes_it_still():
    person = make_user("silent", email="")
    client = Client()
    sign_in(client, person)

    client.post("/accounts/password/change/", {"oldpassword": "demo-silent", **NEW})

    assert SignInEvent.objects.filter(kind="password_changed").exists()
    assert mail.outbox == []


def test_a_mail_sent_twice_shows_as_one(here, reporter):
    here.post("/accounts/password/change/", {"oldpassword": "demo-reporter", **NEW})

    notices.send(SignInEvent.objects.get(kind="password_changed").pk)

    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
