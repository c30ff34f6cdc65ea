import pytest


@pytest.fixture
def people(reporter, outsider, auditor, admin, team):
    """One person of each kind by user name: without a role, reading only, and the team."""
    return {each.username: each for each in (reporter, outsider, auditor, admin)} | team
