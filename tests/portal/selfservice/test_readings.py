"""What is new: marked until it is opened, counted beside the link, and never by a mere fetch."""

import re

import pytest

from incidents import conversation, evidence, timeline
from incidents.models.timeline import Kind
from incidents.states import State
from portal.models import Reading
from portal.selfservice import readings
from tests.factories import make_incident, make_report
from tests.portal.selfservice.typed import picture, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "team")]

MARK = "(new message)"


@pytest.fixture
def ticket(reporter):
    return make_report(reporter, subject="The list lies open")


def path_of(incident) -> str:
    return f"/tickets/{incident.reference}/"


def marks(user) -> list[bool]:
    """Whether the start page and the list mark anything."""
    client = signed_in(user)
    return [MARK in client.get(path).content.decode() for path in ("/", "/tickets/")]


def counted(user) -> str:
    """The number beside "My tickets", as everybody hears it."""
    page = signed_in(user).get("/help/").content.decode()
    found = re.search(r'<b class="news" aria-hidden="true">([^<]+)</b>', page)
    return found[1] if found else ""


def test_a_reply_is_marked_until_the_ticket_is_opened(reporter, handler, ticket):
    before = marks(reporter)
    conversation.reply(ticket, "Please leave the link off.", by=handler)
    fresh_reply = marks(reporter), counted(reporter)

    page = signed_in(reporter).get(path_of(ticket)).content.decode()

    assert before == [False, False]
    assert fresh_reply == ([True, True], "1")
    assert 'class="news"' not in page
    assert (marks(reporter), counted(reporter)) == ([False, False], "")


def test_the_next_reply_is_marked_again(reporter, handler, ticket):
    conversation.reply(ticket, "One.", by=handler)
    signed_in(reporter).get(path_of(ticket))

    conversation.reply(ticket, "Two.", by=handler)

    assert marks(reporter) == [True, True]


def test_ones_own_words_and_files_are_not_news(reporter, ticket):
    conversation.receive(ticket, "It went to the list.", by=reporter)
    evidence.store(ticket, picture(), by=reporter, from_reporter=True)

    assert (marks(reporter), counted(reporter)) == ([False, False], "")


def test_what_the_team_keeps_to_itself_is_not_news(reporter, handler, ticket):
    conversation.note(ticket, "Hm.", by=handler)
    evidence.store(ticket, picture(), by=handler)
    timeline.append(ticket, Kind.TRANSITION, by=handler, text="A step.")

    assert marks(reporter) == [False, False]


def test_a_phone_report_typed_in_by_an_agent_is_not_news_in_itself(reporter, agent):
    make_report(agent, reporter=reporter, subject="By phone")

    assert marks(reporter) == [False, False]


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("head", {}),
        ("get", {"Sec-Purpose": "prefetch;prerender"}),
        ("get", {"Purpose": "prefetch"}),
        ("get", {"X-Moz": "prefetch"}),
        ("post", {}),
    ],
)
def test_only_opening_it_counts_as_reading(reporter, handler, ticket, method, headers):
    conversation.reply(ticket, "Please leave the link off.", by=handler)

    response = getattr(signed_in(reporter), method)(path_of(ticket), headers=headers)

    assert response.status_code == 200
    assert not Reading.objects.exists()


def test_nobody_elses_opening_counts(reporter, outsider, handler, ticket):
    conversation.reply(ticket, "Please leave the link off.", by=handler)

    for other in (outsider, handler):
        signed_in(other).get(path_of(ticket))

    assert not Reading.objects.exists()


def test_reading_never_goes_back(reporter, ticket):
    for number in (3, 7, 5):
        readings.note(reporter, ticket, number)

    assert Reading.objects.get().sequence == 7


def test_the_count_is_capped_and_said_in_words(reporter, handler):
    for number in range(11):
        report = make_report(reporter, subject=f"Door number {number}")
        conversation.reply(report, "Thank you.", by=handler)

    page = signed_in(reporter).get("/help/").content.decode()

    assert counted(reporter) == "9+"
    assert "(more than 9 with a new message)" in page


@pytest.mark.parametrize("count", [3, 30])
def test_the_count_is_one_query_however_many_tickets(
    reporter, handler, count, django_assert_num_queries
):
    for number in range(count):
        make_report(reporter, subject=f"Door number {number}")

    with django_assert_num_queries(1):
        assert readings.unread_count(reporter) == 0


def test_a_stranger_is_asked_nothing(client, django_assert_num_queries):
    page = client.get("/help/").content.decode()

    assert "My tickets" not in page
    assert 'class="news"' not in page


def test_an_answer_on_a_closed_ticket_is_news_too(reporter, handler):
    incident = make_incident(State.CLOSED, reporter=reporter, handler=handler)

    conversation.reply(incident, "One more thing.", by=handler)

    assert marks(reporter) == [True, True]
