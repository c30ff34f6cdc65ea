"""kill -9 of everything that may die while 500 reports come in: none is lost, none is made twice.

Clients do what well-made ones do: they send a report again, with the same Idempotency-Key, until
they are told its reference. What they were told must then be there, whole, and somebody rung.
"""

import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException

import pytest

from tests.flows.callers import Caller
from tests.flows.shipped import people_rung, tasks_of
from tests.live import Product, product
from tests.postgres import postgres
from tests.processes import House, of_data_directory
from tests.waiting import eventually

pytestmark = pytest.mark.product

REPORTS = {"sqlite": 500, "postgresql": 250}  # the same kills, so that both fit into the time
CLIENTS = 4
EVERY_BREACH = 10  # each tenth report starts the longest playbook
REFUSED_MEANWHILE = {502, 503, 504}  # "nothing was stored, try again"
# The snippets run inside of the product's own environment, on whichever database it uses.
LOOK = """
import json
from collections import defaultdict
from incidents.models import Incident, Task
from workflows.models import Alert, MatchRun, PlaybookRun
storm = Incident.objects.filter(subject__startswith="Storm")
def gathered(model, *columns, **only):
    found = defaultdict(list)
    for key, *row in model.objects.filter(incident__in=storm, **only).values_list(
        "incident_id", *columns
    ):
        found[key].append(row)
    return found
tasks, matched = gathered(Task, "code"), gathered(MatchRun)
runs = gathered(PlaybookRun, "code", "mode")
rung = gathered(Alert, "recipient__username", kind="alert")
receipts = gathered(Alert, kind="receipt")
print(json.dumps([
    {
        "reference": incident.reference,
        "number": int(incident.subject.split()[1]),
        "playbooks": dict(runs[incident.pk]),
        "matched": len(matched[incident.pk]),
        "tasks": sorted(code for code, in tasks[incident.pk]),
        "rung": sorted(name for name, in rung[incident.pk]),
        "receipts": len(receipts[incident.pk]),
    }
    for incident in storm
]))
"""
# Waits until nothing waits; then does what the sweep does two minutes after a worker died with a
# message in its hands, and waits until all of it is sent.
SEND_ALL = """
import time
from django.utils import timezone
from workflows import delivery
from workflows.models import Alert
storm = Alert.objects.filter(incident__subject__startswith="Storm")
def wait_until_none_is(*states):
    end = time.monotonic() + 50
    while storm.filter(state__in=states).exists() and time.monotonic() < end:
        time.sleep(0.5)
wait_until_none_is("waiting")
for alert in storm.filter(state="sending").select_related("incident", "recipient"):
    delivery.release(alert, timezone.now())
wait_until_none_is("waiting", "sending")
print(*sorted(set(storm.values_list("state", flat=True))))
"""


@pytest.fixture(params=REPORTS)
def stormy(request) -> Iterator[Product]:
    """A demo that notices a stalled worker as early as the settings allow."""
    options = {"STALL_SECONDS": "10", "LOG_LEVEL": "WARNING"}
    if request.param == "sqlite":
        with product(**options) as running:
            yield started(running)
    else:
        with postgres() as url, product(DATABASE_URL=url, **options) as running:
            yield started(running)


def started(running: Product) -> Product:
    running.start()
    running.wait_ready()
    return running


class Clients:
    """A few senders who do not give up."""

    def __init__(self, running: Product, reports: int, seconds: float):
        self.caller = Caller(running, "reporter")
        self.deadline = time.monotonic() + seconds
        self.reports = reports
        self.waiting = list(range(reports))
        self.told: dict[int, list[str]] = {}
        self.odd: list[str] = []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(CLIENTS)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join(max(0.0, self.deadline - time.monotonic()) + 60)

    def work(self) -> None:
        while (number := self.take()) is not None:
            self.send(number)

    def take(self) -> int | None:
        with self.lock:
            return self.waiting.pop() if self.waiting else None

    def send(self, number: int) -> None:
        """Until it is acknowledged, and then once more, as if the answer had been lost."""
        for _ in range(2 if number % 5 == 0 else 1):
            while (reference := self.attempt(number)) is None and time.monotonic() < self.deadline:
                time.sleep(0.05)
            if reference is not None:
                with self.lock:
                    self.told.setdefault(number, []).append(reference)

    def attempt(self, number: int) -> str | None:
        key = {"Idempotency-Key": f"storm-{number}"}
        try:
            answer = self.caller.call("POST", "/incidents/", report(number), headers=key)
        except (OSError, HTTPException):
            return None
        if answer.status == 201:
            return str(answer.json["reference"])
        if answer.status not in REFUSED_MEANWHILE:
            with self.lock:
                self.odd.append(f"{answer.status} {answer.text[:300]}")
        return None


def report(number: int) -> dict[str, str]:
    story = "A data breach, I fear." if number % EVERY_BREACH == 0 else "The door stood open."
    return {"subject": f"Storm {number:03d} report", "description": f"{story} Seen at night."}


def verdicts(number: int) -> dict[str, str]:
    return {"DB" if number % EVERY_BREACH == 0 else "RISK": "full"}


