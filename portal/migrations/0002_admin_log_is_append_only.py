"""The database keeps what administrators did: no entry of the console's log goes or changes."""

from django.db import migrations

from incidents import database_rules


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0001_initial"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("incidents", "0002_database_rules"),
    ]

    operations = [
        database_rules.append_only("django_admin_log"),
        database_rules.never_replaced("django_admin_log"),
    ]
