"""What is over is thrown away once an hour, and nothing that somebody still needs."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from portal import housekeeping, supervisor
from portal.models import Draft, IdempotencyRecord
from portal.supervisor import Watch
from tests.portal.totp import sign_in

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=31)


def aged(rows, field: str = "created_at", age: timedelta = LONG_AGO) -> None:
    rows.update(**{field: timezone.now() - age})


def test_old_answers_and_drafts_go_and_fresh_ones_stay(reporter):
    for key in ("old", "fresh"):
        IdempotencyRecord.objects.create(user=reporter, key=key, request_digest="x")
        Draft.objects.create(user=reporter, path=f"/{key}/")
    aged(IdempotencyRecord.objects.filter(key="old"))
    aged(Draft.objects.filter(path="/old/"))

    housekeeping.clean_up()

    assert [each.key for each in IdempotencyRecord.objects.all()] == ["fresh"]
    assert [each.path for each in Draft.objects.all()] == ["/fresh/"]


def test_sessions_that_are_over_go_and_their_lines_with_them(reporter, outsider):
    gone, here = Client(), Client()
    sign_in(gone, reporter)
    sign_in(here, outsider)
    over = Session.objects.filter(session_key=gone.session.session_key)
    over.update(expire_date=timezone.now() - timedelta(seconds=1))
    aged(UserSession.objects)

    housekeeping.clean_up()
    housekeeping.clean_up()

    assert Session.objects.count() == 1
    assert [each.user for each in UserSession.objects.all()] == [outsider]
    assert here.get("/tickets/").status_code == 200


def test_a_session_that_begins_this_moment_keeps_its_line(reporter):
    sign_in(Client(), reporter)
    Session.objects.all().delete()

    housekeeping.clean_up()

    assert UserSession.objects.count() == 1


def test_the_supervisor_has_it_done_once_an_hour(monkeypatch):
    queued: list[str] = []
    monkeypatch.setattr(supervisor, "async_task", queued.append)
    watch = Watch()

    watch.keep_house()
    assert queued == []

    watch.clean_up_at = 0.0
    watch.keep_house()
    watch.keep_house()
    assert queued == ["portal.housekeeping.clean_up"]
