"""Invented incidents by the thousand, written straight into the tables of a throw-away product.

The newest are open, one in four belongs to `handler` and as many to nobody. A few old ones hold a
rare word, nine in ten a common one. What reporter, handler and COMS have of their own is the same
few, however many there are in all.
"""

import random
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from incidents.models import Department, Incident, Task
from incidents.states import BreachStatus, Outcome, Phase, State, TaskState, WaitingOn
from portal.models import SavedView
from workflows.models import Alert

SEED = 11
SYLLABLES = "ba be bi bo da de di do fa fe ga ge ka ke la le ma me na ne pa pe ra re sa se".split()
COMMON, RARE = "phishing", "zeppelin"
FEW_ROWS = 20  # of the rare word, and of the tickets of `reporter`
OPEN_STATES = (State.NEW, State.TRIAGE, State.RESPONDING, State.RESOLVED)
OWNERS = ("handler", "agent", "manager", None)
MINUTES_BETWEEN = 5
BATCH = 1_000
VOCABULARY = 20_000
COMS = "bench-coms"  # sees only where a task is theirs
COMS_TASKS = 50
VIEWS = {"Old ones": "state=closed&severity__exact=3", "Zeppelins": f"state=all&q={RARE}"}


def fill(first: int, end: int, *, of: int, closed_before: int) -> None:
    """Add the incidents number `first` to before `end` of `of` in all."""
    chance = random.Random(SEED + first)  # noqa: S311 - repeatable rows, no secret
    people = {person.username: person for person in get_user_model().objects.all()}
    department = Department.objects.first()
    Incident._meta.get_field("updated_at").auto_now = False
    for begun in range(first, end, BATCH):
        rows = [
            incident(n, of, n >= closed_before, chance, people, department)
            for n in range(begun, min(begun + BATCH, end))
        ]
        Incident.objects.bulk_create(rows)
        Task.objects.bulk_create(task(row, n, people) for row in rows for n in range(tasks_of(row)))
        Alert.objects.bulk_create(alert(row, people) for row in rows)


def analyse() -> None:
    """Have the planner know the tables, as PostgreSQL's autovacuum does by itself."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def settle() -> None:
    """What is there once: a colleague with little to see, and saved views."""
    colleague = get_user_model().objects.create(
        username=COMS, email=f"{COMS}@example.org", password=make_password(f"demo-{COMS}")
    )
    colleague.groups.add(Group.objects.get(name="communications"))
    mine = Incident.objects.filter(state=State.RESPONDING).order_by("pk")[:COMS_TASKS]
    Task.objects.bulk_create(task(row, 3, {"handler": colleague}) for row in mine)
    handler = get_user_model().objects.get(username="handler")
    for name, query in VIEWS.items():
        path = "/admin/incidents/incident/"
        SavedView.objects.create(owner=handler, name=name, path=path, query=query)


def incident(n, of, is_open, chance, people, department) -> Incident:
    at = timezone.now() - timedelta(minutes=MINUTES_BETWEEN * (of - n))
    owner = OWNERS[n // len(OPEN_STATES) % len(OWNERS)]
    row = Incident(
        subject=prose(chance, 7),
        description=" ".join([prose(chance, 60), *marked(n)]),
        department=department,
        noticed_at=at,
        reported_at=at,
        updated_at=at,
        reporter=people["reporter" if n < FEW_ROWS else "reporter2"],
        severity=chance.randint(2, 4),
        priority=chance.randint(1, 4),
        owner=people[owner] if owner else None,
        waiting_on=WaitingOn.REPORTER if n % 2 else "",
        breach_status=BreachStatus.CONFIRMED if n % 3 == 0 else BreachStatus.NOT_ASSESSED,
        outcome="" if is_open else Outcome.CONFIRMED,
        resolution="" if is_open else "It was looked into and settled for good.",
        closed_at=None if is_open else at,
    )
    # The lifecycle guards this field; here nobody takes a step.
    row.__dict__["state"] = OPEN_STATES[n % len(OPEN_STATES)] if is_open else State.CLOSED
    return row


def marked(n: int) -> list[str]:
    """The words that searches look for."""
    return [COMMON] * bool(n % 10) + [RARE] * (n < FEW_ROWS)


def tasks_of(row: Incident) -> int:
    return 1 if row.state == State.CLOSED else 3


def task(row: Incident, n: int, people) -> Task:
    is_done = row.state == State.CLOSED
    return Task(
        incident=row,
        title=f"Look at it, part {n}",
        phase=Phase.ASSESS,
        role="IH",
        assignee=people["handler"] if n == 2 or is_done else None,
        state=TaskState.DONE if is_done else TaskState.TODO,
        result="Looked at." if is_done else "",
        dedupe_key=f"bench-{n}",
        due_at=row.reported_at if is_done else timezone.now() + timedelta(hours=n - 1),
    )


def alert(row: Incident, people) -> Alert:
    return Alert(
        incident=row,
        recipient=people["handler"],
        reason="A report has come.",
        template="alert",
        priority=row.priority,
        dedupe_key=f"bench-{row.pk}",
        state=Alert.State.SENT,
        next_try_at=row.reported_at,
        acknowledged_at=None if row.state == State.NEW else row.reported_at,
    )


def vocabulary() -> list[str]:
    chance = random.Random(SEED)  # noqa: S311 - the same words each time, no secret
    return ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _n in range(VOCABULARY)]


WORDS = vocabulary()


def prose(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words))
