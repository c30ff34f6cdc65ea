"""The real product: `manage.py runall` with a data directory and a mail server of its own.

Rows refuse DELETE, so a database cannot be flushed between tests as Django's live server would:
tests that need sockets, browsers, kills or mail share one running product and make their own rows.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from tests.postgres import free_port, postgres
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS = 20


class Mailbox:
    """Collects what a real SMTP server on loopback receives."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.came_at: list[float] = []  # of each message, by time.monotonic()
        self.refuse_with = ""  # such as "451 4.3.0 try later": what the server answers instead
        self.server = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd's name for: a message has come."""
        if self.refuse_with:
            return self.refuse_with
        self.came_at.append(time.monotonic())
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        self.messages.append(message)
        return "250 OK"

    @property
    def url(self) -> str:
        """The EMAIL_URL that leads here."""
        return f"smtp://127.0.0.1:{self.server.port}"

    def to(self, address: str) -> list[EmailMessage]:
        """The messages addressed to `address`, oldest first."""
        return [message for message in self.messages if address in str(message["To"])]


class Product:
    """One supervisor and all that it started."""

    def __init__(self, data: Path, mailbox: Mailbox, **environment: str):
        self.data = data
        self.mailbox = mailbox
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = data / "output.log"
        self.environment = clean_environment() | {
            "DATA_DIR": str(data),
            "PORT": str(port),
            "HOST": "127.0.0.1",
            "DEMO": "1",
            "EMAIL_URL": mailbox.url,
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> None:
        """Start the supervisor; `wait_ready` tells when pages are served."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "runall", "--with-parent", *arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_ready(self, path: str = "/readyz", seconds: float = 90) -> None:
        """Return when `path` answers 200; fail at once, with the log, when the supervisor ended."""

        def ready() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text(errors="replace")[-4000:]
            return self.answers(path)

        eventually(ready, f"{self.url}{path} answers 200", seconds=seconds, every=0.1)

    def answers(self, path: str) -> bool:
        """True when `path` answers 200 now."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def manage(self, *arguments: str) -> str:
        """Run a management command in the product's environment; gives what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> None:
        """End it as an operator would. A supervisor that does not end is killed, by its id."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def clean_environment() -> dict[str, str]:
    """The surrounding environment without what pytest and its settings put there."""
    ours = {"DJANGO_SETTINGS_MODULE", "DATABASE_URL", "LOG_LEVEL", "TOCSIN_TEST_DATABASE"}
    return {name: value for name, value in os.environ.items() if name not in ours}


@cache
def prepared(demo: str) -> Path:
    """A data directory on SQLite with all that is there before the first page, to be copied."""
    data = Path(tempfile.mkdtemp(prefix=f"tocsin-prepared-{demo}-"))
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    subprocess.run(
        [sys.executable, "manage.py", "runall", "--only", "prepare"],
        cwd=ROOT,
        env=clean_environment() | {"DATA_DIR": str(data), "DEMO": demo},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return data


@contextmanager
def product(**environment: str) -> Iterator[Product]:
    """A product with fresh data and its own mail server; not started yet."""
    data = Path(tempfile.mkdtemp(prefix="tocsin-live-"))
    if "DATABASE_URL" not in environment:
        shutil.copytree(prepared(environment.get("DEMO", "1")), data, dirs_exist_ok=True)
    mailbox = Mailbox()
    mailbox.server.start()
    made = Product(data, mailbox, **environment)
    try:
        yield made
    finally:
        made.stop()
        mailbox.server.stop()
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def live() -> Iterator[Product]:
    """The demo, running on SQLite, shared by all tests of a process. Make your own rows in it."""
    with product() as running:
        running.start()
        running.wait_ready()
        yield running


@pytest.fixture(scope="session")
def live_postgres() -> Iterator[Product]:
    """The same on a real PostgreSQL."""
    with postgres() as url, product(DATABASE_URL=url) as running:
        running.start()
        running.wait_ready()
        yield running
