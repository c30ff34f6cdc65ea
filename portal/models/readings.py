from django.conf import settings
from django.db import models


class Reading(models.Model):
    """How far a person has read on a ticket; what came after is marked as new."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="readings")
    incident = models.ForeignKey("incidents.Incident", models.CASCADE, related_name="readings")
    sequence = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "incident"], name="one_reading_per_ticket")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.incident_id}: {self.sequence}"
