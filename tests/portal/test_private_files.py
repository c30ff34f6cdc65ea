"""Whatever the shell's umask says, what the portal writes is for its owner alone."""

import subprocess
import sys

import pytest

from tests.live import ROOT, clean_environment


def run(data, *arguments: str) -> str:
    """What Python prints, started as from a shell where files are open to all."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=clean_environment() | {"DATA_DIR": str(data)},
        umask=0o000,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.product
def test_the_database_is_for_its_owner_alone(tmp_path):
    data = tmp_path / "data"

    run(data, "manage.py", "migrate", "contenttypes", "-v0")

    written = [data, *data.rglob("*")]
    assert data / "tocsin.sqlite3" in written
    assert [path.name for path in written if path.stat().st_mode & 0o077] == []


@pytest.mark.product
def test_a_web_server_that_is_started_by_hand_is_as_careful(tmp_path):
    printed = run(tmp_path, "-c", "import os, portal.wsgi; print(os.umask(0))")

    assert int(printed.split()[-1]) == 0o077
