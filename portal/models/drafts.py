import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class Draft(models.Model):
    """Words typed into a form that could not be stored yet, most often for want of a sign-in.

    It outlives the session: the key travels in the address of the page. Whoever opens it first
    while signed in owns it; from then on it exists for nobody else.
    """

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="drafts"
    )
    path = models.CharField(max_length=200)
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.path} {self.created_at:%Y-%m-%d %H:%M}"
