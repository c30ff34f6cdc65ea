"""Asks the web server for a page every few seconds, and tells when it no longer gives any.

A process whose threads all wait ends itself (portal/stuck.py); this finds what that does not.
"""

import contextlib
import http.client
import threading
import time
from urllib.parse import urlsplit

from django.conf import settings

ASK_SECONDS = 3.0
TIMES = 8  # one process of several may be stuck while the others answer every now and then
PATIENCE_SECONDS = 4.0
START_SECONDS = 60.0  # in which a fresh web server need not answer yet


class WebWatch(threading.Thread):
    """Asks in a thread of its own, for an answer may take its time."""

    def __init__(self) -> None:
        super().__init__(name="web watch", daemon=True)
        self.restarted = threading.Event()
        self.stalled = threading.Event()
        self.answered_at = time.monotonic() + START_SECONDS

    def run(self) -> None:
        """Ask until the process ends."""
        while True:
            self.look(time.monotonic())
            time.sleep(ASK_SECONDS)

    def look(self, now: float) -> None:
        """Ask. Any answer is one: what it says is for /readyz, and a restart mends no bug."""
        if self.restarted.is_set():
            self.restarted.clear()
            self.answered_at = now + START_SECONDS
        if all(ask() for _ in range(TIMES)):
            self.answered_at = time.monotonic()
        elif now - self.answered_at > settings.STALL_SECONDS:
            self.answered_at = now + START_SECONDS
            self.stalled.set()


def ask() -> int:
    """The status of the answer to /healthz; 0 when there is none."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104
    line = http.client.HTTPConnection(host, settings.PORT, timeout=PATIENCE_SECONDS)
    with contextlib.closing(line), contextlib.suppress(OSError, http.client.HTTPException):
        line.request("GET", "/healthz", headers={"Host": urlsplit(settings.BASE_URL).netloc})
        return line.getresponse().status
    return 0
