"""Spans of time in the few words that fit a column."""

from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _

SOON = timedelta(hours=2)


def span(length: timedelta) -> str:
    """A length such as 5 s, 21 min, 4 h 10 min, 11 h or 3 d."""
    seconds = max(int(length.total_seconds()), 0)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 60:
        return _("%d s") % seconds
    if minutes < 60:
        return _("%d min") % minutes
    if hours < 4 and minutes % 60:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes % 60}
    return _("%d h") % hours if hours < 48 else _("%d d") % days


def since(moment: datetime | None) -> str:
    """How long ago `moment` was; nothing for None."""
    return span(timezone.now() - moment) if moment else ""


def due(moment: datetime | None) -> str:
    """When something is due: "28 min late", "in 9 min", "17:30", "tomorrow 12:00", "Wed 25 Nov"."""
    if moment is None:
        return ""
    left = moment - timezone.now()
    if left < timedelta():
        return _("%s late") % span(-left)
    if left < SOON:
        return _("in %s") % span(left)
    local = timezone.localtime(moment)
    days = (local.date() - timezone.localdate()).days
    if days < 2:
        clock = formats.date_format(local, "H:i")
        return _("tomorrow %s") % clock if days else clock
    return formats.date_format(local, "D j M")


def heat(moment: datetime | None) -> str:
    """How urgent a due moment is, as the class of its colour: hot when late, warm when soon."""
    if moment is None:
        return ""
    left = moment - timezone.now()
    return "hot" if left < timedelta() else "warm" if left < SOON else ""
