from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents import clock


class IncidentLink(models.Model):
    """Two incidents that have to do with each other, as somebody judged; it works both ways."""

    incident = models.ForeignKey("incidents.Incident", models.PROTECT, related_name="links")
    other = models.ForeignKey("incidents.Incident", models.PROTECT, related_name="linked_from")
    note = models.CharField(_("why"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("at"), default=clock.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("related incident")
        verbose_name_plural = _("related incidents")
        constraints = [models.UniqueConstraint(fields=["incident", "other"], name="linked_once")]

    def __str__(self) -> str:
        return f"{self.incident} and {self.other}"
