"""When it was noticed: from "just now", "yesterday" or a date to a moment and its precision."""

from datetime import date, datetime, time, timedelta

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.states import Precision

LONG_AGO = timedelta(days=30)


class Noticed(TextChoices):
    NOW = "now", _("Just now")
    TODAY = "today", _("Earlier today")
    YESTERDAY = "yesterday", _("Yesterday")
    DATE = "date", _("On another day")
    UNKNOWN = "unknown", _("I do not know")


def read(
    answer: str, day: date | None, clock: time | None, now: datetime
) -> tuple[datetime, Precision]:
    """The moment in the reader's time zone, and how precise it is. `day` counts for DATE only."""
    if answer == Noticed.NOW:
        return now, Precision.EXACT
    if answer == Noticed.UNKNOWN:
        return now, Precision.UNKNOWN
    today = timezone.localdate(now)
    if answer == Noticed.TODAY:
        day = today
    elif answer == Noticed.YESTERDAY:
        day = today - timedelta(days=1)
    moment = timezone.make_aware(datetime.combine(day or today, clock or time(23, 59)))
    if clock:
        return moment, Precision.ABOUT
    # Without a time the end of that day stands for it: whatever began that day began before.
    return (min(moment, now) if day == today else moment), Precision.DAY
