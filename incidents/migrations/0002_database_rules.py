"""What the database itself refuses: deleting and rewriting the record, closing with open work."""

from django.db import migrations

from incidents import database_rules


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]

    operations = [
        database_rules.refusal_function(),
        database_rules.never_deleted("incidents_incident"),
        database_rules.never_deleted("incidents_task"),
        database_rules.never_deleted("incidents_timelinehead"),
        database_rules.append_only("incidents_timelineentry"),
        database_rules.append_only("incidents_prioritychange"),
        database_rules.append_only("incidents_riskassessment"),
        database_rules.append_only("incidents_evidence"),
        database_rules.append_only("incidents_custodyevent"),
        database_rules.closed_means_settled(),
        database_rules.work_stays_put(),
        database_rules.never_replaced("incidents_incident"),
        database_rules.never_replaced("incidents_task"),
        database_rules.never_replaced("incidents_timelinehead"),
        database_rules.never_replaced("incidents_timelineentry"),
        database_rules.never_replaced("incidents_prioritychange"),
        database_rules.never_replaced("incidents_riskassessment"),
        database_rules.never_replaced("incidents_evidence"),
        database_rules.never_replaced("incidents_custodyevent"),
    ]
