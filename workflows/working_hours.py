"""The organisation's working hours, from the settings."""

from datetime import time
from functools import cache

from django.conf import settings

from incidents.working_time import WorkingCalendar


@cache
def calendar() -> WorkingCalendar:
    """The one calendar of working days and business hours; legal clocks never use it."""
    return WorkingCalendar(
        country=settings.WORKING_COUNTRY,
        subdivision=settings.WORKING_SUBDIVISION,
        time_zone=settings.TIME_ZONE,
        workday_start=time(settings.WORKDAY_START_HOUR),
        workday_end=time(settings.WORKDAY_END_HOUR),
    )
