"""Deterministic where a clock is not: no query of the queue may read all incidents or all tasks."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_incident, make_task

QUEUE = "incidents/incident/"
TABLES = "incidents_incident|incidents_task|workflows_alert"
# SQLite names the alias, PostgreSQL the table. By an index is not all of it.
WHOLE = {
    "sqlite": re.compile(rf"^SCAN ({TABLES}|[UV]\d)(?! USING)", re.MULTILINE),
    "postgresql": re.compile(rf"Seq Scan on ({TABLES})\b"),
}


def plan_of(sql: str) -> str:
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if not is_sqlite:  # of a few rows all are read, were there another way or not
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{sql}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def plans_of(console, query: dict[str, str]) -> dict[str, str]:
    """Each query of the page that reads one of the long tables, with its plan."""
    with CaptureQueriesContext(connection) as captured:
        assert console.get(QUEUE, **query).status_code == 200
    asked = {each["sql"] for each in captured if re.match("SELECT|WITH", each["sql"].strip())}
    return {sql: plan_of(sql) for sql in asked if re.search(TABLES, sql)}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"owner": "me"},
        {"owner": "none"},
        {"severity__exact": "3"},
        {"priority__exact": "2"},
        {"waiting_on": "reporter"},
        {"breach": "confirmed"},
        {"tasks": "overdue"},
        {"alarm": "unanswered"},
        {"department__id__exact": "1"},
        {"state": "closed"},
        {"state": "closed", "severity__exact": "3"},
        {"o": "1"},
        {"o": "2"},
        {"o": "8"},
        {"state": "all", "q": "janitor"},
        {"q": "janitor door"},
        {"state": "all", "q": "INC-000001"},
        {"state": "all", "q": "42"},
    ],
    ids=str,
)
def test_the_queue_finds_its_rows_by_an_index(handler, query):
    make_task(make_incident(subject="The janitor has lost the key"))
    handler.get(QUEUE, **query)  # roles, content types and the like are read once

    plans = plans_of(handler, query)

    whole = WHOLE[connection.vendor]
    assert plans
    assert [(sql, plan) for sql, plan in plans.items() if whole.search(plan)] == []
