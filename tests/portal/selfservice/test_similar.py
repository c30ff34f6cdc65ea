"""One's own open tickets beside what one describes: alike enough, few, and nobody else's."""

import pytest
from django.test import Client

from incidents.models import Incident
from incidents.states import Confidentiality, State
from portal.selfservice import similar
from tests.factories import make_incident, make_report
from tests.portal.selfservice.typed import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

URL = "/report/similar/"
LAPTOP = "Laptop lost on the train"
STORY = "I left my laptop in the train to Leiden, it was locked."

ALIKE = [
    ("I lost my laptop on the train", LAPTOP),
    ("LOST LAPTOP!!", LAPTOP),
    ("lost laptops", LAPTOP),
    ("My laptop was lost, I think it was on the train, but I do not know", LAPTOP),
    ("Verdächtige E-Mail mit einem Link", "verdachtige mail mit dem link"),
    ("Vreemde mail met een link naar een inlogpagina", "Vreemde mail, link naar inlogpagina"),
    ("J’ai reçu un courriel étrange du directeur", "Courriel etrange, signe le directeur"),
]
UNLIKE = [
    ("", LAPTOP),
    ("laptop", LAPTOP),
    ("The door of the server room stood open", LAPTOP),
    ("I have it on the and with that", "I have it on the and with that"),
    ("ik heb een mail van de bank", "ik heb een lek in de kelder van de bank"),
    ("My phone was stolen on the train yesterday evening after work", LAPTOP),
]


@pytest.mark.parametrize(("typed", "ticket"), ALIKE)
def test_the_same_story_in_other_words_is_alike(typed, ticket):
    score = similar.alike(similar.telling(typed), similar.telling(ticket))

    assert score >= similar.ALIKE_FROM


@pytest.mark.parametrize(("typed", "ticket"), UNLIKE)
def test_another_story_is_not(typed, ticket):
    score = similar.alike(similar.telling(typed), similar.telling(ticket))

    assert score < similar.ALIKE_FROM


def test_my_open_ticket_comes_up_and_nobody_elses(reporter, outsider, agent):
    mine = make_report(reporter, subject=LAPTOP, description=STORY)
    make_report(outsider, subject=LAPTOP, description=STORY)

    assert similar.of(reporter, "I lost my laptop") == [mine]
    assert similar.of(agent, "I lost my laptop") == []


def test_a_closed_ticket_does_not_come_up(reporter):
    make_incident(State.CLOSED, reporter=reporter, subject=LAPTOP)

    assert similar.of(reporter, "I lost my laptop on the train") == []


def test_the_one_that_is_described_does_not_come_up_beside_itself(reporter):
    first = make_report(reporter, subject=LAPTOP)
    second = make_report(reporter, subject=LAPTOP)

    assert similar.of(reporter, LAPTOP, apart_from=second) == [first]


def test_three_come_up_the_most_alike_first_and_then_the_newest(reporter):
    make_report(reporter, subject="Lost laptop", description="Nothing else")
    made = [make_report(reporter, subject=LAPTOP, description="Nothing else") for _ in range(3)]

    found = similar.of(reporter, LAPTOP)

    assert found == made[::-1]


def test_the_words_in_the_story_count_too(reporter):
    mine = make_report(reporter, subject="Can you help me", description=STORY)

    assert similar.of(reporter, "My laptop in the train to Leiden") == [mine]


def test_it_costs_one_query_and_looks_at_the_newest_only(
    reporter, monkeypatch, django_assert_num_queries
):
    make_report(reporter, subject=LAPTOP)
    make_report(reporter, subject="A door stood open")
    monkeypatch.setattr(similar, "TICKETS_MOST", 1)

    with django_assert_num_queries(1):
        assert similar.of(reporter, LAPTOP) == []


def test_a_text_is_read_to_its_limit_and_no_further(reporter):
    make_report(reporter, subject=LAPTOP)

    assert similar.of(reporter, " " * 20_000 + LAPTOP) == []
    assert similar.of(reporter, " " * 19_000 + LAPTOP) != []


@pytest.mark.parametrize("text", ["\x00\x00", "\ud800 broken", "((((", "%%%", "ABC" * 30_000])
def test_no_text_breaks_it(reporter, text):
    make_report(reporter, subject=LAPTOP)

    assert similar.of(reporter, text) == []


# --- The endpoint -------------------------------------------------------------------------------


def test_the_fragment_leads_to_ones_own_tickets_only(reporter, outsider):
    mine = make_report(reporter, subject=f"{LAPTOP} <b>now</b>")
    theirs = make_report(outsider, subject=LAPTOP)

    page = signed_in(reporter).post(URL, {"text": "I lost my laptop on the train"})

    text = page.content.decode()
    assert page.status_code == 200
    assert f'href="/tickets/{mine.reference}/"' in text
    assert "&lt;b&gt;now&lt;/b&gt;" in text
    assert theirs.reference not in text
    assert "no-store" in page["Cache-Control"]
    assert "<html" not in text


def test_a_ticket_that_was_restricted_is_still_its_reporters_and_nobody_elses(
    reporter, outsider, agent
):
    mine = make_report(reporter, subject=LAPTOP)
    Incident.objects.filter(pk=mine.pk).update(confidentiality=Confidentiality.RESTRICTED)

    assert mine.reference in signed_in(reporter).post(URL, {"text": LAPTOP}).content.decode()
    for other in (outsider, agent):
        assert signed_in(other).post(URL, {"text": LAPTOP}).content.strip() == b""


def test_without_anything_alike_the_fragment_is_empty(reporter):
    make_report(reporter, subject=LAPTOP)

    for sent in ({}, {"text": ""}, {"text": "Strange mail with a link"}):
        assert signed_in(reporter).post(URL, sent).content.strip() == b""


def test_a_stranger_a_forged_request_and_a_link_are_refused(client, reporter):
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(reporter)

    assert client.post(URL, {"text": LAPTOP}).status_code == 403
    assert forged.post(URL, {"text": LAPTOP}).status_code == 403
    assert signed_in(reporter).get(URL).status_code == 405
