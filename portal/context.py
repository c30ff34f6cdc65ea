"""What every page knows: whose portal this is, and whether its alarm works."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from incidents import roles
from portal import health, second_factor
from portal.selfservice import drafts, readings


def site(request: HttpRequest) -> dict[str, Any]:
    """The callables cost a query or two, and only on pages that ask."""
    user = getattr(request, "user", None)
    return {
        "organisation_name": settings.ORGANISATION_NAME,
        "languages": settings.LANGUAGES,
        "emergency_phone": settings.EMERGENCY_PHONE,
        "is_demo": settings.DEMO,
        "is_team_member": lambda: bool(roles.of(user)) or second_factor.is_missing(request),
        "is_alarm_slow": is_alarm_slow,
        "unread_count": lambda: readings.unread_count(user),
        "lacks_second_factor": lambda: second_factor.is_missing(request),
        "unreadable_factors": lambda: second_factor.unreadable(user),
        "kept_draft": lambda: drafts.read(request) if request.user.is_authenticated else None,
        "offered_draft": lambda: drafts.offered(request),
    }


def is_alarm_slow() -> bool:
    """True when a report would be kept but might not ring anybody soon."""
    return bool(health.check_worker() or health.check_alerts())
