"""Small files, small functions, telling names, and pages that load nothing from anywhere else."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT, files, parsed, python_files, read

FILE_LINES = {True: 400, False: 500}  # ours; tests, which are lists more than thoughts
FUNCTION_LINES = 60
DRAWERS = {"utils", "helpers", "common", "core", "services", "managers"}
# Put together here, so that this file does not name them itself.
REGISTRIES = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"))] + [
    ".".join(parts) for parts in (("npmjs", "org"), ("debian", "org"), ("playwright", "dev"))
]
INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\bsrc=)", re.IGNORECASE
)
OTHER_HOST = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
DATA_SCRIPT = re.compile(r'<script[^>]*type="application/json"', re.IGNORECASE)


def pages() -> list[Path]:
    return [path for path in files() if "templates" in path.parts and path.suffix == ".html"]


def assets() -> list[Path]:
    kinds = {".html", ".css", ".js", ".svg"}
    parts = {"templates", "static"}
    return [path for path in files() if path.suffix in kinds and parts & set(path.parts)]


@pytest.mark.parametrize("path", python_files(tests=True), ids=str)
def test_a_file_fits_into_a_head(path):
    length = len(read(path).splitlines())

    assert length <= FILE_LINES[path.parts[0] in PACKAGES]


@pytest.mark.parametrize("path", python_files(tests=True), ids=str)
def test_a_function_fits_on_a_screen(path):
    functions = [
        node
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    long = [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= FUNCTION_LINES]

    assert long == []


def test_no_module_is_a_drawer():
    names = {part.removesuffix(".py") for path in python_files(tests=True) for part in path.parts}

    assert names & DRAWERS == set()


@pytest.mark.parametrize("path", pages(), ids=str)
def test_a_page_has_no_inline_script_or_style(path):
    assert INLINE.findall(DATA_SCRIPT.sub("", read(path))) == []


@pytest.mark.parametrize("path", assets(), ids=str)
def test_nothing_is_loaded_from_another_host(path):
    assert OTHER_HOST.findall(read(path)) == []


@pytest.mark.parametrize("name", REGISTRIES)
def test_no_file_names_a_package_registry(name):
    naming = [str(path) for path in files() if name in read(path)]

    assert naming == []


def test_no_comment_promises_work_for_later():
    promise = re.compile(r"#.*\b(?:TODO|FIXME|XXX)\b")
    others = [path for path in python_files(tests=True) if path.name != "test_budgets.py"]

    assert [str(path) for path in others if promise.search(read(path))] == []


def test_the_lock_files_name_no_address():
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in read(ROOT / name)
