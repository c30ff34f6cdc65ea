"""What people type: what we accept, and how much of it can be seen."""

import unicodedata
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

NUL = "\x00"
# Overrides make Latin letters read backwards, which only a forger wants. Marks, embeddings and
# isolates come with every pasted path (Windows) or name (chats), and a reporter cannot see them.
OVERRIDES = frozenset("\u202d\u202e")
NEAR = 20
INVISIBLE = ("C", "Z")
# Letters and marks by category, and yet nothing to see: fillers, the braille blank, joiners.
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    map(chr, range(0xFE00, 0xFE10))
)
TEXT_MOST = 20_000


def check(value: str) -> None:
    """Raise ValidationError if `value` cannot be stored or would mislead its readers."""
    if NUL in value:
        raise ValidationError(
            _("Remove the invisible null character (NUL) %s.") % _near(value, {NUL}), code="nul"
        )
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise ValidationError(_("Remove the broken characters from this text."), code="surrogate")
    if OVERRIDES.intersection(value):
        raise ValidationError(
            _("Remove the invisible character that turns the text around, %s.")
            % _near(value, OVERRIDES),
            code="direction",
        )


def _near(value: str, unwanted: Collection[str]) -> str:
    """Where the first unwanted character stands, in words that can be searched for."""
    at = next(place for place, char in enumerate(value) if char in unwanted)
    before = "".join(filter(str.isprintable, value[max(0, at - NEAR) : at])).strip()
    return _("after “%s”") % before if before else _("at the beginning")


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
