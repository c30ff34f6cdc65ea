"""Sent once by one worker, tried again with patience, and never lost in silence."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from incidents import access
from incidents.models.timeline import Kind
from incidents.states import Confidentiality, Priority
from tests.factories import fresh, make_report
from workflows import alerts, delivery, jobs
from workflows.models import Alert

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident(reporter):
    """Reported before there was a team: nobody has been rung for it."""
    return make_report(reporter)


@pytest.fixture
def alert(incident, team, reference) -> Alert:
    """Waits for the handler."""
    [row] = alerts.request(incident, roles=["IH"], why="a test", cause="test", priority=Priority.P1)
    return row


def later(**units):
    return time_machine.travel(timezone.now() + timedelta(**units), tick=False)


def problems(incident) -> list[str]:
    return [entry.text for entry in incident.timeline.filter(kind=Kind.PROBLEM)]


def test_the_answer_of_the_mail_server_is_kept_word_for_word(alert, post_office):
    alerts.send(alert.pk)

    sent = fresh(alert)
    [attempt] = sent.attempts.all()
    assert (sent.state, sent.tries) == (Alert.State.SENT, 1)
    assert sent.sent_at is not None
    assert (attempt.succeeded, attempt.answer) == (True, "250 2.0.0 Ok: queued as 4F1A2")
    assert post_office.messages[0]["To"] == "handler@tocsin.test"


def test_sending_twice_sends_once(alert, post_office):
    jobs.deliver([alert.pk, alert.pk])
    jobs.deliver([alert.pk])

    assert len(post_office.messages) == 1
    assert fresh(alert).attempts.count() == 1


def test_of_two_workers_only_one_gets_it(alert):
    first, second = delivery.claim(alert.pk), delivery.claim(alert.pk)

    assert first == alert
    assert second is None


def test_an_alert_that_does_not_exist_is_no_error():
    jobs.deliver([0, 10**12])

    assert Alert.objects.count() == 0


def test_a_temporary_failure_waits_longer_each_time(alert, smtp):
    waits = []
    for _try in range(7):
        with time_machine.travel(fresh(alert).next_try_at, tick=False):
            alerts.send(alert.pk)
            waits.append((fresh(alert).next_try_at - timezone.now()).total_seconds())

    assert waits == [30, 60, 120, 300, 900, 900, 900]
    assert fresh(alert).state == Alert.State.WAITING
    assert fresh(alert).attempts.filter(succeeded=False, is_permanent=False).count() == 7


def test_it_is_not_tried_before_its_time(alert, smtp):
    alerts.send(alert.pk)
    alerts.send(alert.pk)

    assert fresh(alert).tries == 1


def test_a_server_that_comes_back_gets_it(alert, post_office):
    post_office.to_data = "451 4.3.0 Try again later"
    alerts.send(alert.pk)
    post_office.to_data = "250 2.0.0 Ok"

    with later(seconds=31):
        alerts.send(alert.pk)

    answers = [attempt.answer for attempt in alert.attempts.all()]
    assert answers == ["451 4.3.0 Try again later", "250 2.0.0 Ok"]
    assert fresh(alert).state == Alert.State.SENT


def test_a_permanent_failure_is_loud_and_rings_the_next_level_at_once(
    alert, incident, post_office, caplog
):
    post_office.to_recipient = "550 5.1.1 No such user here"

    alerts.send(alert.pk)

    assert fresh(alert).state == Alert.State.FAILED
    assert alert.attempts.get().is_permanent
    assert "alert_failed" in caplog.text
    assert "An alert could not be delivered to handler." in problems(incident)
    next_level = incident.alerts.filter(level=2)
    assert {row.recipient.username for row in next_level} == {"agent", "handler"}


def test_the_last_try_ends_like_a_permanent_failure(alert, incident, smtp):
    Alert.objects.filter(pk=alert.pk).update(tries=delivery.TRIES_MOST - 1)

    alerts.send(alert.pk)

    assert fresh(alert).state == Alert.State.FAILED
    assert not alert.attempts.get().is_permanent
    assert len(problems(incident)) >= 1
    assert incident.alerts.filter(level=2).exists()


def test_several_failures_of_one_level_ring_the_next_one_only(incident, alert, post_office):
    more = alerts.request(
        incident, roles=["MIM", "CISO"], why="a test", cause="more", priority=Priority.P1
    )
    post_office.to_recipient = "550 5.1.1 No such user here"

    jobs.deliver([alert.pk, *(row.pk for row in more)])

    assert incident.alerts.filter(state=Alert.State.FAILED).count() == 3
    assert set(incident.alerts.values_list("level", flat=True)) == {1, 2}


def another(alert: Alert, **changes) -> Alert:
    """A second alert like this one but for `changes`: what is stored of an alert stays."""
    copied = Alert.objects.get(pk=alert.pk)
    copied.pk, copied.dedupe_key = None, f"{alert.dedupe_key}:another"
    for name, value in changes.items():
        setattr(copied, name, value)
    copied.save(force_insert=True)
    return copied


def test_a_person_without_an_address_is_a_permanent_failure(alert, incident, post_office):
    alert = another(alert, address="")

    alerts.send(alert.pk)

    assert fresh(alert).state == Alert.State.FAILED
    assert "An alert could not be delivered to handler." in problems(incident)


def test_a_receipt_that_bounces_is_noted_and_rings_nobody(incident, alert, reporter, post_office):
    post_office.to_recipient = "550 5.1.1 No such user here"
    receipt = incident.alerts.get(kind=Alert.Kind.RECEIPT)

    alerts.send(receipt.pk)

    assert "An alert could not be delivered to the reporter." in problems(incident)
    assert not incident.alerts.filter(level=2).exists()


def test_an_alert_in_the_console_is_delivered_by_being_there(incident, team, reference):
    [row] = alerts.request(incident, roles=["SDA"], why="a test", cause="p4", priority=4)

    alerts.send(row.pk)

    assert fresh(row).state == Alert.State.SENT
    assert row.attempts.get().answer == "Shown in the console."


def test_a_text_that_cannot_be_written_is_a_failed_try_and_stops_no_other(
    incident, alert, mailoutbox, caplog
):
    alert = another(alert, template="no-such-text")
    receipt = incident.alerts.get(kind=Alert.Kind.RECEIPT)

    jobs.deliver([alert.pk, receipt.pk])

    assert fresh(alert).state == Alert.State.WAITING
    assert "TemplateDoesNotExist" in alert.attempts.get().answer
    assert "alert_broke" in caplog.text
    assert fresh(receipt).state == Alert.State.SENT


def test_who_may_no_longer_know_is_not_told(incident, alert, team, post_office):
    access.restrict_to(incident, [team["ciso"]])
    type(incident).objects.filter(pk=incident.pk).update(confidentiality=Confidentiality.RESTRICTED)

    alerts.send(alert.pk)

    assert post_office.messages == []
    assert "restricted" in alert.attempts.get().answer


# --- The sweep ----------------------------------------------------------------------------------


def test_the_sweep_finds_a_wake_up_that_was_lost(alert, mailoutbox):
    alerts.sweep(timezone.now())

    assert fresh(alert).state == Alert.State.SENT
    assert "handler@tocsin.test" in {mail.to[0] for mail in mailoutbox}


def test_the_sweep_leaves_alone_what_is_not_due(alert, mailoutbox):
    Alert.objects.update(next_try_at=timezone.now() + timedelta(minutes=1))

    alerts.sweep(timezone.now())

    assert fresh(alert).tries == 0
    assert mailoutbox == []


def test_the_sweep_takes_back_what_a_dead_worker_was_sending(alert, mailoutbox):
    delivery.claim(alert.pk)

    alerts.sweep(timezone.now() + timedelta(seconds=100))
    assert fresh(alert).state == Alert.State.SENDING
    with later(seconds=121):
        alerts.sweep(timezone.now())

    assert fresh(alert).state == Alert.State.SENT
    assert [attempt.succeeded for attempt in alert.attempts.all()] == [False, True]


def test_an_alert_that_kills_every_worker_ends_as_failed(alert, incident):
    delivery.claim(alert.pk)
    Alert.objects.filter(pk=alert.pk).update(tries=delivery.TRIES_MOST)

    with later(minutes=3):
        alerts.sweep(timezone.now())

    assert fresh(alert).state == Alert.State.FAILED
    assert "An alert could not be delivered to handler." in problems(incident)


def test_a_late_answer_of_a_worker_that_was_given_up_still_counts(alert):
    claimed = delivery.claim(alert.pk)
    delivery.release(claimed, timezone.now())

    delivery.note_success(claimed, "250 Ok")

    assert fresh(alert).state == Alert.State.SENT
    assert delivery.claim(alert.pk) is None


def test_a_late_failure_of_a_worker_that_was_given_up_does_not_take_it_from_the_next(alert):
    first = delivery.claim(alert.pk)
    delivery.release(first, timezone.now())
    second = delivery.claim(alert.pk)

    delivery.note_failure(first, "timed out", is_permanent=False)

    assert fresh(alert).state == Alert.State.SENDING
    assert fresh(alert).claimed_at == second.claimed_at


# --- What readiness asks ------------------------------------------------------------------------


def test_the_longest_waiting_alert_counts_from_its_birth(alert, mailoutbox):
    assert alerts.oldest_waiting() == fresh(alert).created_at

    alerts.send(alert.pk)

    assert alerts.oldest_waiting() is None


def test_a_reporters_full_mailbox_does_not_make_the_house_look_dead(incident):
    assert incident.alerts.get().kind == Alert.Kind.RECEIPT
    assert alerts.oldest_waiting() is None
