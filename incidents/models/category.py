from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Category(models.Model):
    """One subcategory of the Reference Security Incident Taxonomy; never deleted, only disabled."""

    taxonomy_version = models.CharField(_("taxonomy version"), max_length=20)
    class_code = models.CharField(_("class code"), max_length=60)
    class_label = models.CharField(_("class"), max_length=100)
    code = models.CharField(_("code"), max_length=60)
    label = models.CharField(_("label"), max_length=200)
    veris = models.CharField(_("VERIS action"), max_length=200, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.UniqueConstraint(
                fields=["taxonomy_version", "class_code", "code"], name="category_is_unique"
            ),
            models.CheckConstraint(
                condition=~Q(class_code="") & ~Q(code=""), name="category_has_codes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.class_label}: {self.label}"

    @classmethod
    def at(cls, path: str) -> "Category | None":
        """The category in use behind a path such as fraud/phishing; None for anything else."""
        group, _slash, code = path.partition("/")
        return cls.objects.filter(class_code=group, code=code, is_active=True).first()

    @property
    def path(self) -> str:
        """Both codes as playbooks and the API write them, such as fraud/phishing."""
        return f"{self.class_code}/{self.code}"

    @property
    def tag(self) -> str:
        """The MISP machine tag, such as rsit:fraud="phishing"."""
        return f'rsit:{self.class_code}="{self.code}"'
