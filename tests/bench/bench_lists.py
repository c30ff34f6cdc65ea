"""Do the queue and its search stay as fast while the record grows?

Two products side by side, one with a thousand incidents and one with a hundred thousand, asked in
turn for the same page: the ratio of both is what counts. SQLite, then a real PostgreSQL.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

from tests.bench.many import COMMON, RARE
from tests.flows.callers import Visitor
from tests.live import Product, product
from tests.postgres import postgres

FEW, MANY = 1_000, 100_000
SLICE = 5_000  # rows that one command writes
TIMES = 15
TARGET = "at most 1.5 x"
QUEUE = "/admin/incidents/incident/"
PAGES = {
    "queue": "",
    "queue, second page": "p=2",
    "queue, mine": "owner=me",
    "queue, nobody's": "owner=none",
    "queue, waiting for the reporter": "waiting_on=reporter",
    "queue, with a late task": "tasks=overdue",
    "queue, alarm not answered": "alarm=unanswered",
    "queue, closed": "state=closed",
    "queue, closed and SEV3": "state=closed&severity__exact=3",
    "queue, all by age": "state=all&o=-8",
    "search, a rare word": f"state=all&q={RARE}",
    "search, a common word": f"state=all&q={COMMON}",
    "search, no hit": "state=all&q=qwertz",
    "search, a reference": "state=all&q=INC-000100",
}


def rows() -> list[tuple[str, str, str]]:
    """What was measured, the result and the target."""
    found = []
    with pair() as both:
        found += compared("SQLite", both)
    with postgres() as one, postgres() as other, pair(one, other) as both:
        found += compared("PostgreSQL", both)
    return found


@contextmanager
def pair(*urls: str) -> Iterator[list[Visitor]]:
    """A small product and a large one, each with a handler signed in."""
    with ExitStack() as stack:
        visitors = []
        for n, count in enumerate((FEW, MANY)):
            environment = {"LOG_LEVEL": "WARNING"} | ({"DATABASE_URL": urls[n]} if urls else {})
            portal = stack.enter_context(product(**environment))
            portal.start("--only", "web")
            portal.wait_ready("/healthz")
            fill(portal, count)
            visitors.append(Visitor(portal, "handler"))
        yield visitors


def fill(portal: Product, count: int) -> None:
    for start in range(0, count, SLICE):
        rows = min(SLICE, count - start)
        words = f"from tests.bench.many import fill; fill({rows}, {start})"
        portal.manage("shell", "--verbosity", "0", "-c", words)


def compared(database: str, both: list[Visitor]) -> list[tuple[str, str, str]]:
    found = []
    for name, query in PAGES.items():
        for visitor in both:
            seconds(visitor, query)  # what is read once is not measured
        pairs = [[seconds(visitor, query) for visitor in both] for _n in range(TIMES)]
        few, many = (median(times) for times in zip(*pairs, strict=True))
        found.append((f"{name}, {database}", f"{many / few:.2f} x", TARGET))
    return found


def seconds(visitor: Visitor, query: str) -> float:
    begun = time.perf_counter()
    answer = visitor.get(f"{QUEUE}?{query}")
    assert answer.status == 200, (query, answer.status)
    return time.perf_counter() - begun
