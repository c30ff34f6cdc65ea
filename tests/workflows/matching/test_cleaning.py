"""Rule 4: cleaning, and the way back."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.matching import load_shipped, match
from workflows.matching.cleaning import drop_underlines, fold, fold_edits

SHIPPED = load_shipped()


def clean(text):
    return drop_underlines(fold(text))[0]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Data BREACH", "data breach"),
        ("Ｄａｔａ\u3000ｂｒｅａｃｈ", "data breach"),
        ("\ufb01le", "file"),
        ("da\u00adta", "data"),
        ("da\u200bta\u200d\u2060", "data"),
        ("\u202edata\u202c\ufeff", "data"),
        ("a\u2010b\u2011c\u2012d\u2013e\u2014f\u2015g\u2212h", "a-b-c-d-e-f-g-h"),
        ("‘a’ ‚b‛ “c” „d‟", "'a' 'b' \"c\" \"d\""),
        ("**data** `breach`", "data breach"),
        ("_data_ breach", "data breach"),
        ("data_breach", "data_breach"),
        ("data__breach", "data__breach"),
        ("data_*_breach", "data__breach"),
        ("data_\u200bbreach", "data_breach"),
        ("~~data~~ breach", "data breach"),
        ("data~breach", "data~breach"),
        ("(_data", "(data"),
        ("data_.", "data."),
        ("Straße STRASSE ẞ", "strasse strasse ss"),
        ("déjà vu DÉJÀ", "deja vu deja"),
        ("de\u0301ja\u0300", "deja"),
        ("Überlastung", "uberlastung"),
        ("œuvre ŒUVRE æ ǽ ø Ǿ ł Ł", "oeuvre oeuvre ae ae o o l l"),
        ("İstanbul", "istanbul"),
        ("d\u0489a\u0336ta", "data"),
        ("\ud800\x01", "\x01\x01"),
        ("密码", "密码"),
        ("…", "..."),
    ],
)
def test_each_way_of_writing_has_one_clean_form(text, cleaned):
    assert clean(text) == cleaned


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_character_by_character_equals_the_whole_text_at_once(text):
    normal = unicodedata.normalize("NFKC", text)
    visible = "".join(c for c in normal if unicodedata.category(c) != "Cf")
    letters = unicodedata.normalize("NFD", visible.casefold())
    expected = "".join(c for c in letters if not unicodedata.category(c).startswith("M"))

    assert drop_marks(fold(text)) == drop_marks(expected)


def drop_marks(text):
    """Leave the characters that only the later steps of the rule touch out of the comparison."""
    touched = "*`-'\"\u0153\u00e6\u00f8\u0142oeaolf"
    dashes = "".join(map(chr, [*range(0x2010, 0x2020), 0x2212]))
    return "".join(c for c in text if c not in touched + dashes)


@given(st.text())
def test_cleaning_what_is_clean_changes_nothing(text):
    once = clean(text)

    assert clean(once) == once


@given(st.text(alphabet="aé\u00adß_~* ﬁ\u0301"))
def test_each_clean_character_leads_back_to_one_that_gives_it(text):
    folded, edits = fold(text), fold_edits(text)

    for at, character in enumerate(folded):
        start, end = edits.before((at, at + 1))
        assert character in fold(text[start:end])


@pytest.mark.parametrize(
    "written",
    [
        "da\u00adta\u200b breach",
        "**data** __breach__",
        "Dátá bréach",
        "DATA\u2011BREACH",
        "ｄａｔａ breach",
        "da\u0301ta breach\u0323\u0301",
    ],
)
def test_the_hit_is_shown_as_it_was_written(written):
    description = f"Straße: {written}!"

    (hit,) = match(SHIPPED, "ﬁrst", description).hits

    assert hit.text == written.strip("*_")
    assert description[hit.start : hit.end] == hit.text


def test_a_hyphen_at_a_line_end_may_belong_to_the_word_or_not():
    for written in ("mal-\nware", "ransom-\r\nware", "data-\nbreach", "da-\n  ta breach"):
        (hit,) = match(SHIPPED, "Question", f"We saw {written} today").hits
        assert hit.text == written


def test_a_hyphen_inside_a_line_is_kept():
    assert match(SHIPPED, "Question", "We saw mal-ware and mal- ware").hits == ()


def test_two_broken_words_of_one_phrase_are_read_each_in_its_own_way():
    description = "The vendor-\nbased team had an in-\ncident"

    (hit,) = match(SHIPPED, "Question", description).hits

    assert hit.text == "vendor-\nbased team had an in-\ncident"
