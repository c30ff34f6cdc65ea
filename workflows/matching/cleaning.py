"""Rule 4: one spelling for every way of writing a word, with the way back to the original."""

import re
import unicodedata

from .positions import Edits

# A lone surrogate cannot be searched for, and NUL is our own mark of a hard stop. Both turn into
# a control character, which like them is neither a word character nor white space.
NEUTRAL = "\x01"
HARD_STOP = "\x00"

# More than any alphabet in use; keeps a hostile text from filling the memory with odd characters.
MOST_REMEMBERED = 20_000

DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
QUOTES = dict.fromkeys(range(0x2018, 0x201C), "'") | dict.fromkeys(range(0x201C, 0x2020), '"')
MARKUP = dict.fromkeys(map(ord, "*`"), "")
LETTERS = {ord("œ"): "oe", ord("æ"): "ae", ord("ø"): "o", ord("ł"): "l"}
PUNCTUATION = DASHES | QUOTES | MARKUP

MAYBE_LONGER = re.compile("[*`\u0080-\U0010ffff]")
UNDERLINES = re.compile("[_~]+")


class Spelling(dict[int, str]):
    """The clean form of each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        clean = spell(chr(code))
        if len(self) < MOST_REMEMBERED:
            self[code] = clean
        return clean


def spell(character: str) -> str:
    """Return the clean form of one character: none, one or several characters."""
    if "\ud800" <= character <= "\udfff":
        return NEUTRAL
    normal = unicodedata.normalize("NFKC", character)
    visible = "".join(c for c in normal if unicodedata.category(c) != "Cf")
    folded = visible.translate(PUNCTUATION).casefold()
    return "".join(
        c
        for c in unicodedata.normalize("NFD", folded)
        if not unicodedata.category(c).startswith("M")
    ).translate(LETTERS)


SPELLING = Spelling()
for code in range(0x100):
    SPELLING[code] = spell(chr(code))


def fold(text: str) -> str:
    """Return `text` with each character in its clean form; underlines are left alone.

    Composing and decomposing character by character gives what the whole text would give, for
    the marks that could have been composed are dropped in the end.
    """
    return text.translate(SPELLING)


def fold_edits(text: str) -> Edits:
    """Return where the characters of `fold(text)` stood in `text`."""
    edits, shift = Edits(), 0
    for match in MAYBE_LONGER.finditer(text):
        start = match.start()
        length = len(SPELLING[ord(match.group())])
        if length != 1:
            new = start + shift
            edits.add((new, new + length), match.span())
            shift += length - 1
    return edits


def drop_underlines(folded: str) -> tuple[str, Edits]:
    """Remove `_` and `~` unless they stand between two word characters.

    A run of them counts as one: in `study__data` it still parts two words.
    """
    edits = Edits()
    if "_" not in folded and "~" not in folded:
        return folded, edits
    kept, position, shift = [], 0, 0
    for match in UNDERLINES.finditer(folded):
        start, end = match.span()
        if folded[max(start - 1, 0) : start].isalnum() and folded[end : end + 1].isalnum():
            continue
        kept.append(folded[position:start])
        edits.add((start - shift, start - shift), (start, end))
        position, shift = end, shift + end - start
    kept.append(folded[position:])
    return "".join(kept), edits
