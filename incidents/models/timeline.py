from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    REPORTED = "reported", _("Reported")
    MESSAGE = "message", _("Message from the reporter")
    REPLY = "reply", _("Reply to the reporter")
    SHARED_UPDATE = "shared_update", _("Update for the workspaces")
    NOTE = "note", _("Internal note")
    ATTACK = "attack", _("What the attacker did")
    TRANSITION = "transition", _("Step taken")
    CHANGE = "change", _("Facts changed")
    PRIORITY = "priority", _("Priority changed")
    MILESTONE = "milestone", _("Milestone set")
    ASSESSMENT = "assessment", _("Risk assessed")
    TASK = "task", _("Task")
    RULE = "rule", _("Keyword rule")
    PLAYBOOK = "playbook", _("Playbook")
    ALERT = "alert", _("Alert")
    EVIDENCE = "evidence", _("Evidence")
    ACCESS = "access", _("Access")
    PROBLEM = "problem", _("Something went wrong")


class TimelineHead(models.Model):
    """Length and last hash of an incident's chain; locking this row serialises its appends."""

    incident = models.OneToOneField(
        "incidents.Incident", models.PROTECT, primary_key=True, related_name="timeline_head"
    )
    length = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.incident_id}: {self.length} entries"


class TimelineEntry(models.Model):
    """One thing that happened; append-only and chained by hash. A correction is a new entry."""

    incident = models.ForeignKey("incidents.Incident", models.PROTECT, related_name="timeline")
    sequence = models.PositiveIntegerField(_("number"))
    at = models.DateTimeField(_("at"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    actor_name = models.CharField(_("by"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    data = models.JSONField(_("details"), default=dict)
    is_public = models.BooleanField(_("the reporter sees it"), default=False)
    previous_hash = models.CharField(_("hash before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        ordering = ["incident", "sequence"]
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline entries")
        constraints = [
            models.UniqueConstraint(fields=["incident", "sequence"], name="timeline_has_no_fork")
        ]

    def __str__(self) -> str:
        return f"{self.incident_id}/{self.sequence} {self.kind}"
