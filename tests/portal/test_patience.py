"""A notice about one's account outlives a mail server that is down for hours."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from portal import audit, notices, patience, prometheus, signin_mails
from portal.audit import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def queued(monkeypatch):
    """Jobs wait in their table, as they do in production."""
    cache.clear()
    monkeypatch.setattr(Conf, "SYNC", False)


@pytest.fixture
def breaks(monkeypatch):
    """A mail server that does what is given."""

    def break_with(problem: Exception) -> None:
        def send(self, **_options) -> None:
            raise problem

        monkeypatch.setattr(EmailMessage, "send", send)

    return break_with


@pytest.fixture
def event(reporter):
    return audit.note(Kind.PASSWORD_CHANGED, who=reporter, by=reporter)


def waiting() -> list[tuple[str, int, timedelta]]:
    """Which jobs wait, after how many tries, and for how long from now."""
    rows = [(SignedPackage.loads(row.payload), row.lock) for row in OrmQ.objects.order_by("pk")]
    now = timezone.now()
    return [(job["func"], job["kwargs"]["tries"], lock - now) for job, lock in rows]


def test_it_is_tried_again_later_and_each_time_later_still(event, breaks):
    breaks(ConnectionRefusedError())

    notices.send(event.pk)
    notices.send(event.pk, tries=6)

    [(first, one, soon), (second, seven, late)] = waiting()
    assert {first, second} == {"portal.notices.send"}
    assert (one, seven) == (1, 7)
    assert timedelta(seconds=50) < soon <= timedelta(minutes=1)
    assert timedelta(minutes=55) < late <= timedelta(hours=1)


def test_the_job_that_waited_sends_the_mail(event, reporter, monkeypatch):
    with monkeypatch.context() as while_down:
        while_down.setattr(EmailMessage, "send", refuse)
        notices.send(event.pk)
    job = SignedPackage.loads(OrmQ.objects.get().payload)

    notices.send(*job["args"], **job["kwargs"])

    assert [message.to for message in mail.outbox] == [[reporter.email]]


def refuse(self, **_options) -> None:
    raise smtplib.SMTPServerDisconnected


def test_after_a_day_it_is_given_up_loudly(event, breaks, caplog):
    breaks(TimeoutError())
    tries = 0
    while True:
        OrmQ.objects.all().delete()
        notices.send(event.pk, tries=tries)
        if not waiting():
            break
        tries += 1

    total = sum(patience.PAUSES[:tries], timedelta())
    assert timedelta(hours=23) < total <= timedelta(days=1)
    assert "mail_given_up" in caplog.text
    assert patience.given_up() == 1
    [metric] = [each for each in prometheus.House().collect() if "given_up" in each.name]
    assert metric.samples[0].value == 1


def test_a_link_that_nobody_waits_for_any_more_is_not_sent_a_day_later(reporter, breaks):
    breaks(TimeoutError())

    for tries in range(6):
        signin_mails.send_reset(reporter.pk, tries=tries)
    assert len(waiting()) == 6
    OrmQ.objects.all().delete()
    signin_mails.send_reset(reporter.pk, tries=6)

    assert waiting() == []


@pytest.mark.parametrize(("code", "is_tried_again"), [(550, False), (450, True)])
def test_a_mailbox_that_does_not_exist_is_not_tried_for_a_day(breaks, code, is_tried_again):
    breaks(smtplib.SMTPRecipientsRefused({"nobody@tocsin.test": (code, b"no such user")}))

    signin_mails.send_unknown("nobody@tocsin.test", "en")

    assert bool(waiting()) is is_tried_again
    assert patience.given_up() == 0


def test_no_log_line_names_the_address(event, reporter, breaks, caplog):
    breaks(smtplib.SMTPRecipientsRefused({reporter.email: (550, b"no")}))

    notices.send(event.pk)

    assert "mail_refused" in caplog.text
    assert reporter.email not in caplog.text
