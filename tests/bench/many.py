"""Invented incidents by the thousand, written straight into the tables of a throw-away product.

A tenth of them is open, of which half belong to nobody. Every file of rows holds the same few
with a rare word, and nine in ten with a common one.
"""

import random
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from incidents.models import Department, Incident, Task
from incidents.states import Outcome, Phase, State, WaitingOn

SEED = 11
SYLLABLES = "ba be bi bo da de di do fa fe ga ge ka ke la le ma me na ne pa pe ra re sa se".split()
COMMON, RARE, RARE_ROWS = "phishing", "zeppelin", 10
OPEN_STATES = (State.NEW, State.TRIAGE, State.RESPONDING, State.RESOLVED)
OPEN_EACH = 10
BATCH = 1_000
VOCABULARY = 20_000


def fill(count: int, start: int = 0) -> None:
    """Add `count` incidents, of which the first is number `start` of all."""
    chance = random.Random(SEED + start)  # noqa: S311 - repeatable rows, no secret
    people = list(get_user_model().objects.filter(groups__isnull=False).order_by("pk").distinct())
    handler = next(person for person in people if person.username == "handler")
    department = Department.objects.first()
    for begun in range(start, start + count, BATCH):
        numbers = range(begun, min(begun + BATCH, start + count))
        rows = [incident(n, chance, department, handler) for n in numbers]
        Incident.objects.bulk_create(rows)
        Task.objects.bulk_create(
            task(row, n) for row in rows if row.state != State.CLOSED for n in range(3)
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def incident(n: int, chance: random.Random, department: Department, handler) -> Incident:
    is_open = n % OPEN_EACH == 0
    at = timezone.now() - timedelta(minutes=10 * n)
    row = Incident(
        subject=prose(chance, 7),
        description=" ".join([prose(chance, 60), *marked(n)]),
        department=department,
        noticed_at=at,
        reported_at=at,
        severity=chance.randint(2, 4),
        priority=chance.randint(1, 4),
        owner=handler if not is_open or n % (2 * OPEN_EACH) else None,
        waiting_on=WaitingOn.REPORTER if n % (5 * OPEN_EACH) else "",
        outcome="" if is_open else Outcome.CONFIRMED,
        resolution="" if is_open else "It was looked into and settled for good.",
        closed_at=None if is_open else at,
    )
    # The lifecycle guards this field; here nobody takes a step.
    row.__dict__["state"] = OPEN_STATES[n // OPEN_EACH % 4] if is_open else State.CLOSED
    return row


def marked(n: int) -> list[str]:
    """The words that searches look for."""
    return [COMMON] * bool(n % 10) + [RARE] * (n < RARE_ROWS)


def task(row: Incident, n: int) -> Task:
    return Task(
        incident=row,
        title=f"Look at it, part {n}",
        phase=Phase.ASSESS,
        role="IH",
        dedupe_key=f"bench-{n}",
        due_at=timezone.now() + timedelta(hours=n - 1),
    )


def vocabulary() -> list[str]:
    chance = random.Random(SEED)  # noqa: S311 - the same words each time, no secret
    return ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _n in range(VOCABULARY)]


WORDS = vocabulary()


def prose(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words))
