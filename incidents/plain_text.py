"""What people type: what we accept, and how much of it can be seen."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

NUL = "\x00"
# Embeddings, overrides and isolates make text read other than it is stored; the plain
# left-to-right and right-to-left marks stay allowed.
DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
INVISIBLE = ("C", "Z")
# Letters and marks by category, and yet nothing to see: fillers, the braille blank, joiners.
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    map(chr, range(0xFE00, 0xFE10))
)
TEXT_MOST = 20_000


def check(value: str) -> None:
    """Raise ValidationError if `value` cannot be stored or would mislead its readers."""
    if NUL in value:
        raise ValidationError(_("Remove the null characters (NUL) from this text."), code="nul")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise ValidationError(_("Remove the broken characters from this text."), code="surrogate")
    if DIRECTION_CONTROLS.intersection(value):
        raise ValidationError(
            _("Remove the invisible characters that turn the direction of this text."),
            code="direction",
        )


def read(name: str, value: object, *, needed: str = "", most: int = TEXT_MOST) -> str:
    """`value` without white space at its ends.

    Raises ValidationError naming the field `name` for what is no text, too long, or cannot be
    stored; and with the sentence `needed`, when one is given, for what shows nothing.
    """
    try:
        if not isinstance(value, str):
            raise ValidationError(_("Send text."))
        if len(value) > most:
            raise ValidationError(_("Use at most %d characters.") % most)
        check(value)
        if needed and visible_length(value) == 0:
            raise ValidationError(needed)
    except ValidationError as problem:
        raise ValidationError({name: problem.messages}) from None
    return value.strip()


def visible_length(value: str) -> int:
    """How many characters of `value` a reader can see: no spaces, controls or format characters."""
    return sum(
        char not in BLANKS and not unicodedata.category(char).startswith(INVISIBLE)
        for char in value
    )


def one_line(value: str) -> str:
    """`value` with every run of white space, line breaks too, as one space."""
    return " ".join(value.split())
