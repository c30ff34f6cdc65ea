"""What every test may ask for. Rows are made by plain functions in tests/factories.py."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

pytest_plugins = ["tests.live", "tests.browser"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On the second run, against PostgreSQL, keep only the tests that touch rows."""
    if not os.environ.get("TOCSIN_TEST_DATABASE"):
        return
    kept = [item for item in items if touches_rows(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def touches_rows(item: pytest.Item) -> bool:
    """True when the test, or a fixture it uses, asked pytest-django for the database."""
    fixtures = getattr(item, "fixturenames", [])
    return item.get_closest_marker("django_db") is not None or "db" in fixtures


@pytest.fixture(scope="session", autouse=True)
def data_dir() -> Iterator[Path]:
    """This process's own DATA_DIR, gone when its tests are over."""
    yield settings.DATA_DIR
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)
