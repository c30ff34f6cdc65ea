"""Starts web and worker, restarts what dies or stalls, and leaves nothing behind.

Each child runs below a keeper (portal/keeper.py) that holds a socket to this process: however the
supervisor ends, the socket closes and the keeper ends its group. However the keeper ends, the
supervisor ends its group by number.
"""

import contextlib
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
from django_q.tasks import async_task

from portal import housekeeping, keeper
from portal.web_watch import WebWatch, ask
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

    def __init__(self) -> None:
        super().__init__(name="pulse", daemon=True)
        self.pulse = Pulse(settings.NODE_NAME)
        self.restarted = threading.Event()
        self.stalled = threading.Event()
        self.clean_up_at = time.monotonic() + housekeeping.EVERY.total_seconds()

    def run(self) -> None:
        """Feel the pulse until the process ends."""
        next_look = 0.0
        while True:
            if time.monotonic() >= next_look or self.restarted.is_set():
                next_look = time.monotonic() + TICK_SECONDS
                self.look()
            time.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """One look. An unreachable database is the operator's trouble, not the worker's fault."""
        try:
            if self.restarted.is_set():
                self.restarted.clear()
                self.pulse.restart()
            if not self.pulse.feel():
                self.pulse.excuse()
                self.stalled.set()
            self.keep_house()
        except Error as problem:
            self.pulse.excuse()
            log.warning("no pulse, the database does not answer", problem=str(problem))
            connection.close()

    def keep_house(self) -> None:
        """Have the worker throw away what is over, once an hour."""
        if time.monotonic() >= self.clean_up_at:
            async_task("portal.housekeeping.clean_up")
            self.clean_up_at = time.monotonic() + housekeeping.EVERY.total_seconds()


WATCHES: dict[str, type[Watch] | type[WebWatch]] = {"web": WebWatch, "worker": Watch}


class Supervisor:
    """The children, the watches over them, and the signals that end it all."""

    def __init__(self, children: list[Child], on_ready: Callable[[], None]):
        self.children = children
        self.on_ready: Callable[[], None] | None = on_ready
        self.watches = {child.name: WATCHES[child.name]() for child in children}
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
        for child in self.children:
            stalled = self.watches[child.name].stalled
            if stalled.is_set():
                stalled.clear()
                self.end_stalled(child)
            if child.mend():
                self.mind(child)

    def end_stalled(self, child: Child) -> None:
        """Kill its group: a stalled django-q2, or granian, does not answer SIGTERM for minutes."""
        log.error("stalled", child=child.name, seconds=settings.STALL_SECONDS)
        if child.process:
            os.killpg(child.process.pid, signal.SIGKILL)

    def mind(self, child: Child) -> None:
        """Tell its watch of a fresh child, and start the watch if it does not run."""
        self.watches[child.name].restarted.set()
        if not self.watches[child.name].is_alive():
            self.watches[child.name] = WATCHES[child.name]()
            self.watches[child.name].start()

    def announce(self) -> None:
        """Say once that it runs, when it really does."""
        if self.on_ready and (self.only_worker() or ask() == 200):
            self.on_ready()
            self.on_ready = None

    def only_worker(self) -> bool:
        """True when there is no web child to wait for."""
        return "web" not in self.watches

    def stop(self) -> None:
        """End all groups together, in good order while there is time."""
        for child in self.children:
            child.hang_up()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            child.wait_end(deadline)
        log.info("stopped")
