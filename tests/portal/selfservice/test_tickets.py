"""My tickets: one's own, in plain words, with nothing that the team keeps to itself."""

import pytest
from django.core.files.storage import Storage
from django.test import Client

from incidents import conversation, evidence, lifecycle, timeline
from incidents.models import Incident
from incidents.models.evidence import evidence_storage
from incidents.models.timeline import Kind
from incidents.states import Outcome, State, WaitingOn
from portal.models import IdempotencyRecord
from tests.factories import RESOLUTION, finish_all, fresh, make_incident, make_report
from tests.portal.selfservice.typed import form_key, picture, pictures, signed_in, summary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "team")]

SAID = {Kind.MESSAGE, Kind.REPLY, Kind.SHARED_UPDATE}
SECRET = "MARKER-nobody-outside-may-read"


@pytest.fixture
def ticket(reporter) -> Incident:
    return make_report(reporter, subject="The list lies open")


def page_of(user, incident) -> str:
    response = signed_in(user).get(f"/tickets/{incident.reference}/")
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_holds_my_tickets_and_no_others(reporter, outsider, ticket):
    make_report(outsider, subject="Something of another")

    page = signed_in(reporter).get("/tickets/").content.decode()

    assert "The list lies open" in page
    assert "Something of another" not in page


def test_an_empty_list_says_what_will_be_here(outsider, ticket):
    page = signed_in(outsider).get("/tickets/").content.decode()

    assert "You have reported nothing yet" in page
    assert "The list lies open" not in page


def test_the_team_does_not_read_tickets_here(agent, handler, ticket):
    for member in (agent, handler):
        assert "The list lies open" not in signed_in(member).get("/tickets/").content.decode()
        assert signed_in(member).get(f"/tickets/{ticket.reference}/").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_ticket_of_another_does_not_exist(outsider, ticket, method):
    theirs = getattr(signed_in(outsider), method)(f"/tickets/{ticket.reference}/", {"text": "hi"})
    nobodys = getattr(signed_in(outsider), method)("/tickets/INC-999999/", {"text": "hi"})

    assert theirs.status_code == nobodys.status_code == 404
    assert ticket.timeline.filter(kind=Kind.MESSAGE).count() == 0


@pytest.mark.parametrize("reference", ["x", "INC-", "INC-99999999999999999999", "INC-٣", "%00"])
def test_guessing_finds_nothing(reporter, reference):
    assert signed_in(reporter).get(f"/tickets/{reference}/").status_code == 404


def test_a_stranger_is_asked_to_sign_in(ticket):
    path = f"/tickets/{ticket.reference}/"

    assert Client().get("/tickets/").url == "/accounts/login/?next=/tickets/"
    assert Client().get(path).url == f"/accounts/login/?next={path}"
    assert Client().post(path).url == f"/accounts/login/?next={path}"


STATUSES = {
    State.NEW: "Received",
    State.TRIAGE: "Being looked at",
    State.RESPONDING: "Being looked at",
    State.RESOLVED: "Solved",
    State.CLOSED: "Closed",
}


@pytest.mark.parametrize("state", STATUSES)
def test_the_status_is_in_plain_words(reporter, state):
    incident = make_incident(state, reporter=reporter)

    client = signed_in(reporter)
    for path in ("/", "/tickets/", f"/tickets/{incident.reference}/"):
        assert STATUSES[state] in client.get(path).content.decode()


@pytest.mark.parametrize("state", [State.RESOLVED, State.CLOSED])
def test_at_the_end_it_tells_the_outcome_and_thanks_and_no_resolution(reporter, state):
    incident = make_incident(state, reporter=reporter)

    page = page_of(reporter, incident)

    assert "It was real, and you helped us to end it." in page
    assert "Thank you for telling us." in page
    assert RESOLUTION not in page
    assert incident.root_cause not in page


@pytest.mark.parametrize("outcome", Outcome.values)
def test_whatever_it_was_the_reporter_did_right(reporter, outcome):
    incident = make_incident(State.CLOSED, reporter=reporter, outcome=outcome)

    page = page_of(reporter, incident)

    assert "Thank you for telling us." in page
    assert "You did right to tell us" in page or "just what one should do" in page


