"""Mail, through whichever server EMAIL_URL names."""

import smtplib

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email

from workflows import letters
from workflows.channels.base import Channel, ChannelError, Message
from workflows.mail import in_words

ABOUT_THIS_MESSAGE = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
)


class MailChannel(Channel):
    """One message, one recipient, one connection; through `backend`, if not the site's own."""

    def __init__(self, backend: str | None = None):
        self.backend = backend

    def send(self, message: Message) -> str:
        """The server's answer to DATA, word for word. Raises ChannelError."""
        connection = get_connection(self.backend)
        try:
            validate_email(message.to)
            connection.send_messages([compose(message)])
        except ValidationError:
            raise ChannelError("There is no usable mail address.", permanent=True) from None
        except OSError as problem:
            raise failure(problem) from problem
        except ValueError as problem:  # a header or address that cannot be written
            raise ChannelError(str(problem), permanent=True) from problem
        return getattr(connection, "answer", "") or f"Given to {type(connection).__module__}."


def compose(message: Message) -> EmailMessage:
    """The mail itself, which names the alert behind it."""
    return letters.compose(
        message.to,
        message.subject,
        message.text,
        about=f"alert.{message.alert_id}",
        headers={"X-Tocsin-Alert": str(message.alert_id)},
    )


def failure(problem: OSError) -> ChannelError:
    """What went wrong, in the server's words; permanent if it refuses this very message for good.

    A refused password or a missing STARTTLS is a matter of settings: it can be mended, and then
    the alert still has to go out.
    """
    reply: bytes | str
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(problem.recipients.values()))
    elif isinstance(problem, smtplib.SMTPResponseException):
        code, reply = problem.smtp_code, problem.smtp_error
    else:
        return ChannelError(f"{type(problem).__name__}: {problem}")
    is_final = isinstance(problem, ABOUT_THIS_MESSAGE) and 500 <= code <= 599
    return ChannelError(in_words(code, reply), permanent=is_final)
