"""The ways to reach people, by the kind that an alert names."""

from workflows.channels.base import Channel
from workflows.channels.console import ConsoleChannel
from workflows.channels.mail import MailChannel
from workflows.models import Alert

CHANNELS: dict[str, Channel] = {
    Alert.Channel.MAIL: MailChannel(),
    Alert.Channel.CONSOLE: ConsoleChannel(),
}
