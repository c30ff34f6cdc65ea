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
def ciso(db):
    return Console(make_user("ciso", "ciso"))


@pytest.fixture
def auditor(db):
    return Console(make_user("auditor", "auditor"))


@pytest.fixture
def reporter(db):
    return Console(make_user("reporter"))
