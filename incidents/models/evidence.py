import uuid

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents import clock
from incidents.states import Tlp


def evidence_storage() -> Storage:
    return storages["evidence"]


class Evidence(models.Model):
    """A file as it was received; never changed, hashed while it came in."""

    incident = models.ForeignKey("incidents.Incident", models.PROTECT, related_name="evidence")
    name = models.CharField(_("name"), max_length=255, help_text=_("As the sender called it."))
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    content = models.FileField(_("content"), storage=evidence_storage, max_length=200)
    content_type = models.CharField(_("type by content"), max_length=100)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    tlp = models.CharField("TLP", max_length=20, choices=Tlp, default=Tlp.AMBER_STRICT)
    copied_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="copies",
        verbose_name=_("copied from"),
        help_text=_("The same stored file on an incident that was merged into this one."),
    )
    from_reporter = models.BooleanField(_("from the reporter"), default=False)
    added_at = models.DateTimeField(_("added"), default=clock.now, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")

    def __str__(self) -> str:
        return self.name


class CustodyEvent(models.Model):
    """Somebody took evidence in, or opened it; append-only."""

    class Act(models.TextChoices):
        RECEIVED = "received", _("Received")
        OPENED = "opened", _("Opened")
        COPIED = "copied", _("Copied by a merge")

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="custody")
    act = models.CharField(_("act"), max_length=20, choices=Act)
    at = models.DateTimeField(_("at"), default=clock.now, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(_("by"), max_length=200)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("custody event")
        verbose_name_plural = _("custody events")

    def __str__(self) -> str:
        return f"{self.evidence} {self.act}"
