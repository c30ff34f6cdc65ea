"""What people type: what we accept, and how much of it can be seen."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

NUL = "\x00"
# Embeddings, overrides and isolates make text read other than it is stored; the plain
# left-to-right and right-to-left marks stay allowed.
DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
INVISIBLE = ("C", "Z")


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


def visible_length(value: str) -> int:
    """How many characters of `value` a reader can see: no spaces, controls or format characters."""
    return sum(not unicodedata.category(char).startswith(INVISIBLE) for char in value)


def one_line(value: str) -> str:
    """`value` with every run of white space, line breaks too, as one space."""
    return " ".join(value.split())
