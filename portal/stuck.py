"""Ends a web process all of whose threads wait for something that does not come.

The supervisor cannot tell: the other processes of the same port answer its question. granian puts a
fresh process in the place of one that ended.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from django.conf import settings

# Of each web process. A request whose body comes slowly, or never, keeps one waiting, and granian
# has no time limit for bodies. Each takes a database connection: PostgreSQL has 100 for all.
THREADS = 16
LOOK_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Guarded:
    """The application, and how many requests are in it."""

    def __init__(self, application: Callable[..., Iterable[bytes]]):
        self.application = application
        self.lock = threading.Lock()
        self.inside = 0
        self.moved_at = time.monotonic()
        threading.Thread(target=self.watch, name="stuck", daemon=True).start()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.count(1)
        try:
            return self.application(environ, start_response)
        finally:
            self.count(-1)

    def count(self, change: int) -> None:
        """Note that a request came or went."""
        with self.lock:
            self.inside += change
            self.moved_at = time.monotonic()

    def is_stuck(self, now: float) -> bool:
        """True when every thread is taken, and none came free for too long."""
        return self.inside >= THREADS and now - self.moved_at > settings.STALL_SECONDS

    def watch(self) -> None:
        """Look until the process ends."""
        while not self.is_stuck(time.monotonic()):
            time.sleep(LOOK_SECONDS)
        log.error("stalled", child="web process", seconds=settings.STALL_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)
