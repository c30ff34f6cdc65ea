"""The phrase files: what they may say, and what is shipped."""

import dataclasses

import pytest

from workflows.matching import CODES, PhraseError, PhraseLists, load_shipped, match, parse_list
from workflows.matching.lists import SHIPPED as FILES

GOOD = """version: 7
# What this list is for.

[en]
data~breach   # trailing words of explanation
^ breach

[fr]
fuite(s)? de données
"""


def errors(text):
    with pytest.raises(PhraseError) as refused:
        parse_list("DB", text, "DB.txt")
    return refused.value.errors


def test_a_list_has_a_version_and_phrases_with_stable_ids():
    parsed = parse_list("DB", GOOD, "DB.txt")

    assert (parsed.code, parsed.version) == ("DB", 7)
    assert [(each.id, each.language, each.text, each.weak) for each in parsed.phrases] == [
        ("DB.en.1", "en", "data~breach", False),
        ("DB.en.2", "en", "^ breach", True),
        ("DB.fr.1", "fr", "fuite(s)? de données", False),
    ]


def test_a_list_can_be_made_again_from_what_a_row_stores():
    row = ("DB", 7, GOOD)

    again = parse_list(row[0], row[2], "version 7 of DB")

    assert again == parse_list("DB", GOOD, "DB.txt")
    assert dataclasses.replace(again, version=8).version == 8


def test_windows_line_ends_and_a_byte_order_mark_are_no_matter():
    windows = "\ufeff" + GOOD.replace("\n", "\r\n")

    assert parse_list("DB", windows, "DB.txt") == parse_list("DB", GOOD, "DB.txt")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "must give the version"),
        ("[en]\na b\n", 1, "must give the version"),
        ("[en]\nversion: 1\n", 1, "must give the version"),
        ("version: 1\nversion: 2\n", 2, "before the first language"),
        ("version: 1\na b\n", 2, "before the first language"),
        ("version: 1\n[english]\n", 2, "before the first language"),
        ("version: 1\n[en]\na\n[en]\nb\n", 4, "has a section already"),
        ("version: 1\n[en]\na b\n\n^ a b\n", 5, "is on line 3 already"),
        ("version: 1\n[en]\n(a\n", 3, "is not closed"),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_line(text, line, message):
    ((file, number, said),) = errors(text)

    assert (file, number) == ("DB.txt", line)
    assert message in said


def test_all_problems_are_told_at_once():
    found = errors("version: 0\n[en]\n(a\nb)\n")

    assert [line for _, line, _ in found] == [1, 1, 3, 4]
    assert "DB.txt, line 4: " in str(PhraseError(found))


def test_the_same_phrase_may_stand_in_two_languages():
    assert len(parse_list("X", "version: 1\n[nl]\na\n[de]\na\n", "X.txt").phrases) == 2


def test_two_lists_for_one_playbook_are_refused():
    one = parse_list("DB", GOOD, "DB.txt")

    with pytest.raises(ValueError, match="same playbook"):
        PhraseLists.of([one, one])


def test_no_lists_at_all_find_nothing():
    assert match(PhraseLists.of([]), "data breach", "data breach").verdicts == {"RISK": "full"}


def test_the_lists_cannot_be_changed():
    lists = load_shipped()

    with pytest.raises(dataclasses.FrozenInstanceError):
        lists.lists = ()
    with pytest.raises(dataclasses.FrozenInstanceError):
        lists.lists[0].version = 2


def test_every_playbook_but_the_fallback_ships_a_list_in_four_languages():
    lists = load_shipped().lists

    assert tuple(each.code for each in lists) == CODES
    assert {file.stem for file in FILES.iterdir()} == set(CODES)
    assert {phrase.language for each in lists for phrase in each.phrases} == set(
        "en nl de fr".split()
    )


def test_no_shipped_phrase_is_lost_by_accident():
    """The numbers are those of DOMAIN.md 7.2."""
    numbers = {each.code: len(each.phrases) for each in load_shipped().lists}

    assert numbers == {
        "DB": 32,
        "PHISH": 22,
        "MAL": 31,
        "LOST": 12,
        "ACC": 26,
        "DOS": 8,
        "VULN": 18,
        "INSIDER": 16,
        "SUPP": 11,
    }
