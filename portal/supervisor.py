"""Starts web and worker, restarts what dies or stalls, and leaves nothing behind.

Each child runs below a keeper (portal/keeper.py) that holds a socket to this process: however the
supervisor ends, the socket closes and the keeper ends its group. However the keeper ends, the
supervisor ends its group by number.
"""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from types import FrameType

import structlog
from django.conf import settings
from django.db import Error, connection

from portal import keeper
from workflows.pulse import Pulse

LOOK_SECONDS = 0.2
TICK_SECONDS = 5.0
SETTLED_SECONDS = 60.0  # a child that lived this long starts again without delay
DELAYS = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
STOP_SECONDS = keeper.GRACE_SECONDS + 2.0

log = structlog.get_logger(__name__)


class Child:
    """One command that has to run all the time, with its keeper and its group of processes."""

    def __init__(self, name: str, command: list[str]):
        self.name = name
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None
        self.line: socket.socket | None = None
        self.started_at = 0.0
        self.start_at = 0.0
        self.deaths = 0

    def start(self) -> None:
        """Start the keeper, in a session and group of its own, and through it the command."""
        self.line, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                keeper.command(theirs.fileno(), self.command),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                cwd=settings.BASE_DIR,
            )
        self.started_at = time.monotonic()
        log.info("started", child=self.name, group=self.process.pid)

    def mend(self) -> bool:
        """Start the command if it does not run and its delay is over. True when it was started."""
        if self.process and self.has_ended(self.process):
            self.bury(self.process)
        if self.process or time.monotonic() < self.start_at:
            return False
        self.start()
        return True

    @staticmethod
    def has_ended(process: subprocess.Popen[bytes]) -> bool:
        """True when the keeper is dead. It stays unreaped: its group's number must stay taken."""
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, process.pid, flags) is not None

    def bury(self, process: subprocess.Popen[bytes]) -> None:
        """End what is left of the group, and decide when the next one starts."""
        reason = self.last_words()
        self.end_group(process)
        if time.monotonic() - self.started_at > SETTLED_SECONDS:
            self.deaths = 0
        delay = DELAYS[min(self.deaths, len(DELAYS) - 1)]
        self.deaths += 1
        self.start_at = time.monotonic() + delay
        self.process = None
        log.error("died", child=self.name, reason=reason, restart_in_seconds=delay)

    def last_words(self) -> str:
        """Why the keeper ended its group, in its own words."""
        if self.line is None:
            return ""
        with self.line:
            words = b""
            with contextlib.suppress(OSError):
                self.line.setblocking(False)
                words = self.line.recv(200)
        self.line = None
        return words.decode(errors="replace") or "its keeper was killed"

    def end_group(self, process: subprocess.Popen[bytes]) -> None:
        """Kill every process of the group, the keeper with it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def hang_up(self) -> None:
        """Ask for a clean end: the keeper sees the line close."""
        if self.line:
            self.line.close()
            self.line = None

    def wait_end(self, deadline: float) -> None:
        """Return when the group has ended; past `deadline` it is killed."""
        if self.process is None:
            return
        while not self.has_ended(self.process) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.end_group(self.process)
        self.process = None


class Watch(threading.Thread):
    """Feels the worker's pulse in a thread of its own, for the database may keep it waiting."""

    def __init__(self, node: str):
        super().__init__(name="pulse", daemon=True)
        self.pulse = Pulse(node)
        self.worker_started = threading.Event()
        self.stalled = threading.Event()

    def run(self) -> None:
        """Feel the pulse until the process ends."""
        next_look = 0.0
        while True:
            if time.monotonic() >= next_look or self.worker_started.is_set():
                next_look = time.monotonic() + TICK_SECONDS
                self.look()
            time.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """One look. An unreachable database is the operator's trouble, not the worker's fault."""
        try:
            if self.worker_started.is_set():
                self.worker_started.clear()
                self.pulse.restart()
            if not self.pulse.feel():
                self.pulse.excuse()
                self.stalled.set()
        except Error as problem:
            self.pulse.excuse()
            log.warning("no pulse, the database does not answer", problem=str(problem))
            connection.close()


class Supervisor:
    """The children, the watch over the worker, and the signals that end it all."""

    def __init__(self, children: list[Child], on_ready: Callable[[], None]):
        self.children = children
        self.on_ready: Callable[[], None] | None = on_ready
        self.worker = next((child for child in children if child.name == "worker"), None)
        self.watch = Watch(settings.NODE_NAME)
        self.is_stopping = False

    def run(self) -> None:
        """Keep everything running until a signal comes, then end it."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.stop_soon)
        try:
            while not self.is_stopping:
                self.look_after_children()
                self.announce()
                time.sleep(LOOK_SECONDS)
        finally:
            self.stop()

    def stop_soon(self, number: int, _frame: FrameType | None) -> None:
        """Note that the end is wanted. Signals come doubled: make passes on what its group got."""
        if not self.is_stopping:
            self.is_stopping = True
            log.info("stopping", signal=signal.Signals(number).name)

    def look_after_children(self) -> None:
        """Restart what died or stalled."""
        if self.worker and self.watch.stalled.is_set():
            self.watch.stalled.clear()
            self.end_stalled_worker(self.worker)
        for child in self.children:
            if child.mend() and child is self.worker:
                self.mind_worker()

    def end_stalled_worker(self, worker: Child) -> None:
        """Kill the worker's group: a stalled django-q2 does not answer SIGTERM for minutes."""
        log.error("stalled", child=worker.name, seconds=settings.STALL_SECONDS)
        if worker.process:
            os.killpg(worker.process.pid, signal.SIGKILL)

    def mind_worker(self) -> None:
        """Tell the watch of a fresh worker, and start the watch if it does not run."""
        self.watch.worker_started.set()
        if not self.watch.is_alive():
            self.watch = Watch(settings.NODE_NAME)
            self.watch.start()

    def announce(self) -> None:
        """Say once that it runs, when it really does."""
        if self.on_ready and (self.only_worker() or web_answers()):
            self.on_ready()
            self.on_ready = None

    def only_worker(self) -> bool:
        """True when there is no web child to wait for."""
        return self.children == [self.worker]

    def stop(self) -> None:
        """End all groups together, in good order while there is time."""
        for child in self.children:
            child.hang_up()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            child.wait_end(deadline)
        log.info("stopped")


def web_answers() -> bool:
    """True when the web child serves a page."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104
    line = http.client.HTTPConnection(host, settings.PORT, timeout=2)
    try:
        line.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
