from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Department(models.Model):
    """A door of the organisation that reports go to, such as Security-related incidents."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(
        _("takes reports"), default=True, help_text=_("Switch off instead of deleting.")
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("department")
        verbose_name_plural = _("departments")

    def __str__(self) -> str:
        return self.name


class Tenant(models.Model):
    """An organisation whose data we hold; for the law it is normally the controller."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    contact = models.CharField(
        _("privacy contact"),
        max_length=200,
        blank=True,
        help_text=_("Who must be told of a breach."),
    )
    contract_hours = models.PositiveSmallIntegerField(
        _("notice within (hours)"),
        default=24,
        help_text=_("By contract; GDPR art. 33(2) itself says: without undue delay."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")

    def __str__(self) -> str:
        return self.name


class Workspace(models.Model):
    """A closed research environment of one tenant, with one Accountable person."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, related_name="workspaces", verbose_name=_("tenant")
    )
    accountable = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="accountable_for",
        verbose_name=_("Accountable"),
        help_text=_("The person mandated by the tenant."),
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="workspaces", verbose_name=_("members")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")

    def __str__(self) -> str:
        return self.name


class VirtualMachine(models.Model):
    """A machine inside a workspace."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    workspace = models.ForeignKey(
        Workspace, models.PROTECT, related_name="machines", verbose_name=_("workspace")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("virtual machine")
        verbose_name_plural = _("virtual machines")

    def __str__(self) -> str:
        return self.name
