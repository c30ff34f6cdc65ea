"""The console itself: the alert's row is what the person sees there."""

from workflows.channels.base import Channel, Message


class ConsoleChannel(Channel):
    """Nothing travels: the row is delivered by being there."""

    def send(self, message: Message) -> str:  # noqa: ARG002
        """Always succeeds."""
        return "Shown in the console."
