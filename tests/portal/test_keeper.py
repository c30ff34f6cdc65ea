"""A keeper with simple processes below it: every way in which it has to end the whole group."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator

import pytest

from portal import keeper
from tests.waiting import eventually

PAIR = "sleep 300 & sleep 300"  # one process that starts another, and waits
MIDDLE = "sh -c 'sleep 300 & echo $! > child; wait' & wait"  # one more in between
DEAF = "trap '' TERM; touch deaf; while true; do sleep 0.1; done"


class Kept:
    """A keeper and the supervisor's end of its line."""

    def __init__(self, script: str, directory):
        self.line, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                keeper.command(theirs.fileno(), ["sh", "-c", script]),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                cwd=directory,
            )

    def group(self) -> list[int]:
        """The living processes of the group, the keeper first."""
        numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        return sorted(pid for pid in numbers if is_member(pid, self.process.pid))

    def has_ended(self) -> bool:
        return self.process.poll() is not None and not self.group()


def is_member(pid: int, group: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            state, _parent, number = stat.read().rpartition(")")[2].split()[:3]
    except OSError:
        return False
    return int(number) == group and state != "Z"


@pytest.fixture
def keep(tmp_path) -> Iterator[Callable[..., Kept]]:
    started: list[Kept] = []

    def keep_script(script: str, processes: int) -> Kept:
        kept = Kept(script, tmp_path)
        started.append(kept)
        eventually(lambda: len(kept.group()) >= processes, f"{processes} processes run")
        return kept

    yield keep_script
    for kept in started:
        if kept.process.poll() is None:
            os.killpg(kept.process.pid, signal.SIGKILL)
            kept.process.wait()


def test_it_ends_the_group_when_the_line_closes(keep):
    kept = keep(PAIR, 4)

    kept.line.close()

    eventually(kept.has_ended, "nothing is left of the group")


def test_it_ends_the_group_when_it_is_told_to(keep):
    kept = keep(PAIR, 4)

    kept.process.send_signal(signal.SIGTERM)

    eventually(kept.has_ended, "nothing is left of the group")
    assert kept.line.recv(100) == b"SIGTERM"


def test_what_the_main_process_leaves_behind_is_ended(keep, tmp_path):
    kept = keep("sleep 300 & while ! test -e go; do sleep 0.05; done; exit 3", 3)
    (tmp_path / "go").touch()

    eventually(kept.has_ended, "nothing is left of the group")
    assert kept.line.recv(100) == b"ended with status 3"


def test_an_orphan_ends_the_group(keep, tmp_path):
    kept = keep(MIDDLE, 4)
    child = int(eventually((tmp_path / "child").read_text, "the orphan to be is known"))
    with open(f"/proc/{child}/stat") as stat:
        middle = int(stat.read().rpartition(")")[2].split()[1])

    os.kill(middle, signal.SIGKILL)

    eventually(kept.has_ended, "nothing is left of the group")


def test_what_does_not_listen_is_killed_when_its_time_is_over(keep, tmp_path):
    kept = keep(DEAF, 2)
    eventually((tmp_path / "deaf").exists, "it no longer listens")

    kept.line.close()

    eventually(kept.has_ended, "nothing is left", seconds=keeper.GRACE_SECONDS + 5)


def test_the_main_process_dies_with_its_keeper(keep):
    kept = keep("exec sleep 300", 2)

    kept.process.kill()

    eventually(kept.has_ended, "nothing is left of the group")


def test_a_command_that_is_not_there_is_reported(tmp_path):
    kept = Kept("exec /nowhere", tmp_path)

    eventually(kept.has_ended, "the keeper gives up")
    assert kept.line.recv(100) == b"ended with status 127"
