"""Rule 7: is a hit denied? Cues before it or in its gaps, words after it, doubt and questions."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property

from .positions import Span
from .sentences import Sentence, Sentences
from .vocabulary import CUES, DENIALS, DOUBTS, STOPS

STOP_MARK = re.compile(r"[,:()\[\]{}]|(?<!\S)-++(?!\S)")
WORDS_BEFORE = 4
WORDS_AFTER = 3
DIGIT_NEXT = re.compile(r"\s*+\d")

IsShouted = Callable[[Span], bool]


class Clauses:
    """One sentence with its stops, cues, doubts and denials marked. Each word is read once."""

    def __init__(self, sentence: Sentence, is_shouted: IsShouted) -> None:
        self.sentence = sentence
        self._is_shouted = is_shouted

    @cached_property
    def stops(self) -> list[int]:
        sentence = self.sentence
        marks = STOP_MARK.finditer(sentence.text, sentence.start, sentence.end)
        words = zip(sentence.starts, sentence.words, strict=True)
        return sorted(
            [match.start() for match in marks] + [start for start, word in words if word in STOPS]
        )

    @cached_property
    def commas(self) -> list[int]:
        text = self.sentence.text
        return [stop for stop in self.stops if text[stop] == ","]

    @cached_property
    def cues(self) -> frozenset[int]:
        """The numbers of the words that negate."""
        words = enumerate(self.sentence.words)
        return frozenset(at for at, word in words if word in CUES and not self._is_harmless(at))

    @cached_property
    def denials(self) -> frozenset[int]:
        return frozenset(first for first, _ in self._phrases(DENIALS))

    @cached_property
    def doubts(self) -> dict[int, Span]:
        """For each stretch with doubts in it: where the first one ends and the last one begins."""
        found: dict[int, Span] = {}
        for first, last in self._phrases(DOUBTS):
            start, end = self.sentence.starts[first], self.sentence.ends[last]
            stretch = self.stretch(start)
            if stretch == self.stretch(end - 1):
                first_end, last_start = found.get(stretch, (end, start))
                found[stretch] = min(first_end, end), max(last_start, start)
        return found

    def stretch(self, at: int) -> int:
        """Return the number of the stretch, between two stops, that the position is in."""
        return bisect_right(self.stops, at)

    def is_lifted(self, word: int, span: Span) -> bool:
        """True if doubt or a question takes its force from the cue `word` of the hit at `span`."""
        stretch = self.stretch(self.sentence.starts[word])
        if self.sentence.is_question and stretch == len(self.stops):
            return True
        if stretch not in self.doubts:
            return False
        first_end, last_start = self.doubts[stretch]
        return first_end <= span[0] or last_start >= span[1]

    def has_comma(self, start: int, end: int) -> bool:
        return bisect_left(self.commas, start) < bisect_left(self.commas, end)

    def _is_harmless(self, at: int) -> bool:
        """True for "no" before a digit and for SANS, the institute."""
        sentence = self.sentence
        if sentence.words[at] == "no":
            return DIGIT_NEXT.match(sentence.text, sentence.ends[at]) is not None
        return sentence.words[at] == "sans" and self._is_shouted(sentence.cores[at])

    def _phrases(self, book: dict[str, list[list[str]]]) -> list[Span]:
        """Return the numbers of the first and the last word of each phrase of `book`."""
        words = self.sentence.words
        return [
            (at, at + len(phrase) - 1)
            for at, word in enumerate(words)
            for phrase in book.get(word, ())
            if words[at : at + len(phrase)] == phrase
        ]


class Negation:
    """Judges the hits in one clean text."""

    def __init__(self, sentences: Sentences, is_shouted: IsShouted) -> None:
        self._sentences = sentences
        self._is_shouted = is_shouted
        self._read: dict[int, Clauses] = {}

    def negates(self, parts: Sequence[Span]) -> bool:
        """True if the hit is denied. `parts` are its spans between the gaps, in clean text."""
        span = parts[0][0], parts[-1][1]
        clauses = self._clauses(span[0])
        denial = self._denial(clauses, span[1])
        if denial is not None:
            word, is_denied_itself = denial
            if is_denied_itself or not clauses.is_lifted(word, span):
                return not is_denied_itself
        words = [*self._cues_before(clauses, span[0]), *self._cues_inside(clauses, parts)]
        return any(not clauses.is_lifted(word, span) for word in words)

    def _clauses(self, at: int) -> Clauses:
        index = self._sentences.index(at)
        if index not in self._read:
            self._read[index] = Clauses(self._sentences.at(at), self._is_shouted)
        return self._read[index]

    def _cues_before(self, clauses: Clauses, at: int) -> list[int]:
        begun, whole = clauses.sentence.before(at)
        stretch = clauses.stretch(at)
        starts = clauses.sentence.starts
        return [
            word
            for word in range(max(begun - WORDS_BEFORE, 0), whole)
            if word in clauses.cues and clauses.stretch(starts[word]) == stretch
        ]

    def _cues_inside(self, clauses: Clauses, parts: Sequence[Span]) -> list[int]:
        found: list[int] = []
        for (_, start), (end, _) in zip(parts, parts[1:], strict=False):
            words = range(clauses.sentence.after(start)[1], clauses.sentence.before(end)[1])
            found += [word for word in words if word in clauses.cues]
        return found

    def _denial(self, clauses: Clauses, at: int) -> tuple[int, bool] | None:
        """Return the word after the hit that excludes it, and whether that is denied in turn."""
        sentence = clauses.sentence
        near, whole = sentence.after(at)
        for word in range(whole, min(near + WORDS_AFTER, len(sentence.words))):
            if word in clauses.denials:
                if clauses.has_comma(at, sentence.starts[word]):
                    return None
                return word, any(between in clauses.cues for between in range(whole, word))
        return None