def test_an_outcome_that_is_not_settled_is_not_told(reporter):
    incident = make_incident(State.RESPONDING, reporter=reporter, outcome=Outcome.CONFIRMED)

    assert "It was real" not in page_of(reporter, incident)


def test_a_ticket_dismissed_early_shows_no_stops_that_it_never_saw(reporter, handler):
    incident = make_incident(State.TRIAGE, reporter=reporter, handler=handler)
    finish_all(incident)
    lifecycle.transition(
        incident,
        "dismiss",
        by=handler,
        inputs={"outcome": "false_positive", "resolution": RESOLUTION},
    )

    page = page_of(reporter, incident)

    assert page.count("Being looked at") == 1
    assert "Solved" not in page
    assert "It turned out to be harmless. You did right to tell us" in page


def test_what_was_said_in_public_is_shown(reporter, handler, ticket):
    conversation.reply(ticket, "Please leave the link off.", by=handler)
    conversation.receive(ticket, "I have done so.", by=reporter)

    page = page_of(reporter, ticket)

    assert page.index("I have done so.") < page.index("Please leave the link off.")
    assert ticket.description in page


def test_nothing_internal_ever_shows(reporter, handler):
    incident = make_incident(State.RESPONDING, reporter=reporter, resolution=SECRET)
    conversation.note(incident, SECRET, by=handler)
    evidence.store(incident, picture(f"{SECRET}.png"), by=handler)
    for kind in Kind:
        timeline.append(incident, kind, by=handler, text=SECRET, data={"text": SECRET})
    for kind in set(Kind) - {*SAID, Kind.EVIDENCE}:
        timeline.append(incident, kind, by=handler, text=SECRET, public=True)

    client = signed_in(reporter)
    done = f"/report/done/{incident.reference}/"
    for path in ("/", "/tickets/", f"/tickets/{incident.reference}/", done):
        assert SECRET not in client.get(path).content.decode()


def test_a_message_is_added_once(reporter, ticket):
    client = signed_in(reporter)
    path = f"/tickets/{ticket.reference}/"
    sent = {"text": "It went to the project list.", "form_key": form_key(client, path)}

    client.post(path, sent)
    response = client.post(path, sent)

    assert response.url == path
    entry = ticket.timeline.get(kind=Kind.MESSAGE)
    assert (entry.text, entry.actor, entry.is_public) == (sent["text"], reporter, True)


def test_text_and_files_are_added_together(reporter, ticket):
    path = f"/tickets/{ticket.reference}/"

    signed_in(reporter).post(path, {"text": "See here", "files": [picture()]})

    page = page_of(reporter, ticket)
    assert "See here" in page
    assert "screen.png" in page


def test_markup_in_a_message_is_only_text(reporter, ticket):
    path = f"/tickets/{ticket.reference}/"

    signed_in(reporter).post(path, {"text": "<script>alert(1)</script>\n\nsecond"})

    page = page_of(reporter, ticket)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


