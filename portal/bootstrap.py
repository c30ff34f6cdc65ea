"""Makes .venv from a lock file: the one step that runs before any package is there.

Standard library only. `make` calls it as `python -I portal/bootstrap.py requirements.lock`; with an
unchanged lock it does nothing, in a few hundredths of a second.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "tocsin-installed.json"
PIP_FLAGS = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
NO_PIP = """\
This Python has neither ensurepip nor pip, so nothing can be installed.
On Debian or Ubuntu:  apt-get install python3-venv   (or python3-pip)"""


def main(lock: str) -> None:
    """Bring .venv up to `lock`, or exit with a line that says what is missing."""
    if sys.version_info < (3, 11):  # noqa: UP036 - not every python3 is ours
        sys.exit(f"Tocsin needs Python 3.11 or later; {sys.executable} is older.")
    hold(ROOT)
    if installed().get(lock) == digest(lock) and answers(PYTHON, "django"):
        return
    started = time.monotonic()
    make_venv()
    install(lock)
    say(f"Packages are ready in .venv ({time.monotonic() - started:.0f} s).")


def hold(directory: Path) -> None:
    """Wait for any other bootstrap of this checkout; the lock ends with the process."""
    fcntl.flock(os.open(directory, os.O_RDONLY), fcntl.LOCK_EX)


def digest(lock: str) -> str:
    """What the stamp remembers: the lock's content and the Python that installed it."""
    return hashlib.sha256((ROOT / lock).read_bytes() + sys.version.encode()).hexdigest()


def installed() -> dict[str, str]:
    """Which lock files .venv satisfies, by digest; empty when that is unknown."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def answers(python: Path, module: str) -> bool:
    """True when `python` starts and finds `module`: a moved or half-made .venv does not."""
    check = f"import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is None)"
    try:
        return subprocess.run([python, "-I", "-c", check], capture_output=True).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    """A virtual environment that pip can fill, with or without ensurepip in this Python."""
    if answers(PYTHON, "sys"):
        return
    say(f"Making .venv with Python {sys.version.split()[0]} ...")
    shutil.rmtree(VENV, ignore_errors=True)
    if answers(Path(sys.executable), "ensurepip"):
        made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
        if made.returncode == 0:
            return
    # Debian ships ensurepip apart, in python3-venv; its pip can fill a venv that has none.
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV], check=True)


def pip() -> list[str]:
    """The command that runs pip for .venv: its own pip, else this Python's."""
    if answers(PYTHON, "pip"):
        return [str(PYTHON), "-m", "pip"]
    if subprocess.run([sys.executable, "-m", "pip", "-V"], capture_output=True).returncode == 0:
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    sys.exit(NO_PIP)


def install(lock: str) -> None:
    """Install `lock`, every file checked against its hash, and stamp .venv with it."""
    wanted = (ROOT / lock).read_text(encoding="utf-8").count("==")
    say(f"Installing up to {wanted} packages from {lock} (about half a minute) ...")
    command = [*pip(), "install", *PIP_FLAGS, "--require-hashes", "-r", str(ROOT / lock)]
    STAMP.unlink(missing_ok=True)
    run(command, wanted)
    stamp = {lock: digest(lock)}
    if lock == "requirements-dev.lock":  # it holds all of requirements.lock too
        stamp["requirements.lock"] = digest("requirements.lock")
    STAMP.write_text(json.dumps(stamp), encoding="utf-8")


def run(command: list[str], wanted: int) -> None:
    """Run pip quietly, telling how far it is; on failure show all that it said."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if not os.access(Path("~").expanduser(), os.W_OK):
        environment["PIP_NO_CACHE_DIR"] = "1"
    lines, fetched = [], 0
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        cwd=ROOT,
    ) as process:
        for line in process.stdout or []:
            lines.append(line)
            if line.startswith("Collecting "):
                fetched += 1
                if fetched % 20 == 0:
                    say(f"  {fetched} of {wanted} fetched")
            elif line.startswith("Installing collected"):
                say("  unpacking ...")
    if process.returncode:
        sys.exit("".join(lines) + "\nThe packages could not be installed; the lines above say why.")


def say(line: str) -> None:
    """Tell the person who waits."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
