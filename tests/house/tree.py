"""The files of the checkout, as git would commit them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("incidents", "workflows", "portal")  # each may import those before it


@cache
def files() -> list[Path]:
    """Every file that is in git or would be, relative to the checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = [Path(name) for name in listed.stdout.split("\0") if name]
    return [path for path in paths if (ROOT / path).is_file()]


def python_files(*, tests: bool = False) -> list[Path]:
    """Our Python, without migrations, which keep what they were."""
    top = (*PACKAGES, "tests") if tests else PACKAGES
    return [
        path
        for path in files()
        if path.suffix == ".py" and path.parts[0] in top and "migrations" not in path.parts
    ]


def read(path: Path) -> str:
    """The text of a file; bytes that are no text are replaced."""
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(read(path), str(path))
