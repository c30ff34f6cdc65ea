"""The whole way from a report to its hits and verdicts: DOMAIN.md 7.1, rules 1 to 8, in order."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from .cleaning import drop_underlines, fold, fold_edits
from .html import to_text
from .index import Occurrence, Parts, Reading
from .lists import PhraseLists
from .negation import Negation
from .positions import Edits, Ranges, Span, trace
from .sentences import LINE_END_HYPHEN, Sentences
from .verdicts import Hit, decide, form_hits
from .vocabulary import PROCEDURE
from .zones import find_zones

LONGEST = 50_000
LONGEST_PROCEDURE_WORD = max(map(len, PROCEDURE))
BETWEEN_WORDS = re.compile(r"[\s\-_/]++")
LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Result:
    """What a report matched. `cut` says that only its beginning was read."""

    hits: tuple[Hit, ...]
    verdicts: dict[str, str]
    cut: bool


def match(
    lists: PhraseLists,
    subject: str,
    description: str,
    *,
    about: str = "",
    personal_data: str = "",
    html: bool = False,
    known_footers: tuple[str, ...] = (),
    fallback: bool = True,
) -> Result:
    """Return every hit in a report and what follows from them. Pure, and linear in the text.

    `html` says that the description came as text/html. A later message of the reporter is a
    description without subject and without `fallback`, for RISK is decided once.
    """
    title, body, cut = cut_off(subject, description)
    fields = [
        Field("subject", title, "", html=False, known_footers=known_footers),
        Field("description", body, title, html=html, known_footers=known_footers),
    ]
    hits = [hit for each in fields for hit in each.hits(lists)]
    hits += form_hits(about, personal_data, lists.versions)
    order = {each.code: place for place, each in enumerate(lists.lists)}
    by_playbook = sorted(hits, key=lambda hit: order.get(hit.playbook, len(order)))
    return Result(tuple(hits), decide(by_playbook, fallback=fallback), cut)


def cut_off(subject: str, description: str) -> tuple[str, str, bool]:
    """Return what is read of subject, line break and description, and whether that is not all."""
    title = subject[:LONGEST]
    body = description[: max(LONGEST - len(title) - 1, 0)]
    return title, body, len(subject) + 1 + len(description) > LONGEST


def with_marks(original: str, end: int) -> int:
    """Return `end` moved past the accents that are written after the last letter of a hit."""
    while unicodedata.category(original[end : end + 1] or " ").startswith("M"):
        end += 1
    return end


class Field:
    """One field of a report on its way through the rules. No hit leaves it for another field."""

    def __init__(
        self, name: str, original: str, subject: str, *, html: bool, known_footers: tuple[str, ...]
    ) -> None:
        self.name = name
        self.original = original
        self.subject = subject
        self.known_footers = known_footers
        self.plain = to_text(original, declared=html)
        self.clean, self._underlines = drop_underlines(fold(self.plain.text))
        self.sentences = Sentences(self.clean)
        self.negation = Negation(self.sentences, self.is_shouted)

    def hits(self, lists: PhraseLists) -> list[Hit]:
        """Return the hits by place: one for each phrase and start, the clearest of its ends."""
        found = lists.index.occurrences(self.clean, self.sentences)
        starts = groupby(found, key=lambda each: (each.phrase, each.parts[0]))
        hits = [self.clearest(lists, list(same)) for _, same in starts]
        return sorted(hits, key=lambda hit: (hit.start, hit.end))

    def clearest(self, lists: PhraseLists, ends: Sequence[Occurrence]) -> Hit:
        """Return the hit for the nearest end that is neither negated nor in a zone."""
        first: Hit | None = None
        for occurrence in ends:
            hit = self.hit(lists, occurrence)
            if not (hit.negated or hit.zone):
                return hit
            first = first or hit
        return first or self.hit(lists, ends[0])

    def hit(self, lists: PhraseLists, occurrence: Occurrence) -> Hit:
        phrase_list, phrase = lists.phrases[occurrence.phrase]
        parts = occurrence.parts
        start, end = trace([*self.plain.edits, *self.cleaning], (parts[0][0], parts[-1][1]))
        end = with_marks(self.original, end)
        return Hit(
            playbook=phrase_list.code,
            phrase_id=phrase.id,
            phrase=phrase.text,
            language=phrase.language,
            field=self.name,
            start=start,
            end=end,
            text=self.original[start:end],
            zone=self.zone(parts),
            negated=self.negation.negates(parts),
            weak=phrase.weak,
            version=phrase_list.version,
        )

    @cached_property
    def cleaning(self) -> list[Edits]:
        """The way from clean back to plain text; worked out only if there is a hit to show."""
        return [fold_edits(self.plain.text), self._underlines]

    @cached_property
    def zones(self) -> dict[str, Ranges]:
        return find_zones(
            self.plain.text,
            subject=self.subject,
            quotes=self.plain.quotes,
            footers=[trace(self.cleaning, span) for span in self.footers()],
        )

    def zone(self, parts: Parts) -> str:
        """Return the zone that words of the phrase stand in; a gap may hold anything."""
        spans = [trace(self.cleaning, part) for part in parts]
        for name, ranges in self.zones.items():
            if any(ranges.touch(span) for span in spans):
                return name
        return "procedure" if self.is_procedure(parts[-1][1]) else ""

    def is_procedure(self, end: int) -> bool:
        """True if the next word speaks of rules or lessons, and so the hit of no incident."""
        between = BETWEEN_WORDS.match(self.clean, end)
        if not between or between.group().count("\n") > 1:
            return False
        # A word broken by a hyphen at the line end is longer than it will be; twice is enough.
        following = self.clean[between.end() : between.end() + 2 * LONGEST_PROCEDURE_WORD]
        words = (LETTERS.match(text) for text in (following, LINE_END_HYPHEN.sub("", following)))
        return any(word is not None and word.group() in PROCEDURE for word in words)

    def is_shouted(self, span: Span) -> bool:
        """True if the word stands in capitals in the original."""
        start, end = trace(self.cleaning, span)
        return self.plain.text[start:end].isupper()

    def footers(self) -> Iterator[Span]:
        """Yield where known footers stand in the clean text, however their lines are broken."""
        if not self.known_footers:
            return
        reading = Reading(self.clean, Edits())
        for footer in self.known_footers:
            wanted = Reading(drop_underlines(fold(footer))[0], Edits()).spaced.strip()
            start = reading.spaced.find(wanted) if wanted else -1
            while start >= 0:
                end = start + len(wanted)
                yield reading.from_spaced.before((start, end))
                start = reading.spaced.find(wanted, end)
