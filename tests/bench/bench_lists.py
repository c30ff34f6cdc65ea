"""Do the queue and its search stay as fast while the record grows?

Two products side by side, one with a thousand incidents and one with a hundred thousand, asked in
turn for the same page: the ratio of the shortest answers is what counts, for a busy machine only
adds. SQLite, then a real PostgreSQL; once with two thousand open, once with ten thousand.
`python -m tests.bench lists 20000` does it with so many.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tests.bench.many import COMS
from tests.bench.pages import CALLS, PAGES
from tests.flows.callers import Caller, Visitor
from tests.live import Product, product
from tests.postgres import postgres

FEW, FEW_OPEN = 1_000, 200
MANY = next((int(word) for word in sys.argv if word.isdecimal()), 100_000)
MANY_OPEN = MANY // 50
MORE_OPEN = 4 * MANY_OPEN
SLICE = 5_000  # rows that one command writes
TIMES = 5
TARGET = "at most 1.5 x"
PEOPLE = ("handler", "manager", "dpo", "reporter", COMS)
Rows = Iterator[tuple[str, str, str]]
Ask = Callable[[], object]


def rows() -> Rows:
    """What was measured, the result and the target."""
    with pair() as both:
        yield from compared("SQLite", both)
    with postgres() as one, postgres() as other, pair(one, other) as both:
        yield from compared("PostgreSQL", both)


@contextmanager
def pair(*urls: str) -> Iterator[list[Product]]:
    """A small product and a large one, each with its rows."""
    with ExitStack() as stack:
        made = []
        for n, (count, is_open) in enumerate(((FEW, FEW_OPEN), (MANY, MANY_OPEN))):
            environment = {"LOG_LEVEL": "WARNING"} | ({"DATABASE_URL": urls[n]} if urls else {})
            portal = stack.enter_context(product(**environment))
            portal.start("--only", "web")
            portal.wait_ready("/healthz")
            fill(portal, 0, count, closed_before=count - is_open)
            do(portal, "settle(); analyse()" if urls else "settle()")
            made.append(portal)
        yield made


def fill(portal: Product, first: int, end: int, *, closed_before: int) -> None:
    for start in range(first, end, SLICE):
        until = min(start + SLICE, end)
        do(portal, f"fill({start}, {until}, of={end}, closed_before={closed_before})")


def do(portal: Product, words: str) -> None:
    line = f"from tests.bench.many import *; {words}"
    portal.manage("shell", "--verbosity", "0", "-c", line)


def compared(database: str, both: list[Product]) -> Rows:
    asks = [asks_of(portal) for portal in both]
    yield from measured(f"{database}, {MANY_OPEN} open", asks)
    fill(both[1], MANY, MANY + MORE_OPEN, closed_before=MANY)
    yield from measured(f"{database}, {MANY_OPEN + MORE_OPEN} open", asks)


def asks_of(portal: Product) -> dict[str, Ask]:
    """Each page and call as what fetches it; everybody is signed in once."""
    visitors = {name: Visitor(portal, name) for name in PEOPLE}
    callers = {name: Caller(portal, name) for name in ("handler", "reporter")}
    pages = {name: page_of(visitors[who], path) for name, (who, path) in PAGES.items()}
    calls = {name: call_of(callers[who], path) for name, (who, path) in CALLS.items()}
    return pages | calls


def page_of(visitor: Visitor, path: str) -> Ask:
    def ask() -> None:
        answer = visitor.get(path)
        assert answer.status == 200, (path, answer.status)

    return ask


def call_of(caller: Caller, path: str) -> Ask:
    return lambda: caller.get(path)


def measured(what: str, asks: list[dict[str, Ask]]) -> Rows:
    for name in asks[0]:
        both = [each[name] for each in asks]
        for ask in both:
            ask()  # what is read once is not measured
        pairs = [[seconds(ask) for ask in both] for _n in range(TIMES)]
        few, many = (min(times) for times in zip(*pairs, strict=True))
        ratio = f"{many / few:.2f} x"
        yield f"{name}, {what}", f"{1000 * many:.0f} ms, {ratio}", TARGET


def seconds(ask: Ask) -> float:
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun
