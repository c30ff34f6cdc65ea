"""Rule 6: what the signs in a phrase match, and what is refused."""

import pytest

from workflows.matching import PhraseError, PhraseLists, match, parse_list


def found(phrase, text):
    """Return the words that `phrase` hits in `text`, in order."""
    lists = PhraseLists.of([parse_list("X", f"version: 1\n[en]\n{phrase}\n", "X.txt")])
    return [hit.text for hit in match(lists, "", text).hits]


@pytest.mark.parametrize(
    ("phrase", "text", "hits"),
    [
        # Both ends stand free.
        ("data breach", "a data breach.", ["data breach"]),
        ("data breach", "(data breach)", ["data breach"]),
        ("data breach", "'data breach'", ["data breach"]),
        ("data breach", "pre-data breach-like", ["data breach"]),
        ("data breach", "_data breach_", ["data breach"]),
        ("data breach", "metadata breach", []),
        ("data breach", "data breaches", []),
        ("data breach", "data breach2", []),
        ("data breach", "data breaché", []),
        ("data breach", "密data breach", []),
        # A space: one or more separators with at most one line break.
        ("data breach", "data - / _ breach", ["data - / _ breach"]),
        ("data breach", "data\nbreach", ["data\nbreach"]),
        ("data breach", "data -\n - breach", ["data -\n - breach"]),
        (
            "data breach",
            "data-breach data/breach data_breach",
            "data-breach data/breach data_breach".split(),
        ),
        (
            "data breach",
            "data\u00a0breach data\u2014breach",
            ["data\u00a0breach", "data\u2014breach"],
        ),
        ("data breach", "databreach", []),
        ("data breach", "data\n\nbreach", []),
        ("data breach", "data\n-\nbreach", []),
        ("data breach", "data, breach", []),
        ("data breach", "data. breach", []),
        ("data breach", "data~breach", []),
        # ~ zero or more of the same.
        ("data~breach", "databreach data-breach", ["databreach", "data-breach"]),
        ("data~breach", "data \n breach", ["data \n breach"]),
        ("data~breach", "data\n\nbreach", []),
        ("data~breach", "data.breach", []),
        # Alternatives and optional parts.
        ("(a|b c|d) e", "a e b c e d e be", ["a e", "b c e", "d e"]),
        (
            "breach(es|ed)?",
            "breach breaches breached breaching",
            ["breach", "breaches", "breached"],
        ),
        ("d?dos", "dos ddos dddos", ["dos", "ddos"]),
        ("colou?r", "color colour colouur", ["color", "colour"]),
        (
            "misus(e|ed) (of )?access",
            "misuse of access misused access",
            ["misuse of access", "misused access"],
        ),
        ("(a(b|c)?|d)e", "ae abe ace de abce", ["ae", "abe", "ace", "de"]),
        ("a(~b)?", "a ab a-b", ["a", "ab", "a", "a-b"]),
        # Digits.
        ("cve-[0-9][0-9]-[0-9]+", "CVE-12-3456789", ["CVE-12-3456789"]),
        ("cve-[0-9][0-9]-[0-9]+", "cve-12-3 cve-1-3 cve-123-4 cve 12 3", ["cve-12-3"]),
        ("cve-[0-9][0-9]-[0-9]+", "cve-12-3a xcve-12-3 cve-12-", []),
        ("cve-[0-9][0-9]-[0-9]+", "cve-12-\n345", ["cve-12-\n345"]),
        ("cve-[0-9][0-9]-[0-9]+", "c-\nve-12-345", ["c-\nve-12-345"]),
        ("cve-[0-9]+", "cve--1 cve_1 cve-\n\n1", []),
        ("and/or", "and/or and-or", ["and/or"]),
        ("usb~stick( [a-c])?", "usbstick usb stick b", ["usbstick", "usb stick", "usb stick b"]),
        ("id [a-cx][0-9]?~end", "id a end, id x1end, id d end", ["id a end", "id x1end"]),
        # Letters are cleaned as the text is.
        ("Données Straße", "donnees STRASSE", ["donnees STRASSE"]),
        ("l'accès", "l’acces", ["l’acces"]),
        ("c.net", "c.net c net", ["c.net"]),
    ],
)
def test_what_a_phrase_hits(phrase, text, hits):
    assert found(phrase, text) == hits


