"""Any text at all: no error, true spans, the same answer twice, and linear work."""

import sys
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.matching import load_shipped, match

SHIPPED = load_shipped()

PIECES = [
    "data breach",
    "data-\nbreach",
    "Datenpanne",
    "laptop",
    "stolen",
    "not ",
    "no ",
    "ruled out",
    "if ",
    "policy",
    "<b>",
    "</b>",
    "<p>",
    "<blockquote>",
    "</blockquote>",
    "<br>",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "<a href='",
    "&nbsp;",
    "&amp;",
    "&#1;",
    "&#",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "> ",
    "-- ",
    "-----Original Message-----",
    "From: x\n",
    "Sent: y\n",
    "3 May 10:05 Bob wrote:\n",
    "https://",
    "@",
    "www.",
    ".",
    ". ",
    ";",
    "!",
    "?",
    ",",
    " - ",
    "(",
    ")",
    "_",
    "~",
    "*",
    "`",
    "'",
    '"',
    "\x00",
    "\u00ad",
    "\u200b",
    "\u202e",
    "\ud800",
    "\udfff",
    "é",
    "e\u0301",
    "ß",
    "ﬁ",
    "密",
    "\u2028",
    "\x1c",
    "\x85",
    "…",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=40).map("".join)


@settings(deadline=None)
@given(subject=TEXTS, description=TEXTS, html=st.booleans())
def test_any_text_gives_hits_that_point_at_their_words(subject, description, html):
    result = match(SHIPPED, subject, description, html=html)

    fields = {"subject": subject, "description": description}
    for hit in result.hits:
        assert fields[hit.field][hit.start : hit.end] == hit.text
        assert hit.start < hit.end


@settings(deadline=None)
@given(subject=TEXTS, description=TEXTS, html=st.booleans())
def test_the_same_text_gives_the_same_answer(subject, description, html):
    first = match(SHIPPED, subject, description, html=html)

    assert match(load_shipped(), subject, description, html=html) == first


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec=None)))
def test_no_character_is_refused(text):
    assert match(SHIPPED, text, text, html=True).verdicts
    assert match(SHIPPED, text, text).verdicts


@settings(deadline=None)
@given(before=TEXTS, after=TEXTS)
def test_a_phrase_on_its_own_in_the_subject_is_found_whatever_follows(before, after):
    assert match(SHIPPED, "Data breach", before + after).verdicts["DB"] == "full"


@settings(deadline=None)
@given(st.text(alphabet="dat breach-\n\u00ad_.", max_size=40))
def test_the_words_of_a_hit_are_a_hit_by_themselves(text):
    for hit in match(SHIPPED, "", text).hits:
        again = match(SHIPPED, "", hit.text).hits
        moved = [
            replace(each, start=each.start + hit.start, end=each.end + hit.start) for each in again
        ]
        assert (hit.phrase_id, hit.start, hit.end) in [(m.phrase_id, m.start, m.end) for m in moved]


HOSTILE = {
    "angles": "<", "tags": "<b ", "attributes": "<b ='\">", "quotes": '<a href="',
    "comments": "<!--", "scripts": "<script>", "styles": "<style></style", "declarations": "<!x",
    "blocks": "<p>", "quotations": "<blockquote>", "closed": "</blockquote>", "breaks": "<br>",
    "ampersands": "&", "numbers": "&#", "digits": "&#1", "brackets": "(", "quoted lines": ">\n",
    "lines": "\n", "carriage returns": "\r", "spaces": " ", "dashes": "-", "apostrophes": "'",
    "dots": ". ", "questions": "?", "underlines": "_", "snakes": "a_", "equals": "= ",
    "mail": "a@", "handles": "@a", "schemes": "://", "addresses": "a://a ", "hosts": "www.",
    "broken lines": "a-\n", "marks": "a\u0301", "invisible": "\u200b", "long forms": "\ufdfa",
    "surrogates": "\ud800", "overrides": "\u202e", "one word": "data ", "hits": "data breach ",
    "one long word": "data-breach-", "starts": "laptop ", "wide starts": "laptop     ",
    "starts and ends": "laptop-lost-", "gap cues": "laptop not lost ", "cues": "no data breach ",
    "doubts": "if no data breach ", "denials": "data breach excluded ",
    "gaps": "breach of personal ", "anchors": "cve-", "classes": "cve-2026-1",
    "headers": "From:\n", "dates": "From: \nSent:\n", "introductions": "3 May 2026 wrote:\n",
    "signatures": "--\n", "markers": "original message\n", "procedures": "data breach form ",
    "months": "jan",
}  # fmt: skip


def work(text, html):
    """Count the steps of Python that a match takes: lines, calls, and calls into C."""
    count = 0

    def step(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(step)
    try:
        match(SHIPPED, "x", text, html=html)
    finally:
        sys.setprofile(None)
    return count


def seconds(text, html):
    """Return the least processor time of a few runs."""
    times = []
    for _ in range(2):
        begun = time.process_time()
        match(SHIPPED, "x", text, html=html)
        times.append(time.process_time() - begun)
    return min(times)


@pytest.mark.parametrize("html", [False, True], ids=["plain", "html"])
@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_four_times_the_text_is_about_four_times_the_work(piece, html):
    short, long = (piece * (size // len(piece)) for size in (5_000, 20_000))

    assert work(long, html) < 5 * work(short, html) + 2_000


@pytest.mark.parametrize("html", [False, True], ids=["plain", "html"])
@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_eight_times_the_text_is_not_the_square_of_the_time(piece, html):
    """Work inside C is not counted, so its time is compared; 64 times would be quadratic."""
    short, long = (piece * (size // len(piece)) for size in (4_000, 32_000))

    assert seconds(long, html) < 24 * seconds(short, html) + 0.02


def test_a_description_of_any_length_is_cut_first():
    assert work("data breach " * 4_000, False) > work("x " * 500_000, False)
