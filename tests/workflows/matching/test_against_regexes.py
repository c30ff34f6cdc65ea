"""The matcher against a slow and simple one: every phrase as a backtracking regular expression."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.matching import load_shipped, match

SHIPPED = load_shipped()
SPACE = r"(?:(?=[\s\-_/])[^\S\n\x00]*(?:[-_/][^\S\n]*)*(?:\n[^\S\n]*(?:[-_/][^\S\n]*)*)?)"
FREE_BEFORE, FREE_AFTER = r"(?<![^\W_])", r"(?![^\W_])"
SENTENCE_END = re.compile(r"[;!?]|\.(?:\s|$)|\n\s*\n")


def as_regexes(phrase):
    """Translate each stretch of a phrase sign by sign."""
    for stretch in phrase.removeprefix("^").split("…"):
        signs = re.sub(r"\s+", " ", stretch.strip())
        regex = signs.replace(" ", "\0").replace("~", f"{SPACE}?").replace("\0", SPACE)
        yield re.compile(f"{FREE_BEFORE}(?:{regex}){FREE_AFTER}")


REGEXES = {phrase.id: list(as_regexes(phrase.text)) for _, phrase in SHIPPED.phrases}


def spans(regex, text):
    """Return every start and every end, which `finditer` would not."""
    return {
        (start, end)
        for start in range(len(text))
        for end in range(start + 1, len(text) + 1)
        if (found := regex.match(text, start))
        and end <= len(text)
        and (found.end() == end or regex.fullmatch(text, start, end))
        and not text[end : end + 1].isalnum()
    }


def bridges(text, end, start):
    between = text[end:start]
    words = [word for word in re.findall(r"(?:[^\W_]|['-])+", between) if word.strip("'-")]
    return end <= start and len(words) <= 4 and not SENTENCE_END.search(between + text[start])


def expected(text):
    """Return the phrases with the places they begin at."""
    found = set()
    for name, (first, *others) in REGEXES.items():
        ways = spans(first, text)
        for regex in others:
            following = spans(regex, text) if ways else ()
            ways = {(a, d) for a, b in ways for c, d in following if bridges(text, b, c)}
        found |= {(name, start) for start, _ in ways}
    return found


WORDS = (
    "data breach breaches leak personal patient records exposed leaked sent to wrong person "
    "address study was has been spear phishing clicked link links mail fake files encrypted "
    "suddenly laptop got virus infected missing my usb stick token lost stolen vm hacked "
    "account cve-2026-123 colleague copied without permission shared a password vendor had "
    "incident at partner of in the "
).split()
JOINTS = [" ", " ", " ", " ", "", "-", "\n", ", ", ". ", "\n\n", " / ", "; ", "_", " - ", "(", "~"]
TEXTS = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(JOINTS)), max_size=14).map(
    lambda pairs: "".join(word + joint for word, joint in pairs).rstrip("_~")
)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_the_index_finds_what_plain_regexes_find(text):
    found = {(hit.phrase_id, hit.start) for hit in match(SHIPPED, "", text).hits}

    assert found == expected(text)


@pytest.mark.parametrize(
    "text",
    [
        "the personal data of one patient was leaked",
        "sent to the wrong person, to a wrong address",
        "spear-phishing: clicked on the link links",
        "lost my usb stick, token missing",
    ],
)
def test_the_two_agree_on_plain_sentences(text):
    found = {(hit.phrase_id, hit.start) for hit in match(SHIPPED, "", text).hits}

    assert found == expected(text) != set()
