"""Working days and business hours. Never for legal clocks: those run on calendar time."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True)
class WorkingCalendar:
    """When an organisation works: public holidays of a country, office hours in a time zone.

    `country` and `subdivision` are ISO 3166 codes ("NL", ""; "DE", "BY"). Which days are the
    weekend and which are holidays is what the `holidays` library says of that country.
    Raises ValueError for an unknown zone or office hours that end before they begin, and for an
    unknown country as soon as a day is counted.
    """

    country: str = "NL"
    subdivision: str = ""
    time_zone: str = "Europe/Amsterdam"
    workday_start: time = time(9)
    workday_end: time = time(17)

    def __post_init__(self) -> None:
        if self.workday_start >= self.workday_end:
            raise ValueError("The working day must end after it starts, on the same day.")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"Unknown time zone {self.time_zone!r}.") from error

    def is_working_day(self, day: date) -> bool:
        days = self._working_days(day.year)
        place = bisect_left(days, day)
        return place < len(days) and days[place] == day

    def add_working_days(self, moment: datetime, count: int) -> datetime:
        """Return the same local wall time `count` working days later, in UTC.

        A moment on a day off counts as the start of the next working day, so that everybody
        gets whole working days: Saturday 15:00 plus one is Tuesday 09:00. Holidays and the
        change to or from summer time in between do not matter. A wall time that does not exist
        that day moves on by the missing hour; one that exists twice means the first.
        Cost grows with the number of years, not of days.
        """
        if count < 0:
            raise ValueError("Working days are counted forwards only.")
        local = self._local(moment)
        wall_time = local.time()
        if not self.is_working_day(local.date()):
            wall_time = self.workday_start
        return self._utc(self._working_day_after(local.date(), count), wall_time)

    def add_business_hours(self, moment: datetime, hours: float) -> datetime:
        """Return the moment, in UTC, when `hours` of office time have passed since `moment`.

        Time outside office hours does not count. What ends exactly at closing time is due then,
        not at the next opening. With zero hours: the first office moment at or after `moment`.
        """
        if hours < 0:
            raise ValueError("Business hours are counted forwards only.")
        left = timedelta(hours=hours)
        local = self._local(moment)
        day = self._working_day_after(local.date(), 0)
        start = max(moment.astimezone(UTC), self._utc(day, self.workday_start))
        while True:
            # Before closing, or exactly at it when some of the count was used up today.
            open_for = self._utc(day, self.workday_end) - start
            if left < open_for or timedelta(0) < left == open_for:
                return start + left
            left -= max(open_for, timedelta(0))
            day = self._working_day_after(day + timedelta(days=1), 0)
            start = self._utc(day, self.workday_start)

    def _working_day_after(self, day: date, count: int) -> date:
        """The working day `count` places after `day`, or after the first one from `day` on."""
        year = day.year
        place = bisect_left(self._working_days(year), day) + count
        while place >= len(days := self._working_days(year)):
            place -= len(days)
            year += 1
        return days[place]

    def _working_days(self, year: int) -> tuple[date, ...]:
        return working_days(self.country, self.subdivision, year)

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        return moment.astimezone(ZoneInfo(self.time_zone))

    def _utc(self, day: date, wall_time: time) -> datetime:
        local = datetime.combine(day, wall_time.replace(fold=0), ZoneInfo(self.time_zone))
        return local.astimezone(UTC)


@lru_cache(maxsize=256)
def working_days(country: str, subdivision: str, year: int) -> tuple[date, ...]:
    """Return every working day of a year, in order. Raises ValueError for an unknown country."""
    # Imported here because it costs 0.2 s and 19 MB with its first country (0.9 s from a cold
    # disk), and most processes never count a working day.
    from holidays import country_holidays

    try:
        # One object a year, never shared: a lookup in it may fill in other years, unlocked.
        holidays = country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError as error:
        raise ValueError(f"No public holidays are known for {country} {subdivision}.") from error
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    return tuple(day for day in days if day.year == year and holidays.is_working_day(day))
