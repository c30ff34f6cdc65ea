from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents import clock


class SecondSignature(models.Model):
    """An act that takes two people: one asks, another one agrees or declines (DOMAIN.md 1.3, 8).

    When the second person agrees, the act is done with the inputs as they were asked for.
    """

    class Act(models.TextChoices):
        LOWER_PRIORITY = "lower_priority", _("Lower the priority")
        REFUTE = "refute", _("Refute")
        CLOSE = "close", _("Close")

    class Answer(models.TextChoices):
        AGREED = "agreed", _("Agreed")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    incident = models.ForeignKey("incidents.Incident", models.PROTECT, related_name="signatures")
    act = models.CharField(_("act"), max_length=20, choices=Act)
    inputs = models.JSONField(_("inputs"), default=dict)
    reason = models.TextField(_("reason"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"), default=clock.now, editable=False)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("second signature")
        verbose_name_plural = _("second signatures")
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "act"],
                condition=models.Q(answer=""),
                name="one_open_signature_per_act",
            ),
            models.CheckConstraint(
                condition=~models.Q(answered_by=models.F("asked_by"))
                | models.Q(answer="withdrawn"),
                name="second_signature_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident} {self.act}"