class Killer:
    """kill -9 for one process after the other, each found anew among those of this product."""

    def __init__(self, running: Product, chance: random.Random):
        self.running = running
        self.chance = chance
        self.buried: set[int] = set()

    @property
    def house(self) -> House:
        assert self.running.process is not None
        return House(self.running.data, self.running.process.pid)

    def kill(self, name: str) -> None:
        if name == "supervisor":
            self.kill_supervisor()
            return
        victims: dict[str, Callable[[], int]] = {
            "web worker": lambda: self.chance.choice(self.house.web_workers()),
            "web main": lambda: self.house.main("granian"),
            "web keeper": lambda: self.house.keeper("granian"),
            "job worker": lambda: self.chance.choice(self.house.crew()[:2]),
            "job monitor": lambda: self.house.crew()[2],
            "job pusher": lambda: self.house.crew()[3],
            "job sentinel": lambda: self.house.sentinel(),
            "job main": lambda: self.house.main("qcluster"),
            "job keeper": lambda: self.house.keeper("qcluster"),
        }
        eventually(lambda: self.try_to(victims[name]), f"there is a {name} to kill", seconds=60)

    def try_to(self, find: Callable[[], int]) -> bool:
        """False while the process that is looked for is being replaced."""
        try:
            victim = find()
            self.house.kill(victim)
        except (StopIteration, IndexError, AssertionError, ProcessLookupError):
            return False
        self.buried.add(victim)
        return True

    def kill_supervisor(self) -> None:
        """And start it again, as a service manager would."""
        assert self.running.process is not None
        everything = {found.pid for found in of_data_directory(self.running.data)}
        self.house.kill(self.running.process.pid)
        self.running.process.wait()
        self.buried |= everything
        eventually(lambda: not self.alive(), "a killed supervisor leaves nothing", seconds=20)
        self.running.start()

    def alive(self) -> set[int]:
        """Those that were killed, or whose supervisor was, and that still run."""
        return {found.pid for found in of_data_directory(self.running.data)} & self.buried


VICTIMS = [
    "web worker",
    "web main",
    "web keeper",
    "job worker",
    "job monitor",
    "job pusher",
    "job sentinel",
    "job main",
    "job keeper",
    "supervisor",
]


def test_every_acknowledged_report_is_there_whole_and_somebody_was_rung(stormy, request):
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)
    reports = REPORTS[request.node.callspec.params["stormy"]]
    clients, killer = Clients(stormy, reports, seconds=150), Killer(stormy, chance)
    clients.start()

    kill_at_random_moments(clients, killer, chance)
    clients.join()

    assert clients.odd == []
    assert sorted(clients.told) == list(range(reports))
    stormy.wait_ready("/healthz")
    nothing_is_missing_or_double(stormy, clients)
    everybody_was_told(stormy, clients)
    assert killer.alive() == set()
    stormy.stop()
    eventually(lambda: not of_data_directory(stormy.data), "no process is left", seconds=20)


def kill_at_random_moments(clients: Clients, killer: Killer, chance: random.Random) -> None:
    victims = chance.sample(VICTIMS, len(VICTIMS))
    moments = sorted(chance.sample(range(10, clients.reports - 20), len(victims)))
    for moment, victim in zip(moments, victims, strict=True):
        eventually(
            lambda moment=moment: len(clients.told) >= moment,
            f"{moment} reports are in before the {victim} dies",
            seconds=120,
            every=0.005,
        )
        killer.kill(victim)


def nothing_is_missing_or_double(running: Product, clients: Clients) -> None:
    rows = {row["reference"]: row for row in look(running)}
    assert len(rows) == clients.reports, "a report was made twice, or one that nobody was told of"
    for number, references in clients.told.items():
        assert len(set(references)) == 1, "one report was acknowledged with two references"
        row = rows[references[0]]
        assert row["number"] == number
        assert row["playbooks"] == verdicts(number)
        assert row["matched"] == 1
        assert row["tasks"] == tasks_of(verdicts(number))
        assert row["rung"] == sorted(people_rung(verdicts(number)))
        assert row["receipts"] == 1
    assert "Every timeline is whole." in running.manage("verify_timeline")


def everybody_was_told(running: Product, clients: Clients) -> None:
    """Each report rang somebody; then what died in a worker's hands goes out as well."""
    wanted = {references[0] for references in clients.told.values()}
    letters = Letters(running)
    eventually(
        lambda: not wanted - letters.read(), "each report has rung somebody", seconds=180, every=0.5
    )
    assert running.manage("shell", "--no-imports", "-c", SEND_ALL).split() == ["sent"]


class Letters:
    """The references in the alert mails that the server has received; each mail is read once."""

    def __init__(self, running: Product):
        self.messages = running.mailbox.messages
        self.place = 0
        self.references: set[str] = set()

    def read(self) -> set[str]:
        fresh = self.messages[self.place :]
        self.place += len(fresh)
        for mail in fresh:
            text = mail.get_content()
            if "/a/" in text:
                self.references |= set(re.findall(r"^Number: (\S+)", text, re.MULTILINE))
        return self.references


def look(running: Product) -> list[dict]:
    return json.loads(running.manage("shell", "--no-imports", "-c", LOOK))
