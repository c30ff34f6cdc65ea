from django.conf import settings
from django.db import models


class Presence(models.Model):
    """Who looks at an incident now, or writes on it; a row goes stale within a minute."""

    incident = models.ForeignKey("incidents.Incident", models.CASCADE, related_name="presence")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    is_editing = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "person"], name="present_once")]

    def __str__(self) -> str:
        return f"{self.person} on {self.incident}"