BAD = {
    "nothing": ({}, "id_text"),
    "white space": ({"text": " \n "}, "id_text"),
    "NUL": ({"text": "a\x00b"}, "id_text"),
    "an override": ({"text": "a \u202eb"}, "id_text"),
    "too long": ({"text": "a" * 20_001}, "id_text"),
    "sent twice": ({"text": ["a", "b"]}, "id_text"),
    "a lying file": ({"text": "See here", "files": [picture("x.png", b"<html>")]}, "id_files"),
    "eleven files": ({"files": [picture() for _ in range(11)]}, "id_files"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_said_at_its_field_and_nothing_is_stored(reporter, ticket, name):
    sent, anchor = BAD[name]

    response = signed_in(reporter).post(f"/tickets/{ticket.reference}/", sent)

    assert response.status_code == 200
    assert [found for found, _text in summary(response)] == [anchor]
    assert "<title>Error: " in response.content.decode()
    assert not ticket.timeline.filter(kind__in=[Kind.MESSAGE, Kind.EVIDENCE]).exists()
    assert not ticket.evidence.exists()


def test_a_question_stands_first_and_an_answer_settles_it(reporter, handler, ticket):
    conversation.reply(ticket, "Which members are on the list?", by=handler, asks=True)
    asked = page_of(reporter, ticket)

    signed_in(reporter).post(f"/tickets/{ticket.reference}/", {"text": "Two of them."})

    assert asked.index("We need an answer from you") < asked.index("Where it stands")
    assert asked.index("Which members") < asked.index("Where it stands")
    assert fresh(ticket).waiting_on == WaitingOn.NONE
    assert "We need an answer from you" not in page_of(reporter, ticket)


def test_not_knowing_is_an_answer(reporter, handler, ticket):
    conversation.reply(ticket, "Which members are on the list?", by=handler, asks=True)

    signed_in(reporter).post(f"/tickets/{ticket.reference}/", {"text": "", "unknown": "1"})

    assert ticket.timeline.get(kind=Kind.MESSAGE).text == "I do not know."
    assert fresh(ticket).waiting_on == WaitingOn.NONE


def test_what_fails_after_a_file_was_written_leaves_no_file_behind(reporter, ticket, monkeypatch):
    client = signed_in(reporter)
    path = f"/tickets/{ticket.reference}/"
    sent = {"text": "See this.", "files": [picture()], "form_key": form_key(client, path)}
    written, real = [], Storage.save
    monkeypatch.setattr(
        Storage, "save", lambda *a, **k: written.append(real(*a, **k)) or written[-1]
    )

    def fail(record, **fields):
        if "update_fields" in fields:  # the last act of the transaction
            raise RuntimeError("no")
        save(record, **fields)

    save = IdempotencyRecord.save
    monkeypatch.setattr(IdempotencyRecord, "save", fail)
    with pytest.raises(RuntimeError):
        client.post(path, sent)

    assert len(written) == 1
    assert not evidence_storage().exists(written[0])
    assert not ticket.evidence.exists()


def test_more_files_than_a_ticket_takes_are_refused_and_the_words_stay(reporter, ticket, settings):
    settings.UPLOAD_MAX_FILES = 2
    path = f"/tickets/{ticket.reference}/"
    signed_in(reporter).post(path, {"files": pictures(2)})

    response = signed_in(reporter).post(path, {"text": "And this.", "files": [picture()]})

    assert summary(response) == [("id_files", "Send at most 2 files.")]
    assert "And this." in response.content.decode()
    assert ticket.evidence.count() == 2


def test_a_closed_ticket_takes_late_words(reporter):
    incident = make_incident(State.CLOSED, reporter=reporter)

    signed_in(reporter).post(f"/tickets/{incident.reference}/", {"text": "It happened again."})

    assert incident.timeline.get(kind=Kind.MESSAGE).text == "It happened again."
    assert fresh(incident).state == State.CLOSED


@pytest.mark.parametrize("count", [3, 30])
def test_the_list_asks_as_many_questions_for_many_tickets(
    reporter, count, django_assert_num_queries
):
    for number in range(count):
        make_report(reporter, subject=f"Door number {number}")
    client = signed_in(reporter)

    with django_assert_num_queries(7):  # session, user, count, rows, shared, roles, unread
        client.get("/tickets/")


def test_tickets_that_wait_for_an_answer_come_first(reporter, handler):
    asked = make_report(reporter, subject="The oldest of all")
    conversation.reply(asked, "Which one?", by=handler, asks=True)
    for number in range(26):
        make_report(reporter, subject=f"Door number {number}")

    page = signed_in(reporter).get("/tickets/").content.decode()

    assert page.index("The oldest of all") < page.index("Door number 25")


def test_long_lists_come_in_pages(reporter):
    for number in range(27):
        make_report(reporter, subject=f"Door number {number}")
    client = signed_in(reporter)

    first, second = (client.get(f"/tickets/?page={page}").content.decode() for page in (1, 2))

    assert "Door number 26" in first
    assert "Door number 0" in second
    assert client.get("/tickets/?page=nonsense").status_code == 200
