from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from incidents import clock


class HandOver(models.Model):
    """The end of a shift: what one person leaves to another, who accepts it or does not."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("who hands over", "from"),
    )
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="hand_overs",
        verbose_name=pgettext_lazy("who takes over", "to"),
    )
    note = models.TextField(_("note"))
    incidents = models.ManyToManyField("incidents.Incident", blank=True, related_name="+")
    tasks = models.ManyToManyField("incidents.Task", blank=True, related_name="+")
    made_at = models.DateTimeField(_("made"), default=clock.now, editable=False)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    answer_note = models.TextField(_("answer in words"), blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(by=models.F("to")), name="hand_over_to_another"
            )
        ]

    def __str__(self) -> str:
        return f"{self.by} to {self.to}"
