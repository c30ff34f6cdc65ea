from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


def known_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("This is no time zone; use a name such as Europe/Amsterdam."))


class User(AbstractUser):
    """A person who can sign in. What they may do follows from their groups (incidents/roles.py)."""

    phone = models.CharField(_("phone"), max_length=50, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True, choices=settings.LANGUAGES)
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, validators=[known_time_zone]
    )

    @property
    def reads(self) -> str:
        """The language of their mails: their own if it is still one of ours, else the site's."""
        return (
            self.language if self.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        )

    def __str__(self) -> str:
        return self.get_full_name() or self.username
