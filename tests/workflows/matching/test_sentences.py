"""Rule 5: words and sentences."""

import pytest

from workflows.matching.sentences import Sentences


def sentences(text):
    found = Sentences(text)
    starts = [0, *found.ends]
    parts = [text[a:b] for a, b in zip(starts, [*found.ends, len(text)], strict=True)]
    return [part.strip() for part in (part.strip("\x00") for part in parts) if part.strip()]


def words(text):
    return Sentences(text).at(0).words


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("one; two", ["one;", "two"]),
        ("one!two", ["one!", "two"]),
        ("one?two", ["one?", "two"]),
        ("one. two", ["one.", "two"]),
        ("one.\ntwo", ["one.", "two"]),
        ("one.", ["one."]),
        ("version 2.5 is here", ["version 2.5 is here"]),
        ("see phishing.example.org now", ["see phishing.example.org now"]),
        ('one." two', ['one." two']),
        ("one\ntwo", ["one\ntwo"]),
        ("one\n\ntwo", ["one", "two"]),
        ("one\n \t\ntwo", ["one", "two"]),
        ("one\x00two", ["one", "two"]),
        ("one.\x00two", ["one.", "two"]),
        ("one, two: three (four) - five", ["one, two: three (four) - five"]),
    ],
)
def test_where_a_sentence_ends(text, parts):
    assert sentences(text) == parts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("isn't no-reply it", ["isn't", "no-reply", "it"]),
        ("one - two -- '", ["one", "two"]),
        ("2.5 cve-1", ["2", "5", "cve-1"]),
        ("data_breach/leak", ["data", "breach", "leak"]),
        ("'quoted words' -listed", ["quoted", "words", "listed"]),
        ("no- data", ["no-", "data"]),
        ("with-\nout end-\n\nless", ["without", "end-"]),
        ("données 密码", ["données", "密码"]),
    ],
)
def test_what_a_word_is(text, found):
    assert words(text) == found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("<>", 0),
        ("< >", 0),
        ("< one >", 1),
        ("<-bag >", 1),
        ("< -->", 0),
        ("<'s >", 1),
        ("<- one two-three four->", 3),
        ("<-a-b-c->", 1),
        ("<-->", 0),
        ("< one two three four five >", 5),
    ],
)
def test_how_many_words_lie_between_two_places(text, count):
    inside = text.replace("<", "x").replace(">", "x")

    assert Sentences(inside).at(0).count(1, len(text) - 1) == count
