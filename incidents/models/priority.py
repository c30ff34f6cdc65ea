from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents import clock
from incidents.states import Priority, Severity, Urgency


class PriorityChange(models.Model):
    """One change of severity, urgency or priority, with its reason; never edited, never deleted."""

    incident = models.ForeignKey(
        "incidents.Incident", models.PROTECT, related_name="priority_changes"
    )
    at = models.DateTimeField(_("at"), default=clock.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    by_name = models.CharField(_("by"), max_length=200)
    old_severity = models.PositiveSmallIntegerField(choices=Severity, null=True)
    new_severity = models.PositiveSmallIntegerField(choices=Severity)
    old_urgency = models.PositiveSmallIntegerField(choices=Urgency, null=True)
    new_urgency = models.PositiveSmallIntegerField(choices=Urgency)
    old_priority = models.PositiveSmallIntegerField(choices=Priority, null=True)
    new_priority = models.PositiveSmallIntegerField(choices=Priority)
    why = models.TextField(_("why"))
    inputs = models.JSONField(_("inputs"), default=dict)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("priority change")
        verbose_name_plural = _("priority changes")

    def __str__(self) -> str:
        return f"{self.incident}: P{self.old_priority or '-'} to P{self.new_priority}"
