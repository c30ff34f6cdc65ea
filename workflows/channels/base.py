"""What every channel does: it sends a message and gives back what the other side answered."""

from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """What one alert says to its recipient; rendered, in the reader's language."""

    alert_id: int
    to: str
    subject: str
    text: str


class ChannelError(Exception):
    """Delivery failed; the text is the other side's answer. `permanent`: a retry cannot help."""

    def __init__(self, message: str, *, permanent: bool = False):
        super().__init__(message)
        self.permanent = permanent


class Channel(ABC):
    """A way to reach people."""

    @abstractmethod
    def send(self, message: Message) -> str:
        """Deliver `message` and return the other side's answer. Raises ChannelError."""
