"""What is said: reporters write, the team replies, notes stay inside."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from incidents import conversation
from incidents.states import State, WaitingOn
from tests.attempts import is_allowed
from tests.factories import fresh, make_incident

UNUSABLE = ["", "  \n", "\u200b\u2060", "NUL \x00", "\ud800", "\u202eturned", "x" * 20_001, None, 5]


@pytest.fixture
def incident(reporter):
    return make_incident(State.TRIAGE, reporter=reporter)


def test_a_message_of_the_reporter_is_public_and_word_for_word(incident, reporter):
    entry = conversation.receive(incident, " It was\n\nopen  again. ", by=reporter)

    assert (entry.kind, entry.actor, entry.is_public) == ("message", reporter, True)
    assert entry.text == "It was\n\nopen  again."
    assert fresh(incident).version > incident.version


def test_a_message_answers_what_the_team_waits_for(incident, reporter, agent):
    conversation.reply(incident, "Since when?", by=agent, asks=True)
    assert fresh(incident).waiting_on == WaitingOn.REPORTER

    conversation.receive(incident, "Since Monday.", by=reporter)

    assert fresh(incident).waiting_on == WaitingOn.NONE


@pytest.mark.parametrize("waiting", [WaitingOn.SUPPLIER, WaitingOn.AUTHORITY])
def test_a_message_ends_no_other_waiting(waiting, incident, reporter):
    type(incident).objects.filter(pk=incident.pk).update(waiting_on=waiting)

    conversation.receive(incident, "Any news?", by=reporter)

    assert fresh(incident).waiting_on == waiting


def test_a_reply_reaches_the_reporter_and_a_note_does_not(incident, agent):
    reply = conversation.reply(incident, "We are on it.", by=agent)
    note = conversation.note(incident, "Looks harmless.", by=agent)

    assert (reply.kind, reply.is_public) == ("reply", True)
    assert (note.kind, note.is_public) == ("note", False)
    public = incident.timeline.filter(is_public=True)
    assert reply in public
    assert note not in public


@pytest.mark.parametrize(
    ("speak", "who"),
    [
        (conversation.reply, {"agent", "handler", "manager", "ciso"}),
        (conversation.note, {"agent", "handler", "manager", "ciso", "dpo"}),
    ],
)
def test_the_team_speaks_by_right(speak, who, incident, people):
    allowed = {
        name
        for name, person in people.items()
        if is_allowed(lambda by=person: speak(incident, "Noted.", by=by))
    }

    assert allowed == who


@pytest.mark.parametrize("text", UNUSABLE)
@pytest.mark.parametrize(
    "speak", [conversation.receive, conversation.reply, conversation.note], ids=lambda f: f.__name__
)
def test_what_cannot_be_used_is_named_and_nothing_is_written(speak, text, incident, agent):
    before = incident.timeline.count()

    with pytest.raises(ValidationError) as refused, transaction.atomic():
        speak(incident, text, by=agent)

    assert set(refused.value.message_dict) == {"text"}
    assert incident.timeline.count() == before


def test_the_longest_message_is_taken(incident, reporter):
    assert len(conversation.receive(incident, "x" * 20_000, by=reporter).text) == 20_000


def test_a_closed_incident_takes_messages_replies_and_notes(reporter, agent):
    closed = make_incident(State.CLOSED, reporter=reporter)

    conversation.receive(closed, "It is open again!", by=reporter)
    conversation.reply(closed, "We look into it.", by=agent)
    conversation.note(closed, "Reopen?", by=agent)

    assert fresh(closed).state == State.CLOSED
