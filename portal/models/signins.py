from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SignInEvent(models.Model):
    """One thing that happened to an account: who came in, who failed to, what was changed.

    Append-only: the database refuses to change or delete a row.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("signed in")
        FAILED = "failed", _("failed to sign in")
        SIGNED_OUT = "signed_out", _("signed out")
        SECOND_FACTOR_ADDED = "second_factor_added", _("second factor added")
        SECOND_FACTOR_REMOVED = "second_factor_removed", _("second factor removed")
        PASSWORD_CHANGED = "password_changed", _("password changed")
        ROLE_CHANGED = "role_changed", _("roles changed")
        TOKEN_CREATED = "token_created", _("API token made")
        TOKEN_REVOKED = "token_revoked", _("API token revoked")

    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)
    kind = models.CharField(_("what"), max_length=24, choices=Kind)
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="sign_in_events",
        verbose_name=_("account"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Who did it; nobody when the machine or a command did."),
    )
    name = models.CharField(_("name typed"), max_length=150, blank=True)
    detail = models.CharField(_("detail"), max_length=200, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("program"), max_length=200, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("sign-in event")
        verbose_name_plural = _("sign-in events")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.who or self.name}"
