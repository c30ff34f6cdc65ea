"""What people type: what is taken, and how much of it can be seen."""

import pytest
from django.core.exceptions import ValidationError

from incidents import plain_text

BAD = {
    "nul": "a\x00b",
    "surrogate": "a\ud800b",
    "direction": "a\u202eb",
}
TURNING = "\u202d\u202e"


@pytest.mark.parametrize(("code", "text"), BAD.items(), ids=BAD)
def test_what_cannot_be_stored_or_misleads_is_refused(code, text):
    with pytest.raises(ValidationError) as refused:
        plain_text.check(text)

    assert refused.value.code == code


@pytest.mark.parametrize("char", "\x00\u202e")
def test_where_an_invisible_character_stands_is_said(char):
    with pytest.raises(ValidationError, match="file invoice”"):
        plain_text.check(f"Look at the file invoice{char}gpj.exe")
    with pytest.raises(ValidationError, match="at the beginning"):
        plain_text.check(f"{char}gpj.exe")


@pytest.mark.parametrize("char", [*TURNING, "\udfff"])
def test_every_turning_and_every_broken_character_is_refused(char):
    with pytest.raises(ValidationError):
        plain_text.check(f"invoice{char}gpj.exe")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "naïve 😀",
        "שלום \u200f!",
        "سلام \u200e",
        "soft\u00adhyphen",
        "\u202aC:\\Users\\ann\u202c",
        "\u2068Ann\u2069 wrote",
        "a\r\n\tb",
        "\u200d",
    ],
)
def test_what_people_write_in_their_languages_is_taken(text):
    plain_text.check(text)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("abc", 3),
        (" a b\n\tc ", 3),
        ("\u00a0\u2003\u3000\u2028\u2029", 0),
        ("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e", 0),
        ("\u2800\u3164\u115f\u1160\uffa0\u034f\u17b4\ufe0f", 0),
        ("\x01\x1b\x7f\x85", 0),
        ("\ue000\U000e0041", 0),
        ("é", 1),
        ("日本語。", 4),
        ("😀!", 2),
        ("a\u200bb" * 10, 20),
    ],
)
def test_only_what_a_reader_sees_is_counted(text, length):
    assert plain_text.visible_length(text) == length


def test_one_line_has_no_line_breaks_and_no_double_spaces():
    assert plain_text.one_line("  a\r\n\tb \u2028 c\u00a0d ") == "a b c d"


@pytest.mark.parametrize("value", [None, 5, ["a"], b"a", "x" * 11, *BAD.values()])
def test_reading_names_the_field(value):
    with pytest.raises(ValidationError) as refused:
        plain_text.read("colour", value, most=10)

    assert set(refused.value.message_dict) == {"colour"}


def test_reading_asks_for_something_to_see_only_where_it_is_needed():
    assert plain_text.read("colour", " \n ") == ""
    assert plain_text.read("colour", " red ", needed="Say which.") == "red"

    with pytest.raises(ValidationError, match="Say which"):
        plain_text.read("colour", "\u200b", needed="Say which.")
