"""The table of the cache in which sign-in limits are counted for all web processes together."""

from django.core.management import call_command
from django.db import migrations

TABLE = "portal_cache"


def create(apps, editor) -> None:
    call_command("createcachetable", TABLE, database=editor.connection.alias, verbosity=0)


def drop(apps, editor) -> None:
    editor.execute(f'DROP TABLE "{TABLE}"')


class Migration(migrations.Migration):
    dependencies = [("portal", "0003_sign_in_events")]

    operations = [migrations.RunPython(create, drop)]
