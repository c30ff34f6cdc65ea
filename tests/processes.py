"""Finds the processes of one product by the DATA_DIR in their environment."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One running process, as /proc shows it."""

    pid: int
    parent: int
    command: str


def of_data_directory(data: Path) -> list[Process]:
    """Every running process that was started for `data`, by process id; zombies are not running."""
    mark = f"DATA_DIR={data}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (process := look_at(entry, mark)):
            found.append(process)
    return sorted(found, key=lambda process: process.pid)


def look_at(entry: Path, mark: bytes) -> Process | None:
    """The process of `entry` if it carries `mark`; None too when it ends while it is looked at."""
    try:
        if mark not in (entry / "environ").read_bytes().split(b"\0"):
            return None
        # The name, in brackets, may hold anything; the parent is the second field after it.
        parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
        command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return None
    return Process(int(entry.name), int(parent), command)


class House:
    """The product's processes, by what they do."""

    def __init__(self, data: Path, supervisor: int):
        self.data = data
        self.supervisor = supervisor

    def below(self, parent: int) -> list[int]:
        """The children of `parent`, oldest first, as long as process ids do not wrap around."""
        return [found.pid for found in of_data_directory(self.data) if found.parent == parent]

    def keeper(self, of: str) -> int:
        """The keeper of "granian" or of "qcluster"."""
        return next(
            found.pid
            for found in of_data_directory(self.data)
            if found.parent == self.supervisor and of in found.command
        )

    def main(self, of: str) -> int:
        """The process that the keeper started."""
        return self.below(self.keeper(of))[0]

    def web_workers(self) -> list[int]:
        """The processes that serve pages."""
        return self.below(self.main("granian"))

    def sentinel(self) -> int:
        """The guard of django-q2's cluster."""
        return self.below(self.main("qcluster"))[0]

    def crew(self) -> list[int]:
        """What the sentinel started: the workers, then the monitor, then the pusher."""
        return self.below(self.sentinel())

    def kill(self, *pids: int) -> None:
        """kill -9, only of processes that are known to be this product's."""
        ours = {found.pid for found in of_data_directory(self.data)}
        for pid in pids:
            assert pid in ours
            os.kill(pid, 9)
