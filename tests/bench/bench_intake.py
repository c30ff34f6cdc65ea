"""How fast reports come in, and how soon somebody is rung.

Intake is a ratio: the same clients, in turn, at the portal's own API and at a bare Django view
(tests/bench/bare.py) that inserts as many rows into the same tables, on the same kind of server
and the same database. The job worker rests meanwhile: it would work for one of the two only.
"""

import http.client
import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median, quantiles

from portal.management.commands import runall
from tests.flows.callers import Caller
from tests.live import ROOT, Mailbox, Product, product
from tests.postgres import free_port, postgres
from tests.waiting import eventually

CLIENTS = 4
ROUNDS = 5
ROUND_SECONDS = 3.0
ARRIVALS = 100
PAUSE_SECONDS = 0.15  # between arrivals: the queue is idle when a report comes
REPORT = {
    "subject": "Data breach in workspace 114",
    "description": "The list of participants can be opened by a guest account since this morning.",
}

Row = tuple[str, str, str]
Ask = Callable[[http.client.HTTPConnection], None]


def rows() -> list[Row]:
    """What was measured, the result and the target; SQLite, then a real PostgreSQL."""
    found = []
    for measure, arguments in ((intake, ["--only", "web"]), (latency, [])):
        with started(arguments) as portal:
            found += measure("SQLite", portal)
        with postgres() as url, started(arguments, DATABASE_URL=url) as portal:
            found += measure("PostgreSQL", portal)
    return found


@contextmanager
def started(arguments: list[str], **environment: str) -> Iterator[Product]:
    """A portal of its own: what the other measurement left behind would be in the way."""
    with product(LOG_LEVEL="WARNING", **environment) as portal:
        portal.start(*arguments)
        portal.wait_ready("/healthz")
        yield portal


def intake(database: str, portal: Product) -> list[Row]:
    """Reports a second through the portal, beside the same rows inserted one by one and in bulk."""
    caller = Caller(portal, "reporter")
    sample = caller.report(**REPORT)["reference"]
    headers = {"Authorization": f"Bearer {caller.token}", "Content-Type": "application/json"}
    body = json.dumps(REPORT)
    with bare_view(portal, sample) as port:
        number = int(portal.url.rpartition(":")[2])
        ways = {
            "portal": (number, asking("/api/v1/incidents/", body, headers)),
            "rows": (port, asking("/rows/", body, {})),
            "bulk": (port, asking("/bulk/", body, {})),
        }
        rates: dict[str, list[float]] = {way: [] for way in ways}
        for _round in range(ROUNDS):
            for way, (where, ask) in ways.items():
                rates[way].append(rate(where, ask))
    own = median(rates["portal"])
    name = f"intake of a data breach, {database}"
    return [
        (name, f"{own:.0f} /s", ""),
        (f"{name}, of a bare view", f"{ratio(rates, 'rows'):.2f} x", "at least 0.6 x"),
        (f"{name}, of a bare view with bulk_create", f"{ratio(rates, 'bulk'):.2f} x", ""),
    ]


def ratio(rates: dict[str, list[float]], way: str) -> float:
    """The median over the rounds: both sides of each met the same weather."""
    return median(own / bare for own, bare in zip(rates["portal"], rates[way], strict=True))


@contextmanager
def bare_view(portal: Product, sample: str) -> Iterator[int]:
    """The yardstick, on the portal's web server with its options; gives the port."""
    port = free_port()
    command = runall.web().command
    command[command.index("--port") + 1] = str(port)
    environment = portal.environment | {
        "DJANGO_SETTINGS_MODULE": "tests.bench.bare_settings",
        "TOCSIN_SAMPLE": sample.removeprefix("INC-"),
    }
    with open(portal.data / "bare.log", "wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        warm(port, portal)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def warm(port: int, portal: Product) -> None:
    def works() -> bool:
        try:
            asking("/rows/", json.dumps(REPORT), {})(http.client.HTTPConnection("127.0.0.1", port))
        except OSError:
            return False
        return True

    eventually(works, f"the bare view answers, see {portal.data}/bare.log")


def asking(path: str, body: str, headers: dict[str, str]) -> Ask:
    """One POST over a connection that stays open; must be answered with 201."""

    def ask(line: http.client.HTTPConnection) -> None:
        line.request("POST", path, body, headers)
        with line.getresponse() as answer:
            text = answer.read()
            assert answer.status == 201, text[:500]

    return ask


def rate(port: int, ask: Ask) -> float:
    """Answers a second with a few clients at work."""
    counts = [0] * CLIENTS
    end = time.monotonic() + ROUND_SECONDS

    def work(place: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < end:
            ask(line)
            counts[place] += 1
        line.close()

    begun = time.monotonic()
    threads = [threading.Thread(target=work, args=[place]) for place in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - begun)


def is_quiet(mailbox: Mailbox) -> bool:
    """True when there was mail, and none for a while."""
    return bool(mailbox.came_at) and time.monotonic() - mailbox.came_at[-1] > 5


def latency(database: str, portal: Product) -> list[Row]:
    """From the moment the reporter is told the reference until the server has each alert's mail."""
    caller = Caller(portal, "reporter")
    caller.report(**REPORT)
    committed: dict[str, float] = {}
    eventually(lambda: is_quiet(portal.mailbox), "the first mails are through", seconds=60)
    for _arrival in range(ARRIVALS):
        reference = caller.report(**REPORT)["reference"]
        committed[reference] = time.monotonic()
        time.sleep(PAUSE_SECONDS)
    eventually(lambda: is_quiet(portal.mailbox), "all mails are through", seconds=120)
    first, every = waits(portal.mailbox, committed)
    return [
        percentiles(f"told its reference -> first alert at SMTP, {database}", first),
        percentiles(f"told its reference -> every alert at SMTP, {database}", every),
    ]


def waits(mailbox: Mailbox, committed: dict[str, float]) -> tuple[list[float], list[float]]:
    """Milliseconds to the first alert of each report, and to each of them all."""
    found: dict[str, list[float]] = {reference: [] for reference in committed}
    for mail, came_at in zip(mailbox.messages, mailbox.came_at, strict=True):
        text = mail.get_content()
        for line in text.splitlines():
            reference = line.removeprefix("Number: ").strip()
            if "/a/" in text and reference in found:
                found[reference].append((came_at - committed[reference]) * 1000)
    assert all(found.values()), "a report has rung nobody"
    return [min(each) for each in found.values()], [one for each in found.values() for one in each]


def percentiles(what: str, times: list[float]) -> Row:
    cuts = quantiles(times, n=100)
    return (
        what,
        f"{cuts[49]:.0f}, {cuts[98]:.0f} ms",
        "p50 under 100 ms, p99 under 500 ms",
    )
