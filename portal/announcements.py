"""What everybody may know of something going on, while it goes on."""

from datetime import datetime

from django.db.models import Q

from portal.models import Announcement


def current(now: datetime) -> list[Announcement]:
    """The announcements that are shown now, the newest first. One query."""
    is_open = Q(ends_at=None) | Q(ends_at__gt=now)
    return list(Announcement.objects.filter(is_open, starts_at__lte=now))
