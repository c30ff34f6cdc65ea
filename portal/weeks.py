"""The last weeks in numbers: what was reported, and how soon somebody acknowledged it.

Counted is what the reader may see, without exercises. Only the weeks that are shown are read, by
the index on the moment of reporting.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from incidents import access
from incidents.models import Incident
from incidents.states import Severity

SHOWN = 8
# A median needs every value. With more than so many, only the weeks that are whole have one.
MEDIANS_OF = 2000


@dataclass(frozen=True, slots=True)
class Week:
    """One calendar week of the reader; `to_acknowledge` is a median, None where there is none."""

    start: datetime
    grave: int
    other: int
    to_acknowledge: timedelta | None

    @property
    def number(self) -> int:
        """As calendars count weeks."""
        return self.start.isocalendar().week

    @property
    def last_day(self) -> datetime:
        return self.start + timedelta(days=6)

    @property
    def reports(self) -> int:
        return self.grave + self.other


def seen_by(user) -> list[Week]:
    """The last weeks, the running one last. Two queries."""
    starts = _starts(timezone.localtime())
    reports = access.visible_to(user).filter(reported_at__gte=starts[0], is_exercise=False)
    grave, other = _counts(reports, starts)
    medians = _medians(reports, starts)
    return [Week(start, grave[n], other[n], medians.get(n)) for n, start in enumerate(starts)]


def _starts(now: datetime) -> list[datetime]:
    """Mondays at midnight, by the reader's clock."""
    monday = now.date() - timedelta(days=now.weekday())
    days = [monday - timedelta(weeks=n) for n in reversed(range(SHOWN))]
    zone = timezone.get_current_timezone()
    return [datetime(day.year, day.month, day.day, tzinfo=zone) for day in days]


def _counts(
    reports: QuerySet[Incident], starts: list[datetime]
) -> tuple[dict[int, int], dict[int, int]]:
    """How many came in each week: SEV1 and SEV2, and the others."""
    week = Case(
        *(When(reported_at__gte=start, then=Value(n)) for n, start in _newest_first(starts)),
        output_field=IntegerField(),
    )
    is_grave = Q(severity__lte=Severity.SEV2)
    rows = reports.order_by().annotate(week=week).values_list("week")
    grave, other = defaultdict(int), defaultdict(int)
    for n, severe, rest in rows.annotate(
        severe=Count("pk", filter=is_grave), rest=Count("pk", filter=~is_grave)
    ):
        grave[n], other[n] = severe, rest
    return grave, other


def _medians(reports: QuerySet[Incident], starts: list[datetime]) -> dict[int, timedelta]:
    acknowledged = reports.filter(acknowledged_at__isnull=False).order_by("-reported_at")
    moments = acknowledged.values_list("reported_at", "acknowledged_at")
    rows = list(moments[:MEDIANS_OF])
    whole = starts[0] if len(rows) < MEDIANS_OF else rows[-1][0]
    spans = defaultdict(list)
    for reported, taken in rows:
        if taken is not None:
            spans[_week_of(reported, starts)].append(taken - reported)
    return {n: _middle(each) for n, each in spans.items() if starts[n] >= whole}


def _middle(spans: Iterable[timedelta]) -> timedelta:
    return timedelta(seconds=max(median(span.total_seconds() for span in spans), 0))


def _week_of(moment: datetime, starts: list[datetime]) -> int:
    return next(n for n, start in _newest_first(starts) if moment >= start)


def _newest_first(starts: list[datetime]) -> list[tuple[int, datetime]]:
    return list(reversed(list(enumerate(starts))))
