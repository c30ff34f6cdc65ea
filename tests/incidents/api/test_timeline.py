"""What happened, and what is said: notes for the team, replies for the reporter, messages back."""

import pytest

from incidents import timeline
from incidents.models import TimelineEntry
from incidents.states import WaitingOn
from tests.calling import Caller, problem, refused_fields, told
from tests.factories import fresh, make_incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident(reporter):
    return make_incident("triage", reporter=reporter)


def entries(user, incident) -> list[dict]:
    return told(Caller(user).get(f"incidents/{incident.reference}/timeline/"))["results"]


def say(user, incident, body):
    return Caller(user).post(f"incidents/{incident.reference}/timeline/", body)


def test_the_team_gets_every_entry_in_order_with_its_hashes(agent, incident):
    shown = entries(agent, incident)

    assert [each["sequence"] for each in shown] == list(range(1, len(shown) + 1))
    assert shown[0]["previous_hash"] == timeline.GENESIS
    assert all(
        later["previous_hash"] == earlier["hash"]
        for earlier, later in zip(shown, shown[1:], strict=False)
    )
    assert list(timeline.breaks()) == []


def test_an_agent_adds_a_note_that_no_reporter_sees(agent, reporter, outsider, incident):
    note = told(say(agent, incident, {"text": "Smells of zebra."}), 201)

    assert (note["kind"], note["public"], note["actor"]) == ("note", False, "agent")
    assert "zebra" not in str(entries(reporter, incident))
    problem(Caller(outsider).get(f"incidents/{incident.reference}/timeline/"), 404)


def test_public_false_is_a_note(agent, reporter, incident):
    told(say(agent, incident, {"text": "Smells of zebra.", "public": False}), 201)

    assert "zebra" not in str(entries(reporter, incident))


def test_a_reply_reaches_the_reporter(agent, reporter, incident):
    reply = told(say(agent, incident, {"text": "Which door was it?", "public": True}), 201)

    assert (reply["kind"], reply["public"]) == ("reply", True)
    assert [each["text"] for each in entries(reporter, incident) if each["kind"] == "reply"] == [
        "Which door was it?"
    ]


def test_nothing_tells_a_reporter_of_what_is_internal(agent, reporter, incident):
    told(say(agent, incident, {"text": "Smells of zebra."}), 201)
    told(say(agent, incident, {"text": "Which door was it?", "public": True}), 201)

    for entry in entries(reporter, incident):
        assert entry["public"] is True
        assert {"sequence", "hash", "previous_hash", "actor"} & set(entry) == set()


def test_a_reporter_answers_on_their_own_ticket(reporter, agent, incident):
    incident.waiting_on = WaitingOn.REPORTER
    incident.save()

    message = told(say(reporter, incident, {"text": "The back door."}), 201)

    assert (message["kind"], message["public"]) == ("message", True)
    assert fresh(incident).waiting_on == WaitingOn.NONE
    assert "The back door." in str(entries(agent, incident))


def test_a_reporter_writes_no_internal_note(reporter, incident):
    problem(say(reporter, incident, {"text": "Psst.", "public": False}), 403)


def test_others_write_nothing(outsider, auditor, admin, incident):
    written = TimelineEntry.objects.count()

    problem(say(outsider, incident, {"text": "Hello?"}), 404)
    problem(say(admin, incident, {"text": "Hello?"}), 404)
    problem(say(auditor, incident, {"text": "Hello?"}), 403)

    assert TimelineEntry.objects.count() == written


def test_the_officer_notes_but_does_not_reply(dpo, reporter):
    incident = make_incident(reporter=reporter, breach_status="suspected")

    told(say(dpo, incident, {"text": "No names in it."}), 201)
    problem(say(dpo, incident, {"text": "Hello.", "public": True}), 403)


def test_a_closed_ticket_still_takes_the_reporters_words(reporter):
    incident = make_incident("closed", reporter=reporter)

    told(say(reporter, incident, {"text": "It came back."}), 201)


BAD = [
    ({}, {"text"}),
    ({"text": ""}, {"text"}),
    ({"text": " \n "}, {"text"}),
    ({"text": "\u200b"}, {"text"}),
    ({"text": None}, {"text"}),
    ({"text": 5}, {"text"}),
    ({"text": ["x"]}, {"text"}),
    ({"text": "\x00"}, {"text"}),
    ({"text": "\ud800"}, {"text"}),
    ({"text": "\u202eevil"}, {"text"}),
    ({"text": "x" * 1_000_000}, {"text"}),
    ({"text": "Fine.", "public": "yes"}, {"public"}),
    ({"text": "Fine.", "public": 1}, {"public"}),
    ({"text": "Fine.", "public": None}, {"public"}),
    ({"text": "Fine.", "at": "2026-01-01"}, {"at"}),
]


@pytest.mark.parametrize(("body", "names"), BAD, ids=[ascii(body)[:40] for body, _names in BAD])
def test_bad_input_is_named_and_nothing_is_written(agent, reporter, incident, body, names):
    written = TimelineEntry.objects.count()

    for user in (agent, reporter):
        assert refused_fields(say(user, incident, body)) == names

    assert TimelineEntry.objects.count() == written
