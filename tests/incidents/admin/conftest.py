import pytest

from tests.console import Console
from tests.factories import make_user


@pytest.fixture
def agent(db):
    return Console(make_user("agent", "agent"))


@pytest.fixture
def handler(db):
    return Console(make_user("handler", "handler"))


@pytest.fixture
def manager(db):
    return Console(make_user("manager", "manager"))


@pytest.fixture
def dpo(db):
    return Console(make_user("dpo", "dpo"))


@pytest.fixture
def auditor(db):
    return Console(make_user("auditor", "auditor"))


@pytest.fixture
def administrator(db):
    return Console(make_user("admin", "admin"))


@pytest.fixture
def reporter(db):
    return Console(make_user("reporter"))


@pytest.fixture
def superuser(db):
    """Everything that Django can give, and no role."""
    return Console(make_user("root", is_superuser=True, is_staff=True))
