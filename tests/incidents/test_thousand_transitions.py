"""A thousand try the same step at once: exactly one wins, and every other is told why."""

import json
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.live import ROOT, product
from tests.postgres import postgres

pytestmark = pytest.mark.product

PROCESSES = 5
ATTEMPTS = 200
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
        told[refused.reasons[0].code] += 1
print(json.dumps(told))
"""


@contextmanager
def idle_product(kind: str):
    if kind == "sqlite":
        with product(DEMO="0") as made:
            yield made
    else:
        with postgres() as url, product(DEMO="0", DATABASE_URL=url) as made:
            yield made


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_one_of_a_thousand_wins(kind):
    with idle_product(kind) as idle:
        idle.manage("migrate", "--verbosity=0")
        pk = idle.manage("shell", "--no-imports", "-c", MAKE).split()[-1]
        racers = [racer(idle, RACE.format(pk=pk, number=number, attempts=ATTEMPTS))
                  for number in range(PROCESSES)]  # fmt: skip
        answers = [each.communicate(timeout=180) for each in racers]
        entries = idle.manage("shell", "--no-imports", "-c", count_of(pk)).split()[-1]

    assert [each.returncode for each in racers] == [0] * PROCESSES, answers
    told = [json.loads(out) for out, _err in answers]
    assert sum(each.get("won", 0) for each in told) == 1
    assert sum(each.get("wrong_state", 0) for each in told) == PROCESSES * ATTEMPTS - 1
    assert entries == "1"


def racer(idle, code: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=ROOT,
        env=idle.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def count_of(pk: str) -> str:
    return (
        "from incidents.models import TimelineEntry; "
        f"print(TimelineEntry.objects.filter(incident={pk}, kind='transition').count())"
    )
