"""Where the mail of these tests goes."""

from collections.abc import Iterator

import pytest

from tests.postgres import free_port
from tests.workflows.post_office import PostOffice


@pytest.fixture
def smtp(settings):
    """Mail goes out by SMTP, to a port of loopback where nobody listens."""
    settings.EMAIL_BACKEND = "workflows.mail.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    return settings


@pytest.fixture
def post_office(smtp) -> Iterator[PostOffice]:
    """Mail goes to a real SMTP server."""
    office = PostOffice()
    office.server.start()
    smtp.EMAIL_PORT = office.server.port
    yield office
    office.server.stop()


@pytest.fixture
def outbox(settings, tmp_path):
    """Mail goes to files in this directory."""
    settings.EMAIL_BACKEND = "workflows.mail.OutboxBackend"
    settings.MAIL_OUTBOX_DIR = tmp_path / "outbox"
    return settings.MAIL_OUTBOX_DIR
