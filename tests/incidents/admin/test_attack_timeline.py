"""The attack timeline on the page: by the time it happened, apart from the work log."""

from incidents import conversation
from incidents.models.timeline import Kind
from tests.console import on, words_of
from tests.factories import make_incident

WORDS = {"precision": "about", "text": "Share link made."}


def test_what_the_attacker_did_stands_by_the_time_it_happened(handler):
    incident = make_incident()
    handler.post(on(incident, "attack"), **WORDS, happened_at="2026-11-02T16:20")
    handler.post(
        on(incident, "attack"), **{**WORDS, "text": "Before that."}, happened_at="2026-11-01T09:00"
    )
    conversation.note(incident, "A note of today.", by=handler.user)

    alone = words_of(handler.get(on(incident), show="attack"))
    work = words_of(handler.get(on(incident), show="work"))
    everything = words_of(handler.get(on(incident)))

    assert alone.index("16:20 Share link made.") < alone.index("09:00 Before that.")
    assert "entered by handler at" in alone
    assert "A note of today." not in alone
    assert "Share link made." not in work
    assert everything.index("A note of today.") < everything.index("Share link made.")
    assert "Attack timeline 2" in everything


def test_without_a_moment_it_is_not_added_and_the_words_are_kept(handler):
    incident = make_incident()

    answer = handler.post(on(incident, "attack"), **WORDS, happened_at="")

    assert "Say when it happened." in words_of(answer)
    assert "Share link made." in words_of(answer)
    assert not incident.timeline.filter(kind=Kind.ATTACK).exists()


def test_who_may_not_write_notes_may_not_write_here(auditor, reporter, superuser):
    incident = make_incident()

    answers = [
        who.post(on(incident, "attack"), **WORDS, happened_at="2026-11-02T16:20").status_code
        for who in (auditor, reporter, superuser)
    ]

    assert set(answers) <= {403, 404}
    assert not incident.timeline.filter(kind=Kind.ATTACK).exists()
