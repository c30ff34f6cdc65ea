from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents import clock
from incidents.models import Incident, TimelineEntry


class Verdict(models.TextChoices):
    FULL = "full", _("Full")
    CONFIRM = "confirm", _("Ask a person")


class RuleVersion(models.Model):
    """One version of the phrases that attach a playbook; its text never changes."""

    code = models.CharField(_("playbook"), max_length=20)
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("phrases"))
    is_active = models.BooleanField(_("in use"), default=True)
    loaded_at = models.DateTimeField(_("loaded"), default=clock.now, editable=False)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["code", "-version"]
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="rule_version_once"),
            models.UniqueConstraint(
                fields=["code"], condition=models.Q(is_active=True), name="rule_one_version_in_use"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class MatchRun(models.Model):
    """One pass of the matcher over the texts of an incident, or over one new message."""

    class Cause(models.TextChoices):
        REPORT = "report", _("New report")
        EDIT = "edit", _("Text changed")
        MESSAGE = "message", _("New message")

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="match_runs")
    at = models.DateTimeField(_("at"), default=clock.now, editable=False)
    cause = models.CharField(_("cause"), max_length=8, choices=Cause)
    entry = models.OneToOneField(TimelineEntry, models.PROTECT, null=True, related_name="match_run")
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of what was matched."))
    verdicts = models.JSONField(_("verdicts"), default=dict)
    was_cut = models.BooleanField(_("text was cut"), default=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("match run")
        verbose_name_plural = _("match runs")

    def __str__(self) -> str:
        return f"{self.incident} {self.cause}"


class Match(models.Model):
    """A phrase that was found: which rule, which version, on which words."""

    run = models.ForeignKey(MatchRun, models.PROTECT, related_name="matches")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="matches")
    playbook = models.CharField(_("playbook"), max_length=20)
    version = models.PositiveIntegerField(_("version"))
    phrase_id = models.CharField(_("phrase id"), max_length=40)
    phrase = models.CharField(_("phrase"), max_length=2000)
    language = models.CharField(_("language"), max_length=8)
    field = models.CharField(_("field"), max_length=20)
    start = models.PositiveIntegerField(_("from"))
    end = models.PositiveIntegerField(_("to"))
    text = models.TextField(_("words"))
    zone = models.CharField(_("zone"), max_length=12, blank=True)
    is_negated = models.BooleanField(_("negated"), default=False)
    is_weak = models.BooleanField(_("asks at most"), default=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("match")
        verbose_name_plural = _("matches")

    def __str__(self) -> str:
        return f"{self.playbook}: {self.text}"
