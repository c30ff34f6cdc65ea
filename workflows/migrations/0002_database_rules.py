"""What the database itself refuses: deleting alerts, rewriting attempts, matches and versions."""

from django.db import migrations

from incidents import database_rules


class Migration(migrations.Migration):
    dependencies = [("workflows", "0001_initial"), ("incidents", "0002_database_rules")]

    operations = [
        database_rules.append_only(
            "workflows_alert",
            mutable=(
                "state",
                "tries",
                "next_try_at",
                "claimed_at",
                "sent_at",
                "acknowledged_at",
                "acknowledged_by_id",
            ),
        ),
        database_rules.acknowledged_once(),
        database_rules.never_deleted("workflows_escalation"),
        database_rules.never_deleted("workflows_playbookrun"),
        database_rules.append_only("workflows_attempt"),
        database_rules.append_only("workflows_match"),
        database_rules.append_only("workflows_matchrun"),
        database_rules.append_only("workflows_playbookversion", mutable=("is_current",)),
        database_rules.append_only("workflows_ruleversion", mutable=("is_active",)),
        database_rules.never_replaced("workflows_alert"),
        database_rules.never_replaced("workflows_escalation"),
        database_rules.never_replaced("workflows_playbookrun"),
        database_rules.never_replaced("workflows_attempt"),
        database_rules.never_replaced("workflows_match"),
        database_rules.never_replaced("workflows_matchrun"),
        database_rules.never_replaced("workflows_playbookversion"),
        database_rules.never_replaced("workflows_ruleversion"),
    ]
