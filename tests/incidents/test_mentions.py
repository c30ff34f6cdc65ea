"""An @ in a note calls a colleague, and only somebody who may see the incident."""

import pytest

from incidents import access, conversation, mentions
from incidents.states import Confidentiality
from tests.factories import fresh, make_incident, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return make_user("ann", "handler", first_name="Ann", last_name="Verbeek")


@pytest.fixture
def agent():
    return make_user("agent", "agent")


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@ann please look", ["ann"]),
        ("Please, @Ann Verbeek.", ["ann"]),
        ("(@ANN)", ["ann"]),
        ("@ann and @Ann Verbeek are one", ["ann"]),
        ("mail to me@ann", []),
        ("@annie is somebody else", []),
        ("ann without the sign", []),
        ("@nobody at all", []),
        ("@a-reporter reads no notes", []),
    ],
)
def test_a_name_after_an_at_calls_a_colleague(ann, agent, text, called):
    incident = make_incident()

    found = mentions.find(text, incident, by=agent)

    assert [person.username for person in found.people] == called


def test_who_may_not_see_the_incident_is_kept_out(ann, agent):
    incident = make_incident(confidentiality=Confidentiality.RESTRICTED)
    access.restrict_to(incident, [agent])

    entry = conversation.note(incident, "@ann look", by=agent)

    assert entry.data == {"kept_out": ["@ann"]}
    assert [each.username for each in mentions.suggested(incident, "a")] == ["agent"]


def test_nobody_is_called_by_oneself(agent):
    incident = make_incident()

    found = mentions.find("@agent did it", incident, by=agent)

    assert found.people == []
    assert found.words == {"@agent": "agent"}


def test_suggestions_begin_as_any_part_of_the_name(ann, agent):
    incident = make_incident()

    found = [mentions.suggested(fresh(incident), typed) for typed in ("ver", "AN", "x", "")]

    assert [[each.username for each in people] for people in found[:3]] == [["ann"], ["ann"], []]
    assert {each.username for each in found[3]} >= {"ann", "agent"}


def test_a_text_without_an_at_costs_no_query(agent, django_assert_num_queries):
    incident = make_incident()

    with django_assert_num_queries(0):
        mentions.find("Nobody is called here.", incident, by=agent)


def test_a_full_name_that_two_people_bear_calls_neither(ann, agent):
    make_user("ann2", "agent", first_name="Ann", last_name="Verbeek")
    incident = make_incident()

    both = mentions.find("@Ann Verbeek and @ann2", incident, by=agent)

    assert [person.username for person in both.people] == ["ann2"]


def test_suggestions_on_a_restricted_incident_find_the_last_of_many(agent):
    incident = make_incident(confidentiality=Confidentiality.RESTRICTED)
    for n in range(45):
        make_user(f"a{n:02d}", "handler")
    last = make_user("azz", "handler", first_name="Zoë")
    access.restrict_to(incident, [agent, last])

    assert last in mentions.suggested(incident, "a")


@pytest.mark.parametrize(
    ("text", "nobody"),
    [
        ("@dp look", ["@dp"]),
        ("@ann look, and @nobodyhere too.", ["@nobodyhere"]),
        ("@Ann Verbeek, please", []),
        ("mail to me@ann.test", []),
        ("no sign at all", []),
    ],
)
def test_a_call_that_calls_nobody_is_found(ann, agent, text, nobody):
    assert mentions.unknown(text) == nobody
