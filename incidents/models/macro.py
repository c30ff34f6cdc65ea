from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Macro(models.Model):
    """Words that are written often, and the changes that go with them."""

    class Audience(models.TextChoices):
        INTERNAL = "internal", _("Internal note")
        REPORTER = "reporter", _("Reply to the reporter")
        WORKSPACES = "workspaces", _("Update for the workspaces")

    name = models.CharField(_("name"), max_length=100)
    audience = models.CharField(_("audience"), max_length=12, choices=Audience)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    text = models.TextField(
        _("text"),
        blank=True,
        validators=[MaxLengthValidator(10_000)],
        help_text=_("{reference}, {reporter} and {agent} are filled in."),
    )
    changes = models.JSONField(
        _("changes"),
        default=dict,
        blank=True,
        help_text=_("Facts that are set with it, such as the waiting for the reporter."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name", "language"]
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "language"],
                name="one_macro_per_language",
                violation_error_message=_("There is one of this name in this language already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
