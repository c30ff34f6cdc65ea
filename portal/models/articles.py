from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Article(models.Model):
    """A short page of help for reporters, in one language. It is hidden, never deleted."""

    slug = models.SlugField(
        _("name in the address"),
        max_length=60,
        help_text=_("The same in all languages, such as lost-laptop."),
    )
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(
        _("text"),
        validators=[MaxLengthValidator(20_000)],
        help_text=_("Markdown. Pictures and HTML are left out."),
    )
    about = models.JSONField(
        _("suggested for"),
        default=list,
        blank=True,
        help_text=_("Kinds of report beside which it is shown."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    is_published = models.BooleanField(_("published"), default=True)
    shipped_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("help article")
        verbose_name_plural = _("help articles")
        ordering = ["position", "slug", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "language"],
                name="one_article_per_language",
                violation_error_message=_("There is one of this name in this language already."),
            )
        ]

    def __str__(self) -> str:
        return self.title
