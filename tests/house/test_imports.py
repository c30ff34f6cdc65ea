"""portal -> workflows -> incidents, and never back."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, files, parsed, python_files

TOP_FOLDERS = {*PACKAGES, "tests"}


def imported_packages(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [str(node.module).split(".")[0]]
    return []


def imports_inside_functions(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield function.name, node


@pytest.mark.parametrize("path", python_files(), ids=str)
def test_a_package_imports_only_those_below_it(path: Path):
    allowed = PACKAGES[: PACKAGES.index(path.parts[0]) + 1]

    upward = [
        f"{path}:{node.lineno}: {name}"
        for node in ast.walk(parsed(path))
        for name in imported_packages(node)
        if name in {*PACKAGES, "tests"} and name not in allowed
    ]

    assert upward == []


@pytest.mark.parametrize("path", python_files(), ids=str)
def test_no_function_hides_an_import_of_ours(path: Path):
    hidden = [
        f"{path}:{node.lineno}"
        for function, node in imports_inside_functions(parsed(path))
        if (path.name, function) != ("apps.py", "ready")  # Django loads models only then
        and (set(imported_packages(node)) & set(PACKAGES) or getattr(node, "level", 0))
    ]

    assert hidden == []


def test_there_are_no_other_source_folders():
    folders = {path.parts[0] for path in files() if len(path.parts) > 1}

    assert {folder for folder in folders if not folder.startswith(".")} <= TOP_FOLDERS
