"""One form for every mail that Tocsin writes by itself: alerts, notices, links."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.crypto import salted_hmac


def compose(
    to: str, subject: str, text: str, *, about: str = "", headers: dict[str, str] | None = None
) -> EmailMessage:
    """The mail to one address. `about` names the row behind it, such as "alert.17".

    The Message-ID of a row and an address is always the same, so a repeated mail shows as one.
    """
    marks = {"Auto-Submitted": "auto-generated"} | (headers or {})
    if about:
        marks["Message-ID"] = message_id(about, to)
    return EmailMessage(subject, text, to=[to], headers=marks)


def message_id(about: str, to: str) -> str:
    """Nobody without the site's key can tell it beforehand, or read the address out of it."""
    digest = salted_hmac("workflows.letters", f"{about} {to}").hexdigest()[:24]
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return f"<{about}.{digest}@{domain}>"
