from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents import clock
from incidents.models import Incident
from incidents.states import Priority


class Alert(models.Model):
    """One message to one person on one channel: a row before it is sent, the proof afterwards."""

    class Kind(models.TextChoices):
        ALERT = "alert", _("Alert")  # wants an acknowledgement
        RECEIPT = "receipt", _("Receipt")  # the reporter's proof of having reported
        NOTICE = "notice", _("Notice")  # news for the reporter

    class Channel(models.TextChoices):
        MAIL = "mail", _("Mail")
        CONSOLE = "console", _("Console")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed for good")

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="alerts")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.ALERT)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="alerts",
        verbose_name=_("recipient"),
    )
    address = models.CharField(_("address"), max_length=254, blank=True)
    channel = models.CharField(_("channel"), max_length=12, choices=Channel, default=Channel.MAIL)
    template = models.CharField(_("text"), max_length=40)
    reason = models.CharField(_("reason"), max_length=300)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority)
    level = models.PositiveSmallIntegerField(_("escalation level"), default=1)
    dedupe_key = models.CharField(max_length=200, unique=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)
    next_try_at = models.DateTimeField(_("next try"))
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["waiting", "sending"]),
                name="alert_to_send",
            ),
            models.Index(fields=["recipient", "acknowledged_at"], name="alert_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk} to {self.recipient or self.address}"


class Attempt(models.Model):
    """One try to deliver an alert, with what the other side answered; append-only."""

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="attempts")
    at = models.DateTimeField(_("at"), default=clock.now, editable=False)
    succeeded = models.BooleanField(_("succeeded"))
    is_permanent = models.BooleanField(_("a retry cannot help"), default=False)
    answer = models.TextField(_("answer"), help_text=_("What the mail server said."))

    class Meta:
        ordering = ["pk"]
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")

    def __str__(self) -> str:
        return f"{self.alert_id}: {self.answer[:60]}"


class Escalation(models.Model):
    """Who is rung next when nobody acknowledges; the policy is frozen when it starts."""

    incident = models.OneToOneField(Incident, models.PROTECT, related_name="escalation")
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority)
    policy = models.JSONField(_("policy"), help_text=_("Levels with their moments and roles."))
    started_at = models.DateTimeField(_("started"), default=clock.now, editable=False)
    next_level = models.PositiveSmallIntegerField(_("next level"), default=2)
    next_at = models.DateTimeField(_("next at"), null=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True)
    stopped_why = models.CharField(_("why it stopped"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        indexes = [
            models.Index(fields=["next_at"], condition=Q(stopped_at=None), name="escalation_due")
        ]

    def __str__(self) -> str:
        return f"{self.incident} P{self.priority}"