@pytest.mark.parametrize(
    ("text", "is_hit"),
    [
        ("lost badge", True),
        ("lost-badge", True),
        ("lost, badge", True),
        ("lost: (badge)", True),
        ("lost\nbadge", True),
        ("lost one two three four badge", True),
        ("lost one, two - three / four badge", True),
        ("lost one two three four five badge", False),
        ("lost state-of-the-art isn't o'clock x badge", True),
        ("lost a_b/c d badge", True),
        ("lost a_b/c d e badge", False),
        ("lost. badge", False),
        ("lost; badge", False),
        ("lost! badge", False),
        ("lost? badge", False),
        ("lost\n\nbadge", False),
        ("lost 2.5 badge", True),
        ("lostbadge", False),
        ("badge lost", False),
        ("lost it-\nself one two three badge", True),
        ("lost badges", False),
    ],
)
def test_a_gap_holds_up_to_four_words_of_one_sentence(text, is_hit):
    assert bool(found("lost … badge", text)) is is_hit


def test_a_phrase_may_have_several_gaps():
    phrase = "a … b … c"

    assert found(phrase, "a 1 2 3 4 b 1 2 3 4 c") == ["a 1 2 3 4 b 1 2 3 4 c"]
    assert found(phrase, "a b 1 b 1 2 3 4 c") == ["a b 1 b 1 2 3 4 c"]
    assert found(phrase, "a 1 2 3 4 5 b c") == []
    assert found(phrase, "a b. c") == []


def test_every_start_is_a_hit_and_the_nearest_end_is_shown():
    assert found("lost … (badge|usb|usb stick)", "lost lost usb stick, badge") == [
        "lost lost usb",
        "lost usb",
    ]


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("(a|b", "opens a bracket that is not closed"),
        ("a (b … c)", "opens a bracket that is not closed"),
        ("a)", "closes a bracket that was not opened"),
        ("a | b", "has a | outside of brackets"),
        ("?a", "has a '?' where it means nothing"),
        ("a ?", "has a '?' where it means nothing"),
        ("a+", "has a '+' where it means nothing"),
        ("a ^b", "has a '^' where it means nothing"),
        ("a]", "has a ']' where it means nothing"),
        ("*a*", "has a '*' where it means nothing"),
        ("a_b", "has a '_' where it means nothing"),
        ("a[", "has a [ without a class"),
        ("a[^b]", "has a [ without a class"),
        ("[0-9] a", "must begin with a letter"),
        ("(a)?", "can match nothing at all"),
        ("...", "can match nothing at all"),
        ("a … … b", "can match nothing at all"),
        ("… a", "can match nothing at all"),
        ("a~", "begins or ends with a space or ~"),
        ("a\u200bb", "has an invisible character"),
        ("a\ud800", "has an invisible character"),
        ("(a|b)" * 12, "can be written in too many ways"),
        ("a[9-0]", "has a class that runs backwards"),
        ("~".join("abcdefghijklmnopqrstuvwxyz" * 4), "can be written in too many ways"),
        ("(" * 11 + "a" + ")" * 11, "has too many brackets"),
        ("^", "can match nothing at all"),
    ],
)
def test_a_phrase_that_makes_no_sense_is_refused_with_its_line(phrase, message):
    with pytest.raises(PhraseError) as refused:
        parse_list("X", f"version: 1\n\n[en]\nfine\n{phrase}\n", "X.txt")

    ((file, line, text),) = refused.value.errors
    assert (file, line) == ("X.txt", 5)
    assert message in text
