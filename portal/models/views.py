from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A filtered list under a name. Its address is its whole state."""

    class Audience(models.TextChoices):
        MINE = "mine", _("Only me")
        TEAM = "team", _("My roles")
        EVERYONE = "everyone", _("Everyone")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    audience = models.CharField(_("for"), max_length=10, choices=Audience, default=Audience.MINE)
    roles = models.JSONField(_("roles"), default=list, blank=True)
    name = models.CharField(_("name"), max_length=60)
    path = models.CharField(_("list"), max_length=100)
    query = models.CharField(_("filters"), max_length=1000, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position", "name", "pk"]
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_view_of_a_name")]

    def __str__(self) -> str:
        return self.name
