"""The two places that mail goes to: an SMTP server, or files in a directory."""

import os
import smtplib
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

ANSWER_MOST = 2000


def in_words(code: int, reply: bytes | str) -> str:
    """An SMTP reply as the server wrote it, such as "250 2.0.0 Ok: queued as 4F1"."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{code} {text}".replace("\0", "\ufffd").strip()[:ANSWER_MOST]


class Connection(smtplib.SMTP):
    """Remembers what the server said to the last message."""

    answer = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the message itself."""
        code, reply = super().data(msg)
        self.answer = in_words(code, reply)
        return code, reply


class EncryptedConnection(smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""

    answer = ""
    data = Connection.data


class SmtpBackend(smtp.EmailBackend):
    """Django's own, with the server's last answer in `answer`.

    smtp+tls and smtp+ssl are never weakened: without a valid certificate, or when the server
    offers no STARTTLS, nothing is sent.
    """

    answer = ""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """What open() makes."""
        return EncryptedConnection if self.use_ssl else Connection

    def _send(self, email_message: EmailMessage) -> bool:
        sent: bool = super()._send(email_message)  # type: ignore[misc]  # django-stubs leaves it out
        self.answer = getattr(self.connection, "answer", "")
        return sent

    def _close_connection(self, connection: smtplib.SMTP) -> None:
        # The message is accepted or refused by now; a server that is rude about QUIT changes
        # neither, and its rudeness must not hide the answer.
        try:
            connection.quit()
        except OSError:
            connection.close()


def is_outbox() -> bool:
    """True when mail is written to files, for no mail server is set."""
    return settings.EMAIL_BACKEND == "workflows.mail.OutboxBackend"


class OutboxBackend(BaseEmailBackend):
    """Writes each message to a file in MAIL_OUTBOX_DIR; nobody ever reads half of one."""

    answer = ""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many were written. Raises OSError when the directory cannot be written."""
        directory = Path(settings.MAIL_OUTBOX_DIR)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{timezone.now():%Y%m%dT%H%M%S.%fZ}-{uuid.uuid4().hex[:12]}.eml"
            write(directory / name, message.message().as_bytes())
            self.answer = f"Written to {name}"
        return len(email_messages)


def write(path: Path, content: bytes) -> None:
    """All of it or nothing, for the owner only, and on the disk when this returns."""
    draft = path.with_suffix(".part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
