"""Tells the security and data protection officers what administrators do to accounts and tokens,
and who tried break-glass.

Whoever hands out roles can have any of them in a roundabout way. So none of it happens unseen.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.utils import translation
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from incidents import changes, roles
from incidents.roles import Role
from portal.models import User
from portal.patience import patiently
from workflows import letters

log = structlog.get_logger(__name__)


def officers() -> list[str]:
    """The mail addresses of the officers, or of those who stand in. Two queries."""
    holders = roles.holders([Role.CISO, Role.DPO])
    return sorted({each.email for people in holders.values() for each in people if each.email})


def tell_officers(entry: LogEntry, before: Iterable[str] = ()) -> None:
    """Have one entry of the log mailed to each officer, in the transaction of the change.

    `before` are the addresses from before it: an officer who loses the role is told of just that.
    """
    log.warning(
        "account_changed",
        by=entry.user.get_username(),
        whom=entry.object_repr,
        what=entry.get_change_message(),
    )
    for address in sorted({*officers(), *before}):
        async_task("portal.watch.send", entry.pk, address)


@patiently(timedelta(days=1))
def send(entry_id: int, address: str) -> None:
    """Mail one entry to one address. Its Message-ID stays the same, so a repeated one shows."""
    entry = LogEntry.objects.select_related("user").get(pk=entry_id)
    reader = User.objects.filter(email=address, is_active=True).first()
    with translation.override(reader.reads if reader else settings.LANGUAGE_CODE):
        subject, text = _("Tocsin: an administrator changed access"), text_of(entry)
    _mail(entry, address, subject, text)


def tell_of_attempt(entry: LogEntry) -> None:
    """Have one attempt at break-glass, whatever came of it, mailed to each officer."""
    for address in officers():
        async_task("portal.watch.send_attempt", entry.pk, address)


@patiently(timedelta(days=1))
def send_attempt(entry_id: int, address: str) -> None:
    """Mail one attempt to one address, as send() does. The reason stays in the console."""
    entry = LogEntry.objects.select_related("user").get(pk=entry_id)
    reader = User.objects.filter(email=address, is_active=True).first()
    with translation.override(reader.reads if reader else settings.LANGUAGE_CODE):
        subject = _("Tocsin: somebody tried break-glass")
        lines = [
            _("By: %s") % entry.user.get_username(),
            entry.change_message,
            _("If you did not expect this, ask, and switch the account off."),
            _page_of(entry),
        ]
    _mail(entry, address, subject, "\n\n".join(lines) + "\n")


def _mail(entry: LogEntry, address: str, subject: str, text: str) -> None:
    letters.compose(address, subject, text, about=f"watch.{entry.pk}").send()


def text_of(entry: LogEntry) -> str:
    """Who, whom, what, and the roles that came of it."""
    changed: Any = entry.get_edited_object()
    person = getattr(changed, "user", changed)
    held = ", ".join(sorted(str(Role(role).label) for role in roles.of(person))) or _("none")
    lines = [
        _("By: %s") % entry.user.get_username(),
        f"{changed._meta.verbose_name}: {entry.object_repr}",
        changes.told(entry),
        _("Account: %s") % person.get_username(),
        _("Roles that it has now: %s") % held,
        _("If you did not expect this, ask, and switch the account off."),
        _page_of(entry),
    ]
    return "\n\n".join(lines) + "\n"


def _page_of(entry: LogEntry) -> str:
    return f"{settings.BASE_URL}/admin/admin/logentry/{entry.pk}/change/"
