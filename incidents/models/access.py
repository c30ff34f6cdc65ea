from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class NamedPerson(models.Model):
    """Somebody on the need-to-know list of a restricted incident."""

    incident = models.ForeignKey("incidents.Incident", models.PROTECT, related_name="named_people")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="named_on")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("named person")
        verbose_name_plural = _("named people")
        constraints = [
            models.UniqueConstraint(fields=["incident", "person"], name="named_person_once")
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.incident}"
