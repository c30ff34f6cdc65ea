"""Keeps one process group, and ends the whole of it when it must not run on.

The supervisor starts `python -I -S portal/keeper.py FD COMMAND...` in a session of its own. The
keeper starts COMMAND and ends everything below it when

* FD, a socket to the supervisor, closes: the supervisor is gone, by whatever signal;
* COMMAND has ended: whatever it left behind would run on unguarded;
* an orphan turns up: a process in the middle was killed. Measured: with its sentinel killed, the
  workers of django-q2 live on without guard, time limit or end.

If the keeper itself is killed, COMMAND dies with it (PDEATHSIG) and the supervisor ends the rest of
the group, whose number is the keeper's. Standard library only, to be small and quick to start.
"""

import contextlib
import ctypes
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

GRACE_SECONDS = 8.0  # for a clean end; a container gets 10 s, and a stalled django-q2 never ends
LOOK_SECONDS = 0.2
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def command(descriptor: int, kept: Sequence[str]) -> list[str]:
    """The command line that keeps `kept`, for whoever holds the other end of `descriptor`."""
    return [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(descriptor), *kept]


def prctl(option: int, value: int) -> None:
    """Linux process control; elsewhere the socket alone has to do."""
    call = getattr(ctypes.CDLL(None), "prctl", None)
    if call:
        call(option, value, 0, 0, 0)


def main(descriptor: int, kept: list[str]) -> int:
    """Keep `kept` until there is a reason not to; returns what it ended with."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    supervisor = socket.socket(fileno=descriptor)
    supervisor.set_inheritable(False)
    keeper = Keeper(start(kept), supervisor)
    keeper.watch()
    return keeper.end()


def start(kept: list[str]) -> int:
    """Start `kept` in the keeper's own group; it dies with the keeper. Returns its process id."""
    keeper = os.getpid()
    child = os.fork()
    if child:
        return child
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if os.getppid() == keeper:  # else the keeper died before PDEATHSIG took hold
        with contextlib.suppress(OSError):
            os.execvp(kept[0], kept)  # noqa: S606 - no shell is wanted
    os._exit(127)


class Keeper:
    """One kept process, `main`, and whatever it started."""

    def __init__(self, main: int, supervisor: socket.socket):
        self.main = main
        self.supervisor = supervisor
        self.status: int | None = None  # what `main` ended with, once it has
        self.reason = ""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.stop)

    def stop(self, number: int, _frame: FrameType | None) -> None:
        """A signal to the keeper ends the group in good order."""
        self.reason = signal.Signals(number).name

    def watch(self) -> None:
        """Return as soon as there is a reason to end."""
        while not self.reason:
            self.reap()
            if self.status is not None:
                self.reason = f"ended with status {self.status}"
            elif self.orphans():
                self.reason = "a process between it and its workers was killed"
            elif select.select([self.supervisor], [], [], LOOK_SECONDS)[0]:
                self.reason = "the supervisor is gone"

    def reap(self) -> bool:
        """Collect the dead, adopted ones too; False when no process is left."""
        with contextlib.suppress(ChildProcessError):
            while True:
                child, status = os.waitpid(-1, os.WNOHANG)
                if child == 0:
                    return True
                if child == self.main:
                    self.status = os.waitstatus_to_exitcode(status)
        return False

    def orphans(self) -> list[int]:
        """Processes that fell to the keeper because the one that started them died."""
        try:
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        except OSError:
            return []
        return [int(child) for child in children if int(child) != self.main]

    def end(self) -> int:
        """Ask `main` to end, wait a little, then kill the whole group, the keeper with it."""
        with contextlib.suppress(OSError):
            self.supervisor.send(self.reason.encode(), socket.MSG_NOSIGNAL)
        deadline = time.monotonic() + GRACE_SECONDS
        if self.status is None:
            os.kill(self.main, signal.SIGTERM)
        while self.reap():
            # What outlives `main` is on its own: it has no grace to wait for.
            if self.status is not None or time.monotonic() >= deadline:
                os.killpg(0, signal.SIGKILL)
            time.sleep(0.02)
        return 0 if self.status == 0 else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
