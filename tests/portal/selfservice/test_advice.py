"""Until somebody calls back: what to do follows what is told, from the first words on."""

import pytest

from incidents.models import Incident
from incidents.states import About
from portal.selfservice import advice
from tests.factories import fresh, make_article
from tests.portal.selfservice.typed import question, reported, signed_in
from workflows import playbooks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

STOLEN = "My laptop was stolen on the train."
BREACH = "I am afraid it is a data breach: the list is open to everybody."


def told(user, description: str) -> Incident:
    return Incident.objects.get(pk=int(reported(signed_in(user), description=description)[4:]))


def sentence_of(kind: str) -> str:
    return str(advice.BY_KIND[kind][0])


def test_the_first_words_bring_their_advice_before_any_question_is_answered(reporter):
    make_article("stolen", about=[About.LOST_DEVICE])
    incident = told(reporter, STOLEN)
    client = signed_in(reporter)

    asked = client.get(question(incident.reference, "noticed")).content.decode()
    receipt = client.get(f"/report/done/{incident.reference}/").content.decode()

    assert advice.kinds_of(incident) == [About.LOST_DEVICE]
    assert sentence_of(About.LOST_DEVICE) in asked
    assert sentence_of(About.LOST_DEVICE) in receipt
    assert "/help/stolen/" in asked


def test_what_the_reporter_answers_comes_before_what_the_rules_read(reporter):
    incident = told(reporter, STOLEN)
    client = signed_in(reporter)

    client.post(question(incident.reference, "about"), {"about": "malware"})

    assert advice.kinds_of(fresh(incident)) == [About.MALWARE]
    client.post(question(incident.reference, "about"), {"about": "unknown"})
    assert advice.kinds_of(fresh(incident)) == [About.LOST_DEVICE]


@pytest.mark.parametrize("text", ["It is not a data breach.", "The door stood open."])
def test_what_is_not_sure_brings_no_advice_of_its_kind(reporter, text):
    incident = told(reporter, text)

    assert advice.kinds_of(incident) == []
    assert advice.for_kinds([]) == list(advice.ALWAYS)


def test_a_breach_comes_first_and_no_more_than_two_kinds_are_advised(reporter):
    incident = told(reporter, f"{STOLEN} {BREACH} It is ransomware. A phishing mail came, too.")

    found = advice.kinds_of(incident)

    assert found[0] == About.DATA_BREACH
    assert len(found) == advice.KINDS_MOST


def test_what_the_team_attaches_shows_nothing_to_the_reporter(reporter, handler):
    incident = told(reporter, "The door stood open.")

    playbooks.attach(incident, "INSIDER", by=handler, why="Seen on the camera")

    page = signed_in(reporter).get(question(incident.reference, "noticed")).content.decode()
    assert advice.kinds_of(fresh(incident)) == []
    assert sentence_of(About.COLLEAGUE_OR_INSIDER) not in page


def test_it_costs_one_query(reporter, django_assert_num_queries):
    incident = told(reporter, STOLEN)

    with django_assert_num_queries(1):
        advice.kinds_of(incident)
