"""When a task is due: the words that a playbook uses, and the moment that they mean.

    R+30 min                      after the report; also h, d, weeks (clock time), wd (working days)
    A+24 h, C+5 wd, X+2 wd        after awareness, containment, resolution
    DB17+24 h                     after task DB17 was completed
    before close, before resolve  no moment: the incident cannot take that step without the task
    per contract                  the contract's moment
    A+12 h, never later than contract           whichever comes first
    as announced, at most 4 weeks               the announced moment, at most A+4 weeks
    P1: R+15 min, P2: R+1 h, else: R+4 h        by priority
    score >= 16: R+2 wd, else: R+20 wd          by risk score (DOMAIN.md 2.4) or cvss

The source of every form is the Due column of DOMAIN.md 6.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import combinations

from incidents.working_time import WorkingCalendar

REPORTED, AWARE = "R", "A"
CONTRACT, ANNOUNCED = "contract", "announced"

Anchors = Mapping[str, datetime | None]
"""Known moments by name: R, A, C, X, contract, announced, and ids of completed tasks."""

CLOCK_UNITS = {
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "weeks": timedelta(weeks=1),
}
TASK_ID = r"[A-Z]{2,10}[0-9]{1,3}"
AMOUNT = r"(?P<amount>[1-9][0-9]{0,3}) ?(?P<unit>min|h|d|weeks?|wd)"
OFFSET = re.compile(rf"(?P<anchor>[RACX]|{TASK_ID}) ?\+ ?{AMOUNT}")
AS_ANNOUNCED = re.compile(rf"as announced, at most {AMOUNT}")
GATE = re.compile(r"before (?P<step>close|resolve)")
CONDITION = re.compile(
    r"P(?P<priority>[1-4])|(?P<fact>score|cvss) ?>= ?(?P<least>[0-9]{1,2}(?:\.[0-9])?)|else"
)
CAP = ", never later than contract"
FORMS = (
    "Write for example 'R+30 min', 'C+5 wd', 'DB17+24 h', 'before close', "
    "or 'P1: R+15 min, else: R+4 h'."
)
MAX_LENGTH = 200


class DueError(ValueError):
    """The words are no due time. The message says what is wrong and shows the right forms."""


@dataclass(frozen=True)
class Offset:
    """So much time after an anchor."""

    anchor: str
    amount: int = 0
    unit: str = "min"

    def at(self, anchors: Anchors, calendar: WorkingCalendar) -> datetime | None:
        start = anchors.get(self.anchor)
        if start is None and self.anchor == AWARE:
            # DOMAIN.md 5.1: until somebody decides, awareness is proposed as the report time.
            start = anchors.get(REPORTED)
        if start is None:
            return None
        if start.tzinfo is None:
            raise ValueError(f"The moment of {self.anchor} needs a time zone.")
        if self.unit == "wd":
            return calendar.add_working_days(start, self.amount)
        # In UTC, so that an hour is an hour on the night the clock changes.
        return start.astimezone(UTC) + self.amount * CLOCK_UNITS[self.unit]


@dataclass(frozen=True)
class Branch:
    """One variant: when it holds, and its moments, of which the earliest known one counts."""

    priority: int | None = None
    fact: str | None = None
    least: float = 0.0
    offsets: tuple[Offset, ...] = ()
    gate: str | None = None

    def holds(self, priority: int, facts: Mapping[str, float]) -> bool:
        if self.priority is not None:
            return self.priority == priority
        if self.fact is not None:
            return self.fact in facts and facts[self.fact] >= self.least
        return True

    @property
    def is_else(self) -> bool:
        return self.priority is None and self.fact is None


@dataclass(frozen=True)
class Due:
    """A due time as written, and what it means."""

    text: str
    branches: tuple[Branch, ...]

    def __str__(self) -> str:
        return self.text

    @property
    def gate(self) -> str | None:
        """The step before which the task must be done ("close", "resolve"), if it says so."""
        return self.branches[0].gate if len(self.branches) == 1 else None

    @property
    def tasks(self) -> frozenset[str]:
        """Ids of the tasks whose completion this due time counts from."""
        names = {offset.anchor for branch in self.branches for offset in branch.offsets}
        return frozenset(name for name in names if re.fullmatch(TASK_ID, name))

    def at(
        self,
        anchors: Anchors,
        *,
        priority: int,
        calendar: WorkingCalendar,
        facts: Mapping[str, float] | None = None,
    ) -> datetime | None:
        """Return the moment in UTC; None while its anchor is unknown, and for a gate.

        The first branch that holds decides. A branch on a fact (`score`, `cvss`) holds only once
        the fact is known; before that `else` applies, and without one there is no moment yet.
        An unknown A counts as R. Raises ValueError when an anchor has no time zone.
        """
        for branch in self.branches:
            if branch.holds(priority, facts or {}):
                moments = [offset.at(anchors, calendar) for offset in branch.offsets]
                return min((moment for moment in moments if moment is not None), default=None)
        return None


@lru_cache(maxsize=1024)
def parse(text: str) -> Due:
    """Return the meaning of a due time. Raises DueError. Extra white space does not matter."""
    words = " ".join(text.split())
    if len(words) > MAX_LENGTH:
        raise DueError(f"A due time has at most {MAX_LENGTH} characters.")
    if ":" not in words:
        return Due(words, (simple(words),))
    branches = tuple(variant(part) for part in words.split(","))
    check_order(branches, words)
    return Due(words, branches)


def simple(words: str) -> Branch:
    """Read a due time without variants."""
    if match := GATE.fullmatch(words):
        return Branch(gate=match["step"])
    if words == "per contract":
        return Branch(offsets=(Offset(CONTRACT),))
    if match := AS_ANNOUNCED.fullmatch(words):
        # Counted from awareness: the earliest moment the first notice can have been due.
        return Branch(offsets=(Offset(ANNOUNCED), offset(AWARE, match)))
    capped = words.endswith(CAP)
    if match := OFFSET.fullmatch(words.removesuffix(CAP)):
        first = offset(match["anchor"], match)
        return Branch(offsets=(first, Offset(CONTRACT)) if capped else (first,))
    raise DueError(f"'{words}' is not a due time. {FORMS}")


def offset(anchor: str, match: re.Match[str]) -> Offset:
    unit = "weeks" if match["unit"] == "week" else match["unit"]
    return Offset(anchor, int(match["amount"]), unit)


def variant(part: str) -> Branch:
    """Read one `condition: due time` of a list of variants."""
    condition, colon, due = (piece.strip() for piece in part.partition(":"))
    match = CONDITION.fullmatch(condition)
    if not colon or match is None:
        raise DueError(
            f"'{part.strip()}' is not a variant. "
            "Begin each with P1 to P4, 'score >= 10', 'cvss >= 7.0' or 'else', then a colon."
        )
    branch = simple(due)
    if branch.gate:
        raise DueError(f"'{due}' cannot be one of several variants.")
    return Branch(
        priority=int(match["priority"]) if match["priority"] else None,
        fact=match["fact"],
        least=float(match["least"] or 0),
        offsets=branch.offsets,
    )


def check_order(branches: tuple[Branch, ...], words: str) -> None:
    """The first variant that holds decides: refuse those that can never have their turn."""
    if any(branch.is_else for branch in branches[:-1]):
        raise DueError(f"In '{words}', 'else' must come last.")
    for earlier, later in combinations(branches, 2):
        same_priority = earlier.priority is not None and earlier.priority == later.priority
        same_fact = earlier.fact is not None and earlier.fact == later.fact
        if same_priority or (same_fact and earlier.least <= later.least):
            raise DueError(f"In '{words}', a variant can never have its turn: one before hides it.")
