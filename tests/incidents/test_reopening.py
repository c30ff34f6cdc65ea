"""Asking to reopen: the reporter, on a closed incident, within thirty days, one at a time."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from incidents import conversation, lifecycle, rights
from incidents.events import message_received, reopening_requested
from incidents.models import Incident
from incidents.states import Confidentiality, Outcome, State
from tests.factories import fresh, make_incident, resolving

WHY = "It happened again this morning."


@pytest.fixture
def closed(reporter):
    return make_incident(State.CLOSED, reporter=reporter)


def is_refused(incident, by, text=WHY) -> bool:
    before = incident.timeline.count()
    try:
        with transaction.atomic():
            conversation.ask_to_reopen(incident, text, by=by)
    except (ValidationError, rights.Denied):
        assert incident.timeline.count() == before
        return True
    return False


def waiting() -> list[Incident]:
    return list(conversation.asking_to_reopen(Incident.objects.all()))


def test_a_request_is_a_public_message_that_says_what_it_is(closed, reporter):
    entry = conversation.ask_to_reopen(closed, f" {WHY} ", by=reporter)

    assert (entry.kind, entry.text, entry.is_public) == ("message", WHY, True)
    assert entry.data == {"asks_to_reopen": True}
    assert fresh(closed).state == State.CLOSED
    assert fresh(closed).version > closed.version


def test_a_request_is_announced_first_and_its_words_after(closed, reporter):
    heard = []

    def hear(sender, signal, entry, **kwargs):
        heard.append((signal, entry.text))

    for signal in (reopening_requested, message_received):
        signal.connect(hear)
    try:
        conversation.ask_to_reopen(closed, WHY, by=reporter)
    finally:
        for signal in (reopening_requested, message_received):
            signal.disconnect(hear)

    assert heard == [(reopening_requested, WHY), (message_received, WHY)]


def test_only_the_reporter_may_ask(closed, people):
    allowed = {name for name, person in people.items() if not is_refused(closed, person)}

    assert allowed == {"reporter"}


def test_a_report_without_reporter_is_reopened_by_the_team_only(closed, reporter):
    Incident.objects.filter(pk=closed.pk).update(reporter=None)

    assert is_refused(closed, reporter)


@pytest.mark.parametrize("state", [state for state in State if state != State.CLOSED])
def test_an_open_one_needs_no_request(state, reporter):
    assert is_refused(make_incident(state, reporter=reporter), reporter)


@pytest.mark.parametrize("outcome", Outcome.values)
def test_every_outcome_may_be_asked_about(closed, reporter, outcome):
    Incident.objects.filter(pk=closed.pk).update(outcome=outcome)

    assert not is_refused(closed, reporter)


@pytest.mark.parametrize(
    ("ago", "in_time"),
    [
        (timedelta(days=29, hours=23), True),
        (timedelta(days=30), False),
        (timedelta(days=400), False),
    ],
)
def test_it_may_be_asked_for_thirty_days(closed, reporter, ago, in_time):
    Incident.objects.filter(pk=closed.pk).update(closed_at=timezone.now() - ago)

    assert (conversation.reopen_until(fresh(closed)) is not None) == in_time
    assert is_refused(closed, reporter) != in_time


def test_while_one_waits_a_second_is_refused_with_words_and_after_an_answer_it_is_not(
    closed, reporter, agent
):
    conversation.ask_to_reopen(closed, WHY, by=reporter)

    with pytest.raises(ValidationError, match="asked already"), transaction.atomic():
        conversation.ask_to_reopen(closed, "Hello?", by=reporter)
    conversation.reply(closed, "It was the old mail, shown again.", by=agent)

    assert not is_refused(closed, reporter)


@pytest.mark.parametrize("text", ["", " \n ", "a\x00b", "x" * 20_001, None])
def test_what_cannot_be_used_is_named(closed, reporter, text):
    with pytest.raises(ValidationError) as refused, transaction.atomic():
        conversation.ask_to_reopen(closed, text, by=reporter)

    assert set(refused.value.message_dict) == {"text"}


def test_it_waits_until_it_is_reopened(closed, reporter, manager):
    conversation.ask_to_reopen(closed, WHY, by=reporter)
    before = waiting()

    lifecycle.transition(closed, "reopen", by=manager, inputs={"reason": "It is back."})

    assert (before, waiting()) == ([closed], [])


def test_it_waits_until_it_is_answered_and_neither_a_note_nor_a_message_settles_it(
    closed, reporter, agent
):
    conversation.ask_to_reopen(closed, WHY, by=reporter)
    conversation.note(closed, "Is it?", by=agent)
    conversation.receive(closed, "And again.", by=reporter)
    before = waiting()

    conversation.reply(closed, "It was something else.", by=agent)

    assert (before, waiting()) == ([closed], [])
    assert conversation.request_to_reopen(fresh(closed)) is None


def test_a_request_of_before_the_last_closing_waits_no_more(closed, reporter, manager):
    conversation.ask_to_reopen(closed, WHY, by=reporter)
    for step, inputs in (
        ("reopen", {"reason": "It is back."}),
        ("declare", {"category": "fraud/phishing", "severity": 3}),
        ("resolve", resolving(resolution="It was the old mail, shown once again.")),
        ("close", {}),
    ):
        lifecycle.transition(fresh(closed), step, by=manager, inputs=inputs)

    assert waiting() == []
    assert not is_refused(closed, reporter)


def test_who_waits_is_found_in_one_query_with_since_when(
    closed, reporter, django_assert_num_queries
):
    entry = conversation.ask_to_reopen(closed, WHY, by=reporter)
    make_incident(State.CLOSED, reporter=reporter)

    with django_assert_num_queries(1):
        found = waiting()

    assert [each.asked_at for each in found] == [entry.at]
    assert entry.at <= timezone.now()


def test_of_a_restricted_one_the_reporter_may_ask_too(closed, reporter):
    Incident.objects.filter(pk=closed.pk).update(confidentiality=Confidentiality.RESTRICTED)

    assert not is_refused(closed, reporter)
