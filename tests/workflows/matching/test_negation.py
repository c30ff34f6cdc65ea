"""Rule 7: negation, doubt and questions."""

import pytest

from workflows.matching import load_shipped, match
from workflows.matching.vocabulary import CUES, STOPS

SHIPPED = load_shipped()
DOUBTS = (
    "not sure|don't know|do not know|don't think|unclear|unknown|whether|if|weet niet|niet zeker|"
    "onduidelijk|misschien|nicht sicher|weiß nicht|unklar|vielleicht|pas sûr|sais pas|peut-être"
).split("|")


def is_negated(text, phrase="data breach"):
    """Tell whether the hits of one phrase are negated; all of them must agree."""
    hits = match(SHIPPED, "Question", text).hits
    (answer,) = {hit.negated for hit in hits if " ".join(hit.text.lower().split()) == phrase}
    return answer


def verdicts(text):
    return match(SHIPPED, "Question", text).verdicts


@pytest.mark.parametrize("cue", sorted(CUES))
def test_each_cue_negates_before_a_hit(cue):
    assert is_negated(f"there {cue} data breach")
    assert is_negated(f"{cue.upper() if cue != 'sans' else 'Sans'} data breach")


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("no data breach", True),
        ("not one two three data breach", True),
        ("not one two three four data breach", False),
        ("not\na data breach", True),
        ("not. A data breach", False),
        ("not; a data breach", False),
        ("not!a data breach", False),
        ("not\n\na data breach", False),
        ("not, a data breach", False),
        ("not: a data breach", False),
        ("not (a data breach)", False),
        ("not [a data breach]", False),
        ("not) a data breach", False),
        ("not - a data breach", False),
        ("not – a data breach", False),
        ("not -- a data breach", False),
        ("not -\na data breach", False),
        ("not—a data breach", False),
        ('"not" a data breach', True),
        ("'not a data breach'", True),
        ("-not a data breach", True),
        ("no/data breach", True),
        ("no-reply data breach", False),
        ("no-data breach", False),
        ("nothing data breach", False),
        ("knot data breach", False),
        ("no 5 data breach", False),
        ("no  5th data breach", False),
        ("not 5 data breach", True),
        ("SANS data breach", False),
        ("Sans data breach", True),
        ("sans data breach", True),
        ("isn’t a data breach", True),
        ("with-\nout a data breach", True),
        ("no-\nreply data breach", False),
        ("a data breach, not phishing", False),
    ],
)
def test_where_a_cue_reaches_a_hit(text, negated):
    assert is_negated(text) is negated


@pytest.mark.parametrize("stop", sorted(STOPS))
def test_each_stop_word_parts_the_cue_from_the_hit(stop):
    assert not is_negated(f"not spam {stop} data breach")
    assert is_negated(f"{stop} not data breach")


def test_a_cue_in_the_subject_does_not_reach_the_description():
    assert match(SHIPPED, "No", "data breach").verdicts == {"DB": "full"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my laptop was not stolen", {"LOST": "confirm"}),
        ("my laptop wasn't stolen", {"LOST": "confirm"}),
        ("my laptop was stolen", {"LOST": "full"}),
        ("my laptop, was not then stolen", {"LOST": "confirm"}),
        ("the laptop is no-touch stolen", {"LOST": "full"}),
        ("was my laptop not stolen?", {"LOST": "full"}),
        ("a colleague copied it without permission", {"INSIDER": "full"}),
        ("a colleague without permission", {"INSIDER": "full"}),
        ("kein Kollege ohne Erlaubnis", {"INSIDER": "confirm"}),
        ("Kollege war ohne Erlaubnis da", {"INSIDER": "full"}),
        ("Kollege war nicht ohne Erlaubnis da", {"INSIDER": "confirm"}),
        ("een collega zonder toestemming", {"INSIDER": "full"}),
        ("un collègue sans autorisation", {"INSIDER": "full"}),
    ],
)
def test_a_cue_in_a_gap_negates_and_one_of_the_phrase_does_not(text, expected):
    assert verdicts(text) == expected


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("data breach ruled out", True),
        ("data breach excluded", True),
        ("data breach uitgesloten", True),
        ("data breach ausgeschlossen", True),
        ("data breach exclu", True),
        ("data breach exclue", True),
        ("a data breach has been ruled out", True),
        ("a data breach has now been ruled out", False),
        ("a data breach (ruled out)", True),
        ("a data breach, ruled out", False),
        ("a data breach has, we say, excluded", False),
        ("a data breach. Excluded", False),
        ("a data breach ruled everything out", False),
        ("a data breach overruled out", False),
        ("a data breach not ruled out", False),
        ("a data breach cannot be ruled out", False),
        ("a data breach nicht ausgeschlossen", False),
        ("data breach is niet uitgesloten", False),
        ("data breach pas exclu", False),
        ("data breach was never ruled out", False),
        ("geen data breach is uitgesloten", True),
        ("not a data breach but not ruled out", False),
        ("is a data breach ruled out?", False),
        ("unclear whether a data breach is ruled out", False),
    ],
)
def test_words_that_exclude_a_hit_after_it(text, negated):
    assert is_negated(text) is negated


@pytest.mark.parametrize("doubt", DOUBTS)
def test_each_doubt_cancels_a_negation_in_its_stretch(doubt):
    assert not is_negated(f"{doubt} there is no data breach")
    assert not is_negated(f"no data breach {doubt}")
    assert is_negated(f"{doubt}, no data breach")
    assert is_negated(f"{doubt}. No data breach")
    assert is_negated(f"no data breach but {doubt}")


@pytest.mark.parametrize(
    ("text", "phrase", "negated"),
    [
        ("no unknown login", "unknown login", True),
        ("no unknown login if seen", "unknown login", False),
        ("if no unknown login", "unknown login", False),
        ("laptop misschien niet gestolen", "laptop misschien niet gestolen", True),
        ("don't, know no data breach", "data breach", True),
        ("not surely no data breach", "data breach", True),
        ("iffy no data breach", "data breach", True),
        ("not sure about a data breach", "data breach", False),
        ("do not\nknow of a data breach", "data breach", False),
    ],
)
def test_doubt_is_a_whole_phrase_outside_of_the_hit(text, phrase, negated):
    assert is_negated(text, phrase) is negated


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("Isn't this a data breach?", False),
        ("Is this not a data breach ?", False),
        ("No data breach?", False),
        ("No data breach, but how do I add a colleague?", True),
        ("No data breach, is it?", True),
        ("Well, is this not a data breach?", False),
        ("No data breach. How do I add a colleague?", True),
        ("No data breach but how?", True),
        ("How? No data breach", True),
    ],
)
def test_a_cue_does_not_negate_in_the_stretch_of_a_question(text, negated):
    assert is_negated(text) is negated


def test_neither_doubt_nor_question_lifts_a_zone():
    assert verdicts("> isn't this a data breach?") == {"DB": "confirm"}
    assert verdicts("not sure where the data breach form is") == {"DB": "confirm"}


def test_a_negated_hit_never_swallows_an_overlapping_one():
    text = "No sent mail, sent to the wrong person"

    hits = match(SHIPPED, "Question", text).hits

    assert [(hit.text, hit.negated) for hit in hits] == [
        ("sent mail, sent to the wrong person", True),
        ("sent to the wrong person", False),
    ]


def test_of_several_ends_the_clear_one_counts():
    assert verdicts("token gone excluded lost") == {"LOST": "full"}
    assert verdicts("token gone form lost") == {"LOST": "full"}
    assert verdicts("token gone excluded") == {"LOST": "confirm"}
