"""Rule 5: where sentences end and what their words are. Works on clean text."""

import re
from bisect import bisect_left, bisect_right
from functools import cached_property

from .cleaning import HARD_STOP

SENTENCE_END = re.compile(rf"[;!?{HARD_STOP}]|\.(?=\s|{HARD_STOP}|\Z)|\n[^\S\n]*+\n")

# A hyphen that only breaks a line: the word may be written with it or without.
BROKEN_LINE = r"(?<=[^\W_]-)[^\S\n]*+\n[^\S\n]*+(?=[^\W_])"
LINE_END_HYPHEN = re.compile(rf"-{BROKEN_LINE}")
# Not possessive: before 3.11.5 Python matches possessive groups wrongly, and this one for ever.
WORD = re.compile(rf"(?:[^\W_]|['\-]|{BROKEN_LINE})+")
LETTER = re.compile(r"[^\W_]")
EDGES = "'-"


class Sentence:
    """The words of one sentence, by position in the whole text.

    A word's core runs from its first letter or digit to its last one.
    """

    __slots__ = ("cores", "end", "ends", "is_question", "start", "starts", "text", "words")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        self.is_question = text[end - 1 : end] == "?"
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.cores: list[tuple[int, int]] = []
        for match in WORD.finditer(text, start, end):
            self._add(match)

    def _add(self, match: re.Match[str]) -> None:
        run = match.group()
        opened, closed = run.lstrip(EDGES), run.rstrip(EDGES)
        if not opened:
            return
        start, end = match.span()
        self.starts.append(start)
        self.ends.append(end)
        self.cores.append((end - len(opened), start + len(closed)))
        # "no-" is the beginning of some other word, but quotes and list dashes are not.
        self.words.append(LINE_END_HYPHEN.sub("", opened.rstrip("'")))

    def before(self, at: int) -> tuple[int, int]:
        """Return how many words begin before `at`, and how many of these end there as well."""
        begun = bisect_left(self.starts, at)
        if begun and self.ends[begun - 1] > at:
            return begun - (self.cores[begun - 1][0] >= at), begun - 1
        return begun, begun

    def after(self, at: int) -> tuple[int, int]:
        """Return the first word with a letter after `at`, and the first that begins after it."""
        first = bisect_right(self.ends, at)
        if first < len(self.starts) and self.starts[first] < at:
            return first + (self.cores[first][1] <= at), first + 1
        return first, first

    def count(self, start: int, end: int) -> int:
        """Return how many words, or parts of words, lie between `start` and `end`."""
        first, last = self.after(start)[0], self.before(end)[0]
        if last - first != 1:
            return max(last - first, 0)
        return int(LETTER.search(self.text, start, end) is not None)


class Sentences:
    """The sentences of a clean text. Only those that are asked for are read word by word."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._read: dict[int, Sentence] = {}

    @cached_property
    def ends(self) -> list[int]:
        return [match.end() for match in SENTENCE_END.finditer(self.text)]

    def index(self, at: int) -> int:
        """Return the number of the sentence that the character at `at` belongs to."""
        return bisect_right(self.ends, at)

    def at(self, position: int) -> Sentence:
        """Return the sentence that the character at `position` belongs to."""
        index = self.index(position)
        if index not in self._read:
            start = self.ends[index - 1] if index else 0
            end = self.ends[index] if index < len(self.ends) else len(self.text)
            self._read[index] = Sentence(self.text, start, end)
        return self._read[index]
