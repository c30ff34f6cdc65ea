from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents import clock
from incidents.models import Incident


class PlaybookVersion(models.Model):
    """One immutable version of a playbook; incidents keep the version that they started with."""

    code = models.CharField(_("code"), max_length=20)
    version = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=200)
    content = models.JSONField(_("content"))
    digest = models.CharField("SHA-256", max_length=64)
    is_current = models.BooleanField(_("in use"), default=True)
    loaded_at = models.DateTimeField(_("loaded"), default=clock.now, editable=False)

    class Meta:
        ordering = ["code", "-version"]
        verbose_name = _("playbook")
        verbose_name_plural = _("playbooks")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="playbook_version_once"),
            models.UniqueConstraint(
                fields=["code"],
                condition=models.Q(is_current=True),
                name="playbook_one_version_in_use",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title} v{self.version}"


class PlaybookRun(models.Model):
    """A playbook at work on an incident, pinned to one version."""

    class Mode(models.TextChoices):
        FULL = "full", _("Full")
        CONFIRM = "confirm", _("To be confirmed")
        DISMISSED = "dismissed", _("Dismissed by a person")

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="playbook_runs")
    playbook = models.ForeignKey(PlaybookVersion, models.PROTECT, related_name="runs")
    code = models.CharField(_("code"), max_length=20)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode)
    why = models.CharField(_("why"), max_length=300)
    started_at = models.DateTimeField(_("started"), default=clock.now, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("playbook run")
        verbose_name_plural = _("playbook runs")
        constraints = [
            models.UniqueConstraint(fields=["incident", "code"], name="playbook_once_per_incident")
        ]

    def __str__(self) -> str:
        return f"{self.code} on {self.incident}"
