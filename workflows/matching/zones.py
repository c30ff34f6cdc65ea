"""Rule 3: the parts of a text that are not the reporter's own words. Works on plain text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from .addresses import addresses
from .cleaning import HARD_STOP, fold
from .positions import Ranges, Span
from .sentences import WORD

MARKERS = (
    "original message",
    "oorspronkelijk bericht",
    "ursprungliche nachricht",
    "message d'origine",
    "forwarded message",
    "begin forwarded message",
    "doorgestuurd bericht",
)
DECORATION = " \t\xa0-_=*>:."
HEADER_FROM = re.compile(r"\s*+(?:from|van|von|de)\s*+:")
HEADER_DATE = re.compile(r"\s*+(?:sent|date|verzonden|datum|gesendet|envoye)\s*+:")
HEADER_LINES = 3

INTRODUCTION_END = re.compile(r"(?:^|[^\w])(?:wrote|a ecrit)$")
INTRODUCTION_VERB = re.compile(r"\b(?:schreef|schrieb)\b")
MONTHS = "jan feb mar mrt maa apr may mei mai jun jul aug aou sep okt oct nov dez dec fev avr jui"
MONTH = rf"(?:{MONTHS.replace(' ', '|')})[a-z]*+"
DATE_OR_TIME = re.compile(
    r"\b\d{1,2}[:.h]\d{2}\b"
    r"|\b\d{1,2}\s?(?:[ap]\.?\s?m\b|uhr\b|uur\b|h\b|heures?\b)"
    r"|\b\d{1,4}[-/.]\d{1,2}\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th|er|e)?[\s./-]{{1,3}}(?:de\s|of\s)?{MONTH}\b"
    rf"|\b{MONTH}\.?\s{{1,3}}\d{{1,2}}"
)
LINE_GOES_ON = re.compile(r"(?:[^.!?;:\s]|\b[ap]\.\s?m\.)\s*$")

FORWARDED = re.compile(r"\s*+(?:fwd?|wg|tr|doorst)\b", re.IGNORECASE)
FEW_WORDS = 5


@dataclass(frozen=True, slots=True)
class Tail:
    """A foreign mail that fills the rest of the text.

    Its block begins in line `first`, its words in line `words`; lines before `inside` say only
    whose mail it is. An introduction ("Bob wrote:") shows a reply, anything else may be a forward.
    """

    first: int
    words: int
    inside: int
    is_introduction: bool = False


class Lines:
    """The lines of a plain text, as they are and folded."""

    def __init__(self, text: str) -> None:
        self.plain = text.replace(HARD_STOP, "\n").split("\n")
        self.folded = [fold(line) for line in self.plain]
        self.starts = [0, *accumulate(len(line) + 1 for line in self.plain)]
        self.last_quoted = max((n for n in range(len(self)) if self.is_quoted(n)), default=-1)

    def __len__(self) -> int:
        return len(self.plain)

    def is_quoted(self, number: int) -> bool:
        return self.plain[number].startswith(">")

    def span(self, first: int, end: int | None = None) -> Span:
        """Return where the lines from `first` up to `end` stand, the last one if there is none."""
        last = len(self) if end is None else end
        return self.starts[first], max(self.starts[last] - 1, self.starts[first])

    def tail(self, number: int) -> Tail | None:
        """Return the foreign mail that begins at this line, if one does."""
        if is_marker(self.folded[number]):
            header = self._skip_blank(number + 1)
            return Tail(number, number + 1, self._header_end(header) or number + 1)
        if header_end := self._header_end(number):
            return Tail(number, number, header_end)
        first = self._introduction(number)
        if first is not None and self.last_quoted < number:
            return Tail(first, number + 1, number + 1, is_introduction=True)
        return None

    def _skip_blank(self, number: int) -> int:
        while number < len(self) and not self.plain[number].strip():
            number += 1
        return number

    def _header_end(self, number: int) -> int:
        """Return the line after the date of a header block that begins here, 0 if none does."""
        if number >= len(self) or not HEADER_FROM.match(self.folded[number]):
            return 0
        for below in range(number + 1, min(number + 1 + HEADER_LINES, len(self))):
            if HEADER_DATE.match(self.folded[below]):
                return below + 1
        return 0

    def _introduction(self, number: int) -> int | None:
        """Return the first line of the introduction that ends in this line."""
        line = self.folded[number].rstrip()
        if not line.endswith(":"):
            return None
        if is_introduction(line):
            return number
        before = self.folded[number - 1] if number and not self.is_quoted(number - 1) else ""
        if LINE_GOES_ON.search(before) and is_introduction(f"{before.strip()} {line.strip()}"):
            return number - 1
        return None


def is_marker(folded: str) -> bool:
    """True for a line such as "-----Original Message-----", and not for a sentence with it."""
    core = folded.strip(DECORATION)
    if core in MARKERS:
        return True
    return folded.lstrip().startswith("--") and core.startswith(MARKERS)


def is_introduction(folded: str) -> bool:
    said = folded.rstrip().removesuffix(":").rstrip()
    ends_well = INTRODUCTION_END.search(said[-10:]) or INTRODUCTION_VERB.search(said)
    return bool(ends_well) and DATE_OR_TIME.search(folded) is not None


@dataclass(slots=True)
class Found:
    """The zones of one text while they are looked for."""

    quoted: list[Span] = field(default_factory=list)
    signature: list[Span] = field(default_factory=list)
    tail: Tail | None = None


def scan(lines: Lines, first: int) -> Found:
    """Look for zones from line `first` on, up to the first foreign mail that fills the rest."""
    found = Found()
    for number in range(first, len(lines)):
        if lines.is_quoted(number):
            found.quoted.append(lines.span(number, number + 1))
        elif tail := lines.tail(number):
            found.tail = tail
            break
        elif lines.plain[number] in ("--", "-- ", "--\xa0") and not found.signature:
            found.signature.append(lines.span(number + 1))
    return found


def find_zones(
    text: str, *, subject: str, quotes: Sequence[Span], footers: Sequence[Span]
) -> dict[str, Ranges]:
    """Return the zones of `text` by name, strongest first.

    `quotes` are quotations known from markup. The subject tells whether the mail is a forward.
    """
    lines = Lines(text)
    found = scan(lines, 0)
    quoted, signature = [*quotes, *found.quoted], found.signature
    if found.tail and counts_as_body(lines, found, quoted, footers, subject):
        own_end = lines.starts[found.tail.first]
        signature = [(start, min(end, own_end)) for start, end in signature]
        inside = scan(lines, found.tail.inside)
        quoted += inside.quoted + rest(lines, inside)
        signature += inside.signature
    else:
        quoted += rest(lines, found)
    return {
        "quoted": Ranges(quoted),
        "signature": Ranges(signature),
        "footer": Ranges(footers),
        "url": Ranges(addresses(text)),
    }


def rest(lines: Lines, found: Found) -> list[Span]:
    """Return the foreign mail at the end, if there is one."""
    return [lines.span(found.tail.words)] if found.tail else []


def counts_as_body(
    lines: Lines, found: Found, quoted: Sequence[Span], footers: Sequence[Span], subject: str
) -> bool:
    """True for a forwarded mail to which the sender added nothing, or next to nothing."""
    if found.tail is None:
        return False
    own_end = max(lines.starts[found.tail.first] - 1, 0)
    foreign = Ranges([*quoted, *footers, *found.signature])
    text = "\n".join(lines.plain)
    own = sum(count_words(text, span, FEW_WORDS + 1) for span in foreign.outside(0, own_end))
    if FORWARDED.match(subject):
        return own <= FEW_WORDS
    return own == 0 and not found.tail.is_introduction


def count_words(text: str, span: Span, most: int) -> int:
    """Count words, and stop at `most`."""
    count = 0
    for match in WORD.finditer(fold(text[span[0] : span[1]])):
        count += bool(match.group().strip("'-"))
        if count == most:
            break
    return count
