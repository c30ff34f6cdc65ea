"""From "just now" and "yesterday" to a moment: one table, on a winter afternoon in Amsterdam."""

from datetime import UTC, date, datetime, time

import pytest

from portal.selfservice import noticed

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # 15:00 in Amsterdam
TABLE = [
    ("now", None, None, "2026-11-23T14:00", "exact"),
    ("unknown", None, None, "2026-11-23T14:00", "unknown"),
    ("today", None, None, "2026-11-23T14:00", "day"),
    ("today", None, time(9, 30), "2026-11-23T08:30", "about"),
    ("today", date(2020, 1, 1), time(9, 30), "2026-11-23T08:30", "about"),
    ("yesterday", None, None, "2026-11-22T22:59", "day"),
    ("yesterday", None, time(0, 0), "2026-11-21T23:00", "about"),
    ("date", date(2026, 7, 1), time(12, 0), "2026-07-01T10:00", "about"),
    ("date", date(2026, 7, 1), None, "2026-07-01T21:59", "day"),
    ("date", date(2026, 11, 23), None, "2026-11-23T14:00", "day"),
]


@pytest.mark.parametrize(("answer", "day", "clock", "moment", "precision"), TABLE)
def test_an_answer_means_a_moment(answer, day, clock, moment, precision):
    found, how_precise = noticed.read(answer, day, clock, NOW)

    assert found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") == moment
    assert how_precise == precision
