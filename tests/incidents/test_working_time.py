"""Working days and business hours: weekends, holidays, summer time, year ends."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.working_time import WorkingCalendar, working_days

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OFFICE = WorkingCalendar("NL", "", "Europe/Amsterdam", time(9), time(17))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1), timezones=st.just(UTC))


def local(*parts: int, zone: ZoneInfo = AMSTERDAM, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=zone, fold=fold)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 23), True),
        (date(2026, 11, 28), False),
        (date(2026, 11, 29), False),
        (date(2026, 4, 27), False),
        (date(2027, 4, 27), False),
        (date(2026, 4, 6), False),
        (date(2026, 5, 14), False),
        (date(2026, 5, 25), False),
        (date(2026, 12, 24), True),
        (date(2026, 12, 25), False),
        (date(2026, 12, 26), False),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_dutch_working_days(day, works):
    assert OFFICE.is_working_day(day) is works


def test_the_kings_day_moves_when_it_would_fall_on_a_sunday():
    assert OFFICE.is_working_day(date(2026, 4, 27)) is False
    assert date(2025, 4, 27).isoweekday() == 7
    assert date(2025, 4, 26) not in working_days("NL", "", 2025)
    assert OFFICE.is_working_day(date(2025, 4, 28)) is True


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (local(2026, 11, 23, 10, 0), 1, local(2026, 11, 24, 10, 0)),
        (local(2026, 11, 27, 10, 0), 1, local(2026, 11, 30, 10, 0)),
        (local(2026, 11, 27, 23, 59), 1, local(2026, 11, 30, 23, 59)),
        (local(2026, 11, 23, 10, 0), 5, local(2026, 11, 30, 10, 0)),
        (local(2026, 11, 23, 10, 0), 20, local(2026, 12, 21, 10, 0)),
        # Koningsdag (Monday 27 April 2026) and Christmas (Friday 25 December).
        (local(2026, 4, 24, 10, 0), 1, local(2026, 4, 28, 10, 0)),
        (local(2026, 12, 24, 16, 40), 1, local(2026, 12, 28, 16, 40)),
        # The turn of the year: 31 December, 1 January (Friday), then Monday.
        (local(2026, 12, 31, 10, 0), 1, local(2027, 1, 4, 10, 0)),
        (local(2026, 12, 31, 23, 30), 0, local(2026, 12, 31, 23, 30)),
        # The clock goes back on 25 October 2026 and forward on 28 March 2027.
        (local(2026, 10, 23, 10, 0), 1, local(2026, 10, 26, 10, 0)),
        (local(2027, 3, 25, 10, 0), 1, local(2027, 3, 30, 10, 0)),
        # Leap day.
        (local(2028, 2, 28, 10, 0), 1, local(2028, 2, 29, 10, 0)),
    ],
)
def test_working_days_keep_the_wall_time(start, count, expected):
    assert OFFICE.add_working_days(start, count) == expected


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (local(2026, 11, 28, 15, 0), 0, local(2026, 11, 30, 9, 0)),
        (local(2026, 11, 28, 15, 0), 1, local(2026, 12, 1, 9, 0)),
        (local(2026, 11, 29, 3, 0), 1, local(2026, 12, 1, 9, 0)),
        (local(2026, 12, 25, 23, 0), 1, local(2026, 12, 29, 9, 0)),
        (local(2027, 1, 1, 0, 0), 2, local(2027, 1, 6, 9, 0)),
    ],
)
def test_a_day_off_counts_as_the_start_of_the_next_working_day(start, count, expected):
    assert OFFICE.add_working_days(start, count) == expected


def test_the_local_date_decides_not_the_utc_date():
    # Monday 00:30 in Amsterdam is still Sunday in UTC.
    moment = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

    assert OFFICE.add_working_days(moment, 1) == local(2026, 11, 24, 0, 30)


def test_results_are_in_utc():
    assert OFFICE.add_working_days(local(2026, 11, 23, 10, 0), 1).tzinfo is UTC
    assert OFFICE.add_business_hours(local(2026, 11, 23, 10, 0), 1).tzinfo is UTC


def test_a_wall_time_that_does_not_exist_moves_on_by_the_missing_hour():
    # In Iran the clock went forward at midnight on Monday 22 March 2021.
    tehran = ZoneInfo("Asia/Tehran")
    calendar = WorkingCalendar("NL", "", "Asia/Tehran")

    due = calendar.add_working_days(local(2021, 3, 19, 0, 30, zone=tehran), 1)

    assert due.astimezone(tehran).replace(tzinfo=None) == datetime(2021, 3, 22, 1, 30)


def test_a_wall_time_that_exists_twice_means_the_first():
    # In Iran the clock went back at midnight after Tuesday 21 September 2021: 23:30 came twice.
    tehran = ZoneInfo("Asia/Tehran")
    calendar = WorkingCalendar("NL", "", "Asia/Tehran")

    due = calendar.add_working_days(local(2021, 9, 20, 23, 30, zone=tehran), 1)

    assert due == local(2021, 9, 21, 23, 30, zone=tehran, fold=0).astimezone(UTC)
    again = calendar.add_working_days(local(2021, 9, 21, 23, 30, zone=tehran, fold=1), 0)
    assert again == due


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        (local(2026, 11, 23, 10, 0), 4, local(2026, 11, 23, 14, 0)),
        (local(2026, 11, 23, 10, 0), 0.5, local(2026, 11, 23, 10, 30)),
        (local(2026, 11, 23, 10, 0), 0, local(2026, 11, 23, 10, 0)),
        # What ends at closing time is due then.
        (local(2026, 11, 23, 13, 0), 4, local(2026, 11, 23, 17, 0)),
        (local(2026, 11, 23, 9, 0), 8, local(2026, 11, 23, 17, 0)),
        (local(2026, 11, 23, 9, 0), 16, local(2026, 11, 24, 17, 0)),
        (local(2026, 11, 23, 15, 0), 4, local(2026, 11, 24, 11, 0)),
        # Before opening, after closing, at closing, on days off.
        (local(2026, 11, 23, 3, 0), 4, local(2026, 11, 23, 13, 0)),
        (local(2026, 11, 23, 22, 0), 4, local(2026, 11, 24, 13, 0)),
        (local(2026, 11, 23, 17, 0), 4, local(2026, 11, 24, 13, 0)),
        (local(2026, 11, 23, 17, 0), 0, local(2026, 11, 24, 9, 0)),
        (local(2026, 11, 28, 12, 0), 4, local(2026, 11, 30, 13, 0)),
        (local(2026, 11, 28, 12, 0), 0, local(2026, 11, 30, 9, 0)),
        (local(2026, 11, 27, 16, 0), 4, local(2026, 11, 30, 12, 0)),
        # Over Christmas, the new year, and both changes of the clock.
        (local(2026, 12, 24, 16, 0), 4, local(2026, 12, 28, 12, 0)),
        (local(2026, 12, 31, 16, 0), 4, local(2027, 1, 4, 12, 0)),
        (local(2026, 10, 23, 16, 0), 4, local(2026, 10, 26, 12, 0)),
        (local(2027, 3, 25, 16, 0), 4, local(2027, 3, 30, 12, 0)),
    ],
)
def test_business_hours_count_office_time_only(start, hours, expected):
    assert OFFICE.add_business_hours(start, hours) == expected


def test_a_year_of_business_hours_is_quick_and_right():
    days = working_days("NL", "", 2026)
    start = local(days[0].year, days[0].month, days[0].day, 9, 0)

    due = OFFICE.add_business_hours(start, 8 * len(days))

    assert due == local(days[-1].year, days[-1].month, days[-1].day, 17, 0)


def test_another_country_has_its_own_weekend_and_holidays():
    cairo = WorkingCalendar("EG", "", "Africa/Cairo")

    assert cairo.is_working_day(date(2026, 11, 22)) is True
    assert cairo.is_working_day(date(2026, 11, 27)) is False


def test_a_subdivision_has_its_own_holidays():
    epiphany = date(2026, 1, 6)

    assert WorkingCalendar("DE", "BY", "Europe/Berlin").is_working_day(epiphany) is False
    assert WorkingCalendar("DE", "", "Europe/Berlin").is_working_day(epiphany) is True


@pytest.mark.parametrize(
    "settings",
    [
        {"time_zone": "Europe/Atlantis"},
        {"time_zone": ""},
        {"time_zone": "../../etc/passwd"},
        {"workday_start": time(17), "workday_end": time(9)},
        {"workday_start": time(9), "workday_end": time(9)},
    ],
)
def test_a_calendar_that_cannot_be_is_refused(settings):
    with pytest.raises(ValueError, match=r"zone|day"):
        WorkingCalendar(**settings)


@pytest.mark.parametrize("place", [("XX", ""), ("NL", "BY")])
def test_a_country_without_known_holidays_is_refused(place):
    calendar = WorkingCalendar(*place)

    with pytest.raises(ValueError, match="No public holidays are known"):
        calendar.is_working_day(date(2026, 1, 6))


@pytest.mark.parametrize("method", ["add_working_days", "add_business_hours"])
def test_counting_backwards_or_without_a_zone_is_refused(method):
    count = getattr(OFFICE, method)

    with pytest.raises(ValueError, match="forwards"):
        count(local(2026, 11, 23, 10, 0), -1)
    with pytest.raises(ValueError, match="time zone"):
        count(datetime(2026, 11, 23, 10, 0), 1)


@given(MOMENTS, st.integers(0, 300))
def test_a_due_moment_falls_on_a_working_day(moment, count):
    due = OFFICE.add_working_days(moment, count).astimezone(AMSTERDAM)

    assert OFFICE.is_working_day(due.date())


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=9)), st.integers(0, 30))
def test_a_later_start_is_never_due_on_an_earlier_day(moment, delay, count):
    first = OFFICE.add_working_days(moment, count).astimezone(AMSTERDAM)
    second = OFFICE.add_working_days(moment + delay, count).astimezone(AMSTERDAM)

    assert first.date() <= second.date()


@given(MOMENTS, st.integers(0, 200), st.integers(0, 200))
def test_hours_may_be_counted_in_two_portions(moment, first, second):
    at_once = OFFICE.add_business_hours(moment, first + second)
    in_two = OFFICE.add_business_hours(OFFICE.add_business_hours(moment, first), second)

    # Closing time and the next opening are the same place in office time.
    assert OFFICE.add_business_hours(at_once, 1) == OFFICE.add_business_hours(in_two, 1)


def test_working_days_come_in_order_and_lie_in_their_year():
    days = working_days("NL", "", 2026)

    assert all(earlier < later for earlier, later in pairwise(days))
    assert {day.year for day in days} == {2026}
    assert 245 <= len(days) <= 260
