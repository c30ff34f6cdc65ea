"""What the database refuses about signatures, hand-overs, break-glass and duplicates."""

from django.db import migrations

from incidents import database_rules


class Migration(migrations.Migration):
    dependencies = [("incidents", "0005_working_together")]

    operations = [
        database_rules.append_only("incidents_breakglass"),
        database_rules.append_only("incidents_incidentlink"),
        database_rules.never_deleted("incidents_secondsignature"),
        database_rules.never_deleted("incidents_handover"),
        database_rules.never_replaced("incidents_breakglass"),
        database_rules.never_replaced("incidents_incidentlink"),
        database_rules.never_replaced("incidents_secondsignature"),
        database_rules.never_replaced("incidents_handover"),
        database_rules.working_together(),
    ]
