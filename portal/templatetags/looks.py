"""The small signs that pages of the portal and the console share: icons, moments, the phone."""

import re
from datetime import UTC, datetime

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


# In this order: each claims to be those after it as well.
BROWSERS = ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox",) * 2, ("Chrome",) * 2, ("Safari",) * 2
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")


@register.filter
def browser(agent: str) -> str:
    """A browser as people call it, such as "Firefox, Windows"; the program's own words if none."""
    words = [
        next((name for sign, name in BROWSERS if sign in agent), ""),
        next((name for name in SYSTEMS if name in agent), ""),
    ]
    return ", ".join(filter(None, words)) or agent[:60] or _("An unknown program")


@register.simple_tag
def icon(name: str) -> SafeString:
    """A symbol of icons.svg. It never stands without a word, so screen readers skip it."""
    return format_html(
        '<svg class="i" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        static("portal/icons.svg"),
        name,
    )


@register.simple_tag
def moment(value: datetime | None) -> SafeString | str:
    """A time as people say it ("today 11:42"), and beside it, quietly, what that is in UTC."""
    if value is None:
        return ""
    exact, local = value.astimezone(UTC), timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{} <span class="utc">{}</span></time>',
        exact.strftime("%Y-%m-%dT%H:%M:%SZ"),
        exact.strftime("%Y-%m-%d %H:%M UTC"),
        spoken(local),
        beside(local, exact),
    )


def beside(local: datetime, exact: datetime) -> str:
    """The same moment in UTC, with its day only when that is another one."""
    if not local.utcoffset():
        return "UTC"
    clock = exact.strftime("%H:%M")
    if local.date() == exact.date():
        return f"({clock} UTC)"
    return f"({date_format(exact, 'MONTH_DAY_FORMAT')} {clock} UTC)"


def spoken(local: datetime) -> str:
    """Day and time in few words; the year only when it is not this one."""
    clock = local.strftime("%H:%M")
    today = timezone.localdate()
    distance = (local.date() - today).days
    words = {
        0: _("today %(time)s"),
        -1: _("yesterday %(time)s"),
        1: _("tomorrow %(time)s"),
    }
    if distance in words:
        return words[distance] % {"time": clock}
    is_this_year = local.year == today.year
    day = date_format(local, "MONTH_DAY_FORMAT" if is_this_year else "DATE_FORMAT")
    return f"{day} {clock}"


@register.simple_tag
def upload_limits() -> dict[str, int]:
    """How many files may come at once, and how large each may be."""
    most = settings.UPLOAD_MAX_BYTES
    return {"files": settings.UPLOAD_MAX_FILES, "bytes": most, "megabytes": most // 1024**2}


@register.inclusion_tag("portal/_emergency.html")
def emergency() -> dict[str, str]:
    """The line with the number to call, on every page, that of a broken one too."""
    return {"phone": settings.EMERGENCY_PHONE, "dial": dialled(settings.EMERGENCY_PHONE)}


@register.simple_tag
def call() -> SafeString | str:
    """The emergency number as a link inside a sentence; empty where there is none."""
    phone = settings.EMERGENCY_PHONE
    return format_html('<a href="tel:{}">{}</a>', dialled(phone), phone) if phone else ""


def dialled(phone: str) -> str:
    return re.sub(r"[^0-9+]", "", phone)
