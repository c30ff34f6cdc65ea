"""`python -m tests [pytest arguments]`: the whole suite on SQLite, then on PostgreSQL.

The second run holds only the tests that touch rows. The last line counts both.
"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from tests.postgres import postgres

NO_TESTS_RAN = 5  # pytest's own code; honest for a selection that has nothing to do with rows
COUNTS = ("tests", "failures", "errors", "skipped")


def main(arguments: list[str]) -> int:
    """Run both, print both, and fail when either failed or no test ran at all."""
    with tempfile.TemporaryDirectory(prefix="tocsin-results-") as name:
        results = Path(name)
        first = run("SQLite", results / "sqlite.xml", arguments, {"TOCSIN_TEST_DATABASE": ""})
        with postgres() as url:
            second = run(
                "PostgreSQL", results / "postgres.xml", arguments, {"TOCSIN_TEST_DATABASE": url}
            )
        passed, failed, skipped = add_up(results)
    say(f"\n{passed} passed, {failed} failed, {skipped} skipped")
    codes = {first, second} - {NO_TESTS_RAN}
    return max(codes, default=1) if codes != {0} else int(bool(failed) or not passed)


def run(database: str, result: Path, arguments: list[str], environment: dict[str, str]) -> int:
    """One pytest run; gives its exit code and leaves its counts in `result`."""
    say(f"\n=== Tests on {database} ===")
    workers = [] if "-n" in arguments else ["-n", "2", "--dist", "loadfile"]
    command = [sys.executable, "-m", "pytest", *workers, f"--junit-xml={result}", *arguments]
    return subprocess.run(command, env={**os.environ, **environment}).returncode


def add_up(results: Path) -> tuple[int, int, int]:
    """Passed, failed and skipped over all runs."""
    total = dict.fromkeys(COUNTS, 0)
    for result in results.glob("*.xml"):
        for suite in ElementTree.parse(result).getroot().iter("testsuite"):
            for count in COUNTS:
                total[count] += int(suite.get(count, 0))
    failed = total["failures"] + total["errors"]
    return total["tests"] - failed - total["skipped"], failed, total["skipped"]


def say(line: str) -> None:
    """Print in order with what the child processes print."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
