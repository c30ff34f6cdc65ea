"""Many try the same thing at once: exactly one wins, every other is told why, nothing is lost."""

import json
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from tests.live import ROOT, product
from tests.postgres import postgres

pytestmark = pytest.mark.product

PROCESSES = 5
ATTEMPTS = 200
MERGES = 15
MAKE = f"""
from tests.factories import make_incident, make_user
for n in range({PROCESSES}):
    make_user(f"racer{{n}}", "handler")
print(make_incident().pk)
"""
RACE = """
import json
from collections import Counter
from django.contrib.auth import get_user_model
from incidents import lifecycle
from incidents.models import Incident
by = get_user_model().objects.get(username="racer{number}")
seen = Incident.objects.get(pk={pk})
told = Counter()
for _ in range({attempts}):
    try:
        lifecycle.transition(seen, "acknowledge", by=by)
        told["won"] += 1
    except lifecycle.TransitionRefused as refused:
        assert all(each.message for each in refused.reasons)
        told[refused.reasons[0].code] += 1
print(json.dumps(told))
"""
MAKE_MANY = """
from tests.factories import make_incident, make_user
for n in range(2):
    make_user(f"merger{{n}}", "handler")
print(*(make_incident().pk for _ in range({count})))
"""
# Both begin each merge in the same blink: `merges` is (source, target) by number.
MERGE = """
import json, sys, time
from django.contrib.auth import get_user_model
from incidents import lifecycle
from incidents.models import Incident
by = get_user_model().objects.get(username="merger{number}")
told = []
print("ready", flush=True)
start = float(sys.stdin.readline())
for n, (source, target) in enumerate({merges}):
    named = Incident.objects.get(pk=target).reference
    seen = Incident.objects.get(pk=source)
    time.sleep(max(0, start + n * 0.3 - time.time()))
    try:
        lifecycle.transition(seen, "merge", by=by, inputs={{"target": named, "reason": "Same."}})
        told.append("won")
    except lifecycle.TransitionRefused as refused:
        told.append(refused.reasons[0].code)
print(json.dumps(told))
"""
ENTRIES = """
from incidents import timeline
from incidents.models import TimelineEntry
assert list(timeline.breaks()) == []
print(TimelineEntry.objects.filter(incident={pk}, kind="transition").count())
"""
DUPLICATES = """
import json
from incidents import timeline
from incidents.models import Incident
assert list(timeline.breaks()) == []
rows = Incident.objects.exclude(duplicate_of=None).values_list("pk", "duplicate_of", "state")
print(json.dumps(list(rows)))
"""


@contextmanager
def idle_product(kind: str):
    if kind == "sqlite":
        with product(DEMO="0") as made:
            yield made
    else:
        with postgres() as url, product(DEMO="0", DATABASE_URL=url) as made:
            yield made


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def idle(request):
    with idle_product(request.param) as made:
        made.manage("migrate", "--verbosity=0")
        yield made


def test_one_of_a_thousand_wins(idle):
    pk = shell(idle, MAKE).split()[-1]

    racers = [racer(idle, RACE.format(pk=pk, number=number, attempts=ATTEMPTS))
              for number in range(PROCESSES)]  # fmt: skip
    answers = [each.communicate(timeout=180) for each in racers]

    assert [each.returncode for each in racers] == [0] * PROCESSES, answers
    told = [json.loads(out) for out, _err in answers]
    assert sum(each.get("won", 0) for each in told) == 1
    assert sum(each.get("wrong_state", 0) for each in told) == PROCESSES * ATTEMPTS - 1
    assert shell(idle, ENTRIES.format(pk=pk)).split()[-1] == "1"


def test_of_two_merges_at_once_one_wins_and_no_circle_comes_of_it(idle):
    """A into B while B into A; and A into B while A into C."""
    keys = [
        int(pk) for pk in shell(idle, MAKE_MANY.format(count=5 * MERGES)).split()[-5 * MERGES :]
    ]
    pairs = list(zip(keys[::5], keys[1::5], strict=True))
    threes = list(zip(keys[2::5], keys[3::5], keys[4::5], strict=True))
    wanted = [
        [*pairs, *((first, second) for first, second, _third in threes)],
        [*((second, first) for first, second in pairs), *((a, c) for a, _b, c in threes)],
    ]

    told = race(idle, wanted)

    assert [both.count("won") for both in told] == [1] * 2 * MERGES
    losers = {word for both in told for word in both} - {"won"}
    assert losers <= {"wrong_state", "target_is_its_duplicate"}
    rows = {source: (of, state) for source, of, state in json.loads(shell(idle, DUPLICATES))}
    won = [merges[0] if both[0] == "won" else merges[1]
           for both, merges in zip(told, zip(*wanted, strict=True), strict=True)]  # fmt: skip
    assert rows == {source: (target, "closed") for source, target in won}


def race(idle, wanted: list) -> list[tuple[str, str]]:
    """Two processes, each with its own list of merges; what each was told, merge by merge."""
    codes = [MERGE.format(number=n, merges=merges) for n, merges in enumerate(wanted)]
    racers = [racer(idle, code) for code in codes]
    assert [each.stdout.readline().strip() for each in racers] == ["ready"] * 2
    begin = time.time() + 1
    for each in racers:
        each.stdin.write(f"{begin}\n")
        each.stdin.flush()
    answers = [each.communicate(timeout=180) for each in racers]
    assert [each.returncode for each in racers] == [0, 0], answers
    return list(zip(*(json.loads(out) for out, _err in answers), strict=True))


def shell(idle, code: str) -> str:
    return idle.manage("shell", "--no-imports", "-c", code)


def racer(idle, code: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=ROOT,
        env=idle.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
