from django.db import models
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """The last sign of life of the worker of one node."""

    name = models.CharField(_("node"), max_length=64, unique=True)
    beat_at = models.DateTimeField(_("beat at"))
    token = models.CharField(_("token"), max_length=32)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name
