"""Numbers that should not be in a report: seen, told, never blocked (DOMAIN.md 4, field 3)."""

import re
from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Groups of characters that may be parted by single blanks, dots or hyphens; linear to search.
BSN = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ .-]?[0-9]){8}(?![0-9A-Za-z])", re.ASCII)
CARD = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])", re.ASCII)
IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}[0-9]{2}(?: ?[A-Za-z0-9]){11,30}", re.ASCII)


def kinds(text: str) -> list[Promise]:
    """What kinds of numbers `text` seems to hold, each named once."""
    return list(dict.fromkeys(_found(text)))


def _found(text: str) -> Iterator[Promise]:
    if any(_is_bsn(_digits(match[0])) for match in BSN.finditer(text)):
        yield _("a citizen service number")
    if any(_is_card(_digits(match[0])) for match in CARD.finditer(text)):
        yield _("a payment card number")
    if any(_is_iban(match[0].replace(" ", "").upper()) for match in IBAN.finditer(text)):
        yield _("a bank account number")


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


def _is_bsn(digits: str) -> bool:
    """The eleven test of the Dutch citizen service number."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return total % 11 == 0 and total != 0


def _is_card(digits: str) -> bool:
    """Luhn's test."""
    odd = sum(int(digit) for digit in digits[-1::-2])
    even = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (odd + even) % 10 == 0 and odd + even > 0


def _is_iban(candidate: str) -> bool:
    """The remainder by 97 (ISO 13616) of any prefix: words may follow without a stop."""
    return any(
        int("".join(str(int(char, 36)) for char in part[4:] + part[:4])) % 97 == 1
        for part in (candidate[:length] for length in range(15, min(len(candidate), 34) + 1))
    )
