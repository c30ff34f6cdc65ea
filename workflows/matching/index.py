"""One automaton over all phrases. It finds where phrases may stand; rule 6 decides what counts."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from .phrases import Pattern
from .positions import Edits, Span
from .sentences import LINE_END_HYPHEN, Sentences

SEPARATED = re.compile(r"[\s\-_/]{2,}|[^\S ]|[-_/]")
GAP_WORDS = 4
# A gap may end in several places. After this many the rest is the same words over and over.
MOST_ENDS = 16

Parts = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Owner:
    """A stretch of a phrase that begins with some literal."""

    phrase: int
    segment: int
    regex: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A phrase in a clean text: its number, and its spans between the gaps."""

    phrase: int
    parts: Parts


class Reading:
    """A clean text made ready for the automaton: every separator between words is one space."""

    def __init__(self, clean: str, edits: Edits) -> None:
        self.clean = clean
        self.from_clean = edits
        self.from_spaced = Edits()
        self.spaced = self._spaced()

    def _spaced(self) -> str:
        kept, position, shift = [], 0, 0
        for match in SEPARATED.finditer(self.clean):
            start, end = match.span()
            kept += [self.clean[position:start], "\n" if match.group().count("\n") > 1 else " "]
            position = end
            if end - start > 1:
                self.from_spaced.add((start - shift, start - shift + 1), (start, end))
                shift += end - start - 1
        kept.append(self.clean[position:])
        return "".join(kept)


def readings(clean: str) -> Iterator[Reading]:
    """Yield `clean` as it stands and, if hyphens break its lines, without those hyphens."""
    yield Reading(clean, Edits())
    edits, shift = Edits(), 0
    for match in LINE_END_HYPHEN.finditer(clean):
        start, end = match.span()
        edits.add((start - shift, start - shift), (start, end))
        shift += end - start
    if edits:
        yield Reading(LINE_END_HYPHEN.sub("", clean), edits)


class Index:
    """The compiled phrases."""

    __slots__ = ("_automaton", "_sizes", "_owners")

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        owners: dict[str, list[Owner]] = {}
        for phrase, pattern in enumerate(patterns):
            for segment, spellings in enumerate(pattern.segments):
                for spelled in spellings:
                    owner = Owner(phrase, segment, spelled.regex)
                    owners.setdefault(spelled.literal, []).append(owner)
        self._automaton = AhoCorasick(list(owners))
        self._owners = list(owners.values())
        self._sizes = [len(pattern.segments) for pattern in patterns]

    def occurrences(self, clean: str, sentences: Sentences) -> list[Occurrence]:
        """Return every phrase in `clean`, by phrase and then by place; its ends nearest first."""
        found: dict[int, list[set[Span]]] = {}
        for reading in readings(clean):
            for owner, span in self._stretches(reading):
                spans = found.setdefault(
                    owner.phrase, [set() for _ in range(self._sizes[owner.phrase])]
                )
                spans[owner.segment].add(span)
        return [
            Occurrence(phrase, parts)
            for phrase, spans in sorted(found.items())
            if all(spans)
            for parts in joined([sorted(each) for each in spans], sentences)
        ]

    def _stretches(self, reading: Reading) -> Iterator[tuple[Owner, Span]]:
        text = reading.spaced
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if text[start - 1 : start].isalnum():
                continue
            is_whole = not text[end : end + 1].isalnum()
            for owner in self._owners[number]:
                if owner.regex is not None:
                    yield from checked(owner, reading, start)
                elif is_whole:
                    yield owner, in_clean(reading, (start, end))


def checked(owner: Owner, reading: Reading, start: int) -> Iterator[tuple[Owner, Span]]:
    """Yield the stretch that begins at `start` if the owner's regex agrees."""
    begin = in_clean_start(reading, start)
    found = owner.regex.match(reading.clean, begin) if owner.regex else None
    if found and not reading.clean[found.end() : found.end() + 1].isalnum():
        span = found.span()
        yield owner, reading.from_clean.before(span) if reading.from_clean else span


def in_clean_start(reading: Reading, start: int) -> int:
    return reading.from_spaced.before((start, start + 1))[0]


def in_clean(reading: Reading, span: Span) -> Span:
    if reading.from_spaced:
        span = reading.from_spaced.before(span)
    return reading.from_clean.before(span) if reading.from_clean else span


def joined(spans: list[list[Span]], sentences: Sentences) -> list[Parts]:
    """Return the ways to put the stretches of a phrase together: one for each start and end."""
    ways: list[Parts] = [(span,) for span in spans[0]]
    for following in spans[1:]:
        starts = [start for start, _ in following]
        longer: dict[tuple[Span, Span], Parts] = {}
        for way in ways:
            for at in within_gap(way[-1][1], starts, sentences):
                longer.setdefault((way[0], following[at]), (*way, following[at]))
        ways = list(longer.values())
    return ways


def within_gap(end: int, starts: list[int], sentences: Sentences) -> Iterator[int]:
    """Yield the numbers of the starts that a gap from `end` can reach."""
    first = bisect_left(starts, end)
    if first == len(starts):
        return
    index = sentences.index(end - 1)
    for at in range(first, min(first + MOST_ENDS, len(starts))):
        start = starts[at]
        if sentences.index(start) != index or sentences.at(start).count(end, start) > GAP_WORDS:
            return
        yield at
