from django.db import models


class Questionnaire(models.Model):
    """How far the questions about one report got. The answers themselves are on the incident."""

    incident = models.OneToOneField(
        "incidents.Incident", models.PROTECT, primary_key=True, related_name="questionnaire"
    )
    answered = models.JSONField(default=dict)  # question -> what was ticked and typed
    sent_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.incident_id}: {', '.join(self.answered)}"
