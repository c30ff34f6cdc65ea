"""A real SMTP server on loopback that answers as it is told."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from tests.postgres import free_port


class PostOffice:
    """Keeps what it accepts. `to_recipient` and `to_data` are its answers."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.to_recipient = "250 2.1.5 Ok"
        self.to_data = "250 2.0.0 Ok: queued as 4F1A2"
        self.server = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """aiosmtpd's name for: somebody wants to write to `address`."""
        if self.to_recipient.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd's name for: a message has come."""
        if self.to_data.startswith("2"):
            content = envelope.original_content or b""
            self.messages.append(message_from_bytes(content, policy=policy.default))
        return self.to_data
