from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents import clock


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


class BreakGlass(models.Model):
    """A superuser opened a restricted incident without being named: reason, alert, a few hours."""

    incident = models.ForeignKey("incidents.Incident", models.PROTECT, related_name="break_glass")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    opened_at = models.DateTimeField(_("opened"), default=clock.now, editable=False)
    until = models.DateTimeField(_("until"))

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("break-glass access")
        verbose_name_plural = _("break-glass accesses")

    def __str__(self) -> str:
        return f"{self.person} on {self.incident}"
