"""Indexes for the lists: as quick with a hundred thousand rows as with a thousand."""

from django.conf import settings
from django.db import migrations, models

LISTED_BY = [
    "state",
    "confidentiality",
    "severity",
    "priority",
    "waiting_on",
    "breach_status",
    "owner",
    "department",
    "reported_via",
    "is_exercise",
]


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("incidents", "0006_working_together_rules"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["priority", "-id"], name="incident_by_priority"),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["breach_status", "state"], name="incident_breaches"),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["department", "state"], name="incident_departments"),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=LISTED_BY, name="incident_lists"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["state", "due_at"], name="task_due"),
        ),
    ]
