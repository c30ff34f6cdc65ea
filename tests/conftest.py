"""What every test may ask for. Rows are made by plain functions in tests/factories.py."""

import os

import pytest

import tests.reference
from tests.factories import make_user

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


@pytest.fixture
def reporter(db):
    """A person without a role: sees their own tickets."""
    return make_user("reporter")


@pytest.fixture
def outsider(db):
    """Another person without a role: must see nothing of the reporter's."""
    return make_user("outsider")


@pytest.fixture
def agent(db):
    return make_user("agent", "agent")


@pytest.fixture
def handler(db):
    return make_user("handler", "handler", "forensics", "platform")


@pytest.fixture
def manager(db):
    return make_user("manager", "manager", "management")


@pytest.fixture
def ciso(db):
    return make_user("ciso", "ciso")


@pytest.fixture
def dpo(db):
    return make_user("dpo", "dpo", "legal")


@pytest.fixture
def auditor(db):
    return make_user("auditor", "auditor")


@pytest.fixture
def admin(db):
    """The application administrator: configures, and sees no ticket."""
    return make_user("admin", "admin", is_staff=True)


@pytest.fixture
def team(agent, handler, manager, ciso, dpo):
    """Everybody whom the playbooks name, so that alerts and tasks find their people."""
    return {user.username: user for user in (agent, handler, manager, ciso, dpo)}


@pytest.fixture
def people(reporter, outsider, auditor, admin, team):
    """One person of each kind by user name: without a role, reading only, and the team."""
    return {each.username: each for each in (reporter, outsider, auditor, admin)} | team


@pytest.fixture
def reference(db):
    """The shipped departments, categories, playbooks and rules."""
    tests.reference.load()
