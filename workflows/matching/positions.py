"""Where rewritten text came from, so that a hit can be shown in the reporter's own words."""

from bisect import bisect_right
from collections.abc import Sequence

Span = tuple[int, int]


class Edits:
    """The pieces of a rewritten text that changed length; everything between them is one to one.

    Pieces are added from left to right. A dropped piece is one whose new span is empty.
    """

    __slots__ = ("_pieces", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._pieces: list[tuple[int, int, int]] = []

    def __bool__(self) -> bool:
        return bool(self._starts)

    def add(self, new: Span, old: Span) -> None:
        """Note that the piece `new` stands where `old` stood in the text before."""
        self._starts.append(new[0])
        self._pieces.append((new[1], *old))

    def before(self, span: Span) -> Span:
        """Return what `span` (not empty) was before: from its first character to its last."""
        return self._character(span[0])[0], self._character(span[1] - 1)[1]

    def _character(self, at: int) -> Span:
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return at, at + 1
        new_end, old_start, old_end = self._pieces[index]
        if at < new_end:
            return old_start, old_end
        return old_end + at - new_end, old_end + at - new_end + 1


def trace(steps: Sequence[Edits], span: Span) -> Span:
    """Follow `span` back through several rewritings, given in the order they were made."""
    for edits in reversed(steps):
        if edits:
            span = edits.before(span)
    return span


class Ranges:
    """Stretches of a text that answer at once whether a span touches one of them."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, ranges: Sequence[Span]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(ranges):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            elif start < end:
                self._starts.append(start)
                self._ends.append(end)

    def touch(self, span: Span) -> bool:
        index = bisect_right(self._ends, span[0])
        return index < len(self._starts) and self._starts[index] < span[1]

    def outside(self, start: int, end: int) -> list[Span]:
        """Return what these ranges leave over of `start` to `end`."""
        left = []
        for index in range(bisect_right(self._ends, start), len(self._starts)):
            if self._starts[index] >= end:
                break
            left.append((start, self._starts[index]))
            start = self._ends[index]
        return [span for span in [*left, (start, end)] if span[0] < span[1]]
