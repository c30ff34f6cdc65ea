"""Rows refuse DELETE, so Django cannot flush them after a test that commits.

Such a test uses the real product instead: the fixture `live` of tests/live.py.
"""

import re
from pathlib import Path

import pytest

from tests.house.tree import python_files, read

FLUSHING = re.compile(
    r"transaction\s*=\s*True|\blive_server\b|\btransactional_db\b|TransactionTestCase"
)
THIS = Path("tests/house/test_no_transactional_tests.py")
TESTS = [path for path in python_files(tests=True) if path.parts[0] == "tests" and path != THIS]


@pytest.mark.parametrize("path", TESTS, ids=str)
def test_no_test_commits_rows_that_it_cannot_remove(path):
    assert FLUSHING.findall(read(path)) == []
