"""Where the lines and bars of a small chart stand: numbers in, coordinates out, nothing else.

The chart libraries of PyPI do not fit under our content policy. Looked at in November 2026: pygal
3.1 and svg.charts 7.3 write style (and pygal script) elements into the picture, leather 0.4 writes
fixed colours that no theme of ours could change, and none gives the numbers in words as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 300, 112
FLOOR = 92.0  # the axis; the names of the weeks stand under it
CEILING = 16.0  # over it there is room for one number
GAP = 6.0
NAME_AT = 106
LETTER = 13.0  # the height of a number


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a bar."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its blocks stand on each other, its number over them."""

    name: str
    x: float
    width: float
    blocks: list[Block]
    number: str
    number_y: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Dot:
    """One value of a line."""

    x: float
    y: float
    number: str  # nothing where it would run into another one
    is_in_dip: bool = False

    @property
    def number_y(self) -> float:
        """Over the dot, or under it where the line comes from above and there is room."""
        below = self.y + LETTER
        return round(below if self.is_in_dip and below < FLOOR else self.y - 6, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """Dots, and the lines between neighbours: where a value is missing, the line has a gap."""

    dots: list[Dot]
    runs: list[str]
    names: list[tuple[float, str]]


def bars(names: Sequence[str], stacks: Sequence[dict[str, int]]) -> list[Bar]:
    """A bar for each name; a stack holds its values by kind, the lowest first."""
    most = max((sum(stack.values()) for stack in stacks), default=0) or 1
    slot = WIDTH / max(len(names), 1)
    return [
        _bar(name, stack, n * slot, slot, most)
        for n, (name, stack) in enumerate(zip(names, stacks, strict=True))
    ]


def line(names: Sequence[str], values: Sequence[float | None], numbers: Sequence[str]) -> Line:
    """A line through `values`, each with its number in words; None is a gap."""
    most = max((value for value in values if value is not None), default=0) or 1
    slot = WIDTH / max(len(names), 1)
    middles = [round((n + 0.5) * slot, 1) for n in range(len(names))]
    told = _told(values)
    placed = [
        None
        if value is None
        else Dot(x, _height(value, most), number if n in told else "", _is_in_dip(values, n))
        for n, (x, value, number) in enumerate(zip(middles, values, numbers, strict=True))
    ]
    dots = [dot for dot in placed if dot is not None]
    return Line(dots, _runs(placed), list(zip(middles, names, strict=True)))


def _told(values: Sequence[float | None]) -> set[int]:
    """The last value, the highest and the lowest, but never two neighbours."""
    known = [(value, n) for n, value in enumerate(values) if value is not None]
    told: set[int] = set()
    for _value, n in [*known[-1:], *sorted(known)[-1:], *sorted(known)[:1]]:
        if not told & {n - 1, n + 1}:
            told.add(n)
    return told


def _is_in_dip(values: Sequence[float | None], n: int) -> bool:
    here = values[n] or 0
    neighbours = [*values[max(n - 1, 0) : n], *values[n + 1 : n + 2]]
    return any(value is not None and value > here for value in neighbours)


def _height(value: float, most: float) -> float:
    return round(FLOOR - _rise(value, most), 1)


def _bar(name: str, stack: dict[str, int], left: float, slot: float, most: int) -> Bar:
    top, blocks = FLOOR, []
    for kind, value in stack.items():
        height = _rise(value, most)
        top -= height
        if value:
            blocks.append(Block(kind, round(top, 1), round(height, 1)))
    width = round(slot - GAP, 1)
    number = str(sum(stack.values()))
    return Bar(name, round(left + GAP / 2, 1), width, blocks, number, round(top - 4, 1))


def _rise(value: float, most: float) -> float:
    return (FLOOR - CEILING) * value / most


def _runs(placed: Sequence[Dot | None]) -> list[str]:
    runs: list[list[Dot]] = [[]]
    for dot in placed:
        if dot is None:
            runs.append([])
        else:
            runs[-1].append(dot)
    return [" ".join(f"{dot.x},{dot.y}" for dot in run) for run in runs if len(run) > 1]
