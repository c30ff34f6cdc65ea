"""Migrations are complete, named by hand, and in one line for each application."""

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from tests.house.tree import PACKAGES, files


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("app", PACKAGES)
def test_each_application_has_one_last_migration(app):
    leaves = MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes(app)

    assert len(leaves) == 1


def test_every_migration_has_a_name_that_says_something():
    names = [path.stem for path in files() if "migrations" in path.parts]

    assert [name for name in names if "_auto_" in name] == []
