"""Search: the same words find the same incidents in both databases."""

import pytest

from incidents import facts, search
from incidents.models import Incident
from tests.factories import make_incident

pytestmark = pytest.mark.django_db

STORY = "The door of the server room stood open."


def found(text: str) -> list[str]:
    return [each.subject for each in search.matching(Incident.objects.order_by("pk"), text)]


@pytest.fixture
def shelf(db) -> None:
    make_incident(subject="Phishing at the Café Zürich", description=STORY)
    make_incident(subject="Lost laptop 4711", description="Left in tram-12, name: cardio_vm.01")
    make_incident(subject="Безопасность сервера", description="ΑΒΓ und 北京 and more words")


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("phishing", [0]),
        ("PHISHING zurich", [0]),
        ("café", [0]),
        ("CAFE", [0]),
        ("phish", [0]),
        ("hishing", []),
        ("door room", [0]),
        ("door laptop", []),
        ("4711", [1]),
        ("tram 12", [1]),
        ("tram-12", [1]),
        ("cardio_vm", [1]),
        ("vm.01", [1]),
        ("безопасность", [2]),
        ("北京", [2]),
        ("nothing like this", []),
        ("", []),
        ("  \t ", []),
        ('"', []),
        ("* OR NEAR(", []),
        ("door AND room", []),
        ("subject:phishing", []),
        ("-phishing", [0]),
        ("phishing'); DROP TABLE x; --", []),
        ("a:* | b & !c", []),
        ("\\", []),
        ("x" * 5000, []),
        ("é" * 5000, []),
    ],
)
def test_words_find(shelf, text, hits):
    subjects = list(Incident.objects.order_by("pk").values_list("subject", flat=True))

    assert found(text) == [subjects[place] for place in hits]


def test_a_reference_or_a_number_finds_its_incident(shelf):
    first = Incident.objects.earliest("pk")

    assert found(first.reference) == [first.subject]
    assert first.subject in found(str(first.pk))
    assert found("INC-99999999") == []
    assert found("99999999999999999999999") == []


def test_changed_words_are_found_and_the_old_ones_are_not(shelf, handler):
    incident = Incident.objects.earliest("pk")

    facts.edit(incident, {"description": "A window stood open all night."}, by=handler)

    assert found("window") == [incident.subject]
    assert found("server") == []


def test_only_what_was_given_is_searched(shelf):
    assert not search.matching(Incident.objects.none(), "phishing").exists()


def test_of_common_words_the_newest_count(monkeypatch):
    monkeypatch.setattr(search, "HITS_MOST", 2)
    incidents = [make_incident(subject=f"Door number {number}") for number in range(4)]

    hits = search.matching(Incident.objects.all(), "door")

    assert {each.pk for each in hits} == {each.pk for each in incidents[2:]}
