"""The small charts: what is counted, for whom, and where it is drawn."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.models import Incident
from incidents.states import Confidentiality, State
from portal import charts, weeks
from tests.console import Console
from tests.factories import make_incident, make_user


@pytest.fixture
def handler(db):
    return make_user("handler", "handler")


def reported(weeks_ago: int, *, taken_after: int | None = None, **fields) -> Incident:
    """An incident of an earlier week, acknowledged after so many minutes or not at all."""
    at = timezone.now() - timedelta(weeks=weeks_ago)
    taken = None if taken_after is None else at + timedelta(minutes=taken_after)
    return make_incident(State.TRIAGE, reported_at=at, acknowledged_at=taken, **fields)


def test_reports_are_counted_by_the_week_the_grave_ones_apart(handler):
    reported(0, severity=3)
    reported(2, severity=2)
    reported(2, severity=4)
    reported(weeks.SHOWN + 1)
    reported(1, is_exercise=True)

    seen = weeks.seen_by(handler)

    assert [(week.grave, week.other) for week in seen] == [(0, 0)] * 5 + [(1, 1), (0, 0), (0, 1)]
    assert all(week.start.weekday() == 0 for week in seen)


def test_the_time_to_acknowledge_is_a_median_and_missing_where_nothing_was(handler):
    for minutes in (5, 7, 90):
        reported(1, taken_after=minutes)
    reported(2)

    seen = weeks.seen_by(handler)

    assert seen[-2].to_acknowledge == timedelta(minutes=7)
    assert seen[-3].to_acknowledge is None
    assert seen[-3].reports == 1


def test_with_too_many_to_read_only_whole_weeks_have_a_median(handler, monkeypatch):
    monkeypatch.setattr(weeks, "MEDIANS_OF", 3)
    for weeks_ago in (1, 1, 2, 2):
        reported(weeks_ago, taken_after=10)

    seen = weeks.seen_by(handler)

    assert seen[-2].to_acknowledge == timedelta(minutes=10)
    assert seen[-3].to_acknowledge is None
    assert seen[-3].reports == 2


def test_a_week_begins_on_monday_by_the_readers_clock(handler):
    now = timezone.now()
    monday = now.date() - timedelta(days=now.weekday(), weeks=1)
    far_east = datetime(monday.year, monday.month, monday.day, tzinfo=ZoneInfo("Asia/Tokyo"))
    make_incident(State.TRIAGE, reported_at=far_east + timedelta(minutes=5))

    with timezone.override("Asia/Tokyo"):
        east = [week.reports for week in weeks.seen_by(handler)]
    with timezone.override("America/New_York"):
        west = [week.reports for week in weeks.seen_by(handler)]

    assert east.index(1) == west.index(1) + 1


def test_who_may_not_see_it_has_it_in_no_number(handler):
    reported(1, taken_after=10, confidentiality=Confidentiality.RESTRICTED)

    seen = weeks.seen_by(handler)
    administrators = weeks.seen_by(make_user("admin", "admin"))

    assert {(week.reports, week.to_acknowledge) for week in seen} == {(0, None)}
    assert {week.reports for week in administrators} == {0}


def test_only_the_weeks_that_are_shown_are_read_and_by_an_index(handler):
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as queries:
        indexes = connection.introspection.get_constraints(cursor, Incident._meta.db_table)
        weeks.seen_by(handler)

    reading = [each["sql"] for each in queries if "severity" in each["sql"]]
    assert any(each["columns"] == ["reported_at"] and each["index"] for each in indexes.values())
    assert reading
    assert all('"reported_at" >= ' in sql for sql in reading)


def test_the_charts_say_the_same_in_a_table_and_bring_no_style(handler):
    reported(1, taken_after=10, severity=1)

    page = Console(handler).get().content.decode()

    assert '<rect class="grave"' in page
    assert "<details" in page
    assert "10 min" in page
    assert "style=" not in page


def test_blocks_stand_on_each_other_up_to_the_tallest_bar():
    low, high = charts.bars(["1", "2"], [{"grave": 1, "bar": 1}, {"grave": 0, "bar": 4}])

    assert [block.kind for block in high.blocks] == ["bar"]
    assert high.blocks[0].y == charts.CEILING
    grave, other = low.blocks
    assert grave.y + grave.height == charts.FLOOR
    assert round(other.y + other.height, 1) == grave.y
    assert (low.number, high.number) == ("2", "4")


def test_a_line_has_a_gap_where_a_value_is_missing():
    drawn = charts.line("abcd", [1.0, 2.0, None, 4.0], ["1", "2", "", "4"])

    assert len(drawn.dots) == 3
    assert len(drawn.runs) == 1
    assert [name for _x, name in drawn.names] == ["a", "b", "c", "d"]


def test_numbers_at_a_line_never_run_into_each_other():
    drawn = charts.line("abcd", [1.0, 9.0, 8.0, 7.0], list("1987"))

    assert [dot.number for dot in drawn.dots] == ["", "9", "", "7"]


@pytest.mark.parametrize("values", [[], [None], [0.0]])
def test_nothing_to_draw_is_drawn_as_nothing(values):
    names = ["x"] * len(values)

    assert charts.line(names, values, names).runs == []
    assert charts.bars(names, [{"bar": 0} for _name in names]) is not None
