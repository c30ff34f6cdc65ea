"""The console's mailbox: what an installation without a mail server would have sent.

Shows the messages of alerts, receipts and notices only. Sign-in and password mails lie in the
same directory, and whoever could read them could take accounts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incidents import access
from workflows import ledger
from workflows.mail import is_outbox
from workflows.models import Alert

NEWEST = 200  # files looked at
FILE_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{12}\.eml", re.ASCII)


@dataclass(frozen=True, slots=True)
class Letter:
    """One file of the outbox."""

    name: str
    message: EmailMessage

    @property
    def alert_id(self) -> int:
        """The alert that it was sent for; 0 for sign-in mail."""
        text = str(self.message["X-Tocsin-Alert"] or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0

    @property
    def written_at(self) -> Any:
        """When, from the name of the file."""
        return parse_datetime(self.name.partition("Z")[0] + "+00:00")

    @property
    def text(self) -> str:
        """What it says."""
        return str(self.message.get_content())


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The newest messages that the reader may see."""
    letters = [letter for letter in newest() if letter.alert_id]
    alerts = readable(request.user, [letter.alert_id for letter in letters])
    shown = [(letter, alerts[letter.alert_id]) for letter in letters if letter.alert_id in alerts]
    return show(request, {"title": _("Outgoing mail"), "letters": shown})


@require_safe
def letter(request: HttpRequest, name: str) -> HttpResponse:
    """One message as text; one that the reader may not see is as unknown as one never written."""
    found = read(Path(settings.MAIL_OUTBOX_DIR) / name) if FILE_NAME.fullmatch(name) else None
    if not is_outbox() or found is None or not found.alert_id:
        raise Http404
    alert = readable(request.user, [found.alert_id]).get(found.alert_id)
    if alert is None:
        raise Http404
    return show(request, {"title": str(found.message["Subject"]), "letter": found, "alert": alert})


def show(request: HttpRequest, facts: dict[str, Any]) -> HttpResponse:
    """The page, in the console's frame."""
    server = "" if is_outbox() else f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    frame = {**admin.site.each_context(request), "server": server}
    return render(request, "admin/outbox.html", frame | facts)


def newest() -> Iterator[Letter]:
    """The newest files, newest first; none when mail goes to a server."""
    directory = Path(settings.MAIL_OUTBOX_DIR)
    if not is_outbox() or not directory.is_dir():
        return
    names = sorted((file.name for file in directory.glob("*.eml")), reverse=True)
    for name in names[:NEWEST]:
        if FILE_NAME.fullmatch(name) and (found := read(directory / name)):
            yield found


def read(file: Path) -> Letter | None:
    """The message in `file`, or None when it is gone."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    return Letter(file.name, message_from_bytes(content, policy=policy.default))


def readable(user: Any, keys: list[int]) -> dict[int, Alert]:
    """Those of the alerts `keys` that `user` may read; a receipt shows who reported."""
    rows = ledger.visible_to(user).filter(pk__in=keys).select_related("incident", "recipient")
    return {
        alert.pk: alert
        for alert in rows
        if alert.kind == Alert.Kind.ALERT or access.may_know_reporter(user, alert.incident)
    }


urls = [
    path("", admin.site.admin_view(index), name="outbox"),
    path("<str:name>/", admin.site.admin_view(letter), name="outbox_letter"),
]
