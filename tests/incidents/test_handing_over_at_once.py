"""A hand-over that is accepted twice and withdrawn in the same blink is answered exactly once."""

import json
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from tests.live import ROOT, product
from tests.postgres import postgres

pytestmark = pytest.mark.product

HAND_OVERS = 5
MAKE = f"""
import json
from incidents import handing_over
from tests.factories import make_incident, make_user
giver, successor = make_user("giver", "handler"), make_user("successor", "handler")
note = "The supplier calls back at eight; ask for the log."
rows = [make_incident("triage", owner=giver, priority=3) for _n in range({HAND_OVERS})]
made = [handing_over.offer(by=giver, to=successor, note=note, incidents=[row]) for row in rows]
print(json.dumps([one.pk for one in made]))
"""
RACE = """
import json, sys, time
from django.contrib.auth import get_user_model
from incidents import handing_over
from incidents.models import HandOver
by = get_user_model().objects.get(username="{name}")
act, told = getattr(handing_over, "{act}"), []
print("ready", flush=True)
start = float(sys.stdin.readline())
for n, key in enumerate({keys}):
    one = HandOver.objects.get(pk=key)
    time.sleep(max(0, start + n * 0.3 - time.time()))
    try:
        act(one, by=by)
        told.append("won")
    except handing_over.Answered:
        told.append("answered")
print(json.dumps(told))
"""
OUTCOME = """
import json
from incidents import timeline
from incidents.models import HandOver
assert list(timeline.breaks()) == []
rows = HandOver.objects.order_by("pk").values_list("answer", "incidents__owner__username")
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


def shell(idle, words: str) -> str:
    return idle.manage("shell", "--no-imports", "-c", words)


def racer(idle, words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", words],
        cwd=ROOT, env=idle.environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_one_answer_counts_and_the_work_is_where_it_says(kind):
    with idle_product(kind) as idle:
        idle.manage("migrate", "--verbosity=0")
        keys = json.loads(shell(idle, MAKE).splitlines()[-1])
        acts = [("successor", "accept"), ("successor", "accept"), ("giver", "withdraw")]
        racers = [racer(idle, RACE.format(name=name, act=act, keys=keys)) for name, act in acts]
        for each in racers:
            while each.stdout.readline().strip() != "ready":
                assert each.poll() is None, each.stderr.read()
        start = time.time() + 1
        for each in racers:
            each.stdin.write(f"{start}\n")
            each.stdin.flush()
        answers = [each.communicate(timeout=60) for each in racers]
        outcome = json.loads(shell(idle, OUTCOME).splitlines()[-1])

    assert [each.returncode for each in racers] == [0, 0, 0], answers
    told = [json.loads(out.splitlines()[-1]) for out, _problems in answers]
    assert [row.count("won") for row in zip(*told, strict=True)] == [1] * HAND_OVERS
    where = {"accepted": "successor", "withdrawn": "giver"}
    assert all(owner == where[answer] for answer, owner in outcome)
