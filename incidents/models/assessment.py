from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents import clock


class Likelihood(models.IntegerChoices):
    RARE = 1, _("1 rare")
    UNLIKELY = 2, _("2 unlikely")
    POSSIBLE = 3, _("3 possible")
    LIKELY = 4, _("4 likely")
    CERTAIN = 5, _("5 almost certain, or happening")


class Impact(models.IntegerChoices):
    NONE = 0, _("0 none")
    MINOR = 1, _("1 minor")
    MODERATE = 2, _("2 moderate")
    MAJOR = 3, _("3 major")
    SEVERE = 4, _("4 severe")


class PersonalDataInvolved(models.TextChoices):
    NO = "no", _("No")
    SUSPECTED = "suspected", _("Suspected")
    YES = "yes", _("Yes")
    UNKNOWN = "unknown", _("Unknown")


class Identifiability(models.TextChoices):
    DIRECT = "direct", _("Direct")
    KEY_ELSEWHERE = "key_elsewhere", _("Pseudonymised, key elsewhere")
    KEY_EXPOSED = "key_exposed", _("Pseudonymised, key exposed")
    ANONYMOUS = "anonymous", _("Anonymous")


class CountBasis(models.TextChoices):
    COUNTED = "counted", _("Counted")
    ESTIMATED = "estimated", _("Estimated")
    UNKNOWN = "unknown", _("Unknown")


class Recipient(models.TextChoices):
    NONE_KNOWN = "none_known", _("None known")
    KNOWN_TRUSTED = "known_trusted", _("Known, trusted")
    KNOWN_UNTRUSTED = "known_untrusted", _("Known, not trusted")
    UNKNOWN = "unknown", _("Unknown")
    PUBLIC = "public", _("Public")


class Cause(models.TextChoices):
    MALICIOUS = "malicious", _("Malicious act")
    HUMAN_ERROR = "human_error", _("Human error")
    SYSTEM_FAILURE = "system_failure", _("System failure")
    NATURAL = "natural", _("Natural event")
    THIRD_PARTY = "third_party", _("Third party")
    UNKNOWN = "unknown", _("Unknown")


class Confidence(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


class RiskAssessment(models.Model):
    """One saved version of the risk form of DOMAIN.md 2.4; immutable, a change is a new version."""

    incident = models.ForeignKey("incidents.Incident", models.PROTECT, related_name="assessments")
    version = models.PositiveIntegerField(_("version"))
    made_at = models.DateTimeField(_("made"), default=clock.now, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    threat = models.TextField(_("threat"), help_text=_("Who or what could do what to which asset."))
    likelihood = models.PositiveSmallIntegerField(
        _("likelihood"), choices=Likelihood, help_text=_("That harm occurs or grows.")
    )
    likelihood_evidence = models.TextField(
        _("evidence for the likelihood"), blank=True, help_text=_("Needed for rare and unlikely.")
    )
    impact_confidentiality = models.PositiveSmallIntegerField(
        _("impact on confidentiality"), choices=Impact
    )
    impact_integrity = models.PositiveSmallIntegerField(_("impact on integrity"), choices=Impact)
    impact_availability = models.PositiveSmallIntegerField(
        _("impact on availability"), choices=Impact
    )
    score = models.PositiveSmallIntegerField(
        _("score"), validators=[MinValueValidator(1), MaxValueValidator(25)]
    )
    affected_assets = models.TextField(
        _("affected assets"), help_text=_("Workspaces, machines, accounts, tenants, suppliers.")
    )
    personal_data = models.CharField(
        _("personal data involved"), max_length=12, choices=PersonalDataInvolved
    )
    tenant_roles = models.JSONField(_("our role for each tenant"), default=list, blank=True)
    data_categories = models.JSONField(_("kinds of data"), default=list, blank=True)
    subject_categories = models.JSONField(_("kinds of people"), default=list, blank=True)
    subjects_least = models.PositiveIntegerField(_("people, at least"), null=True, blank=True)
    subjects_most = models.PositiveIntegerField(_("people, at most"), null=True, blank=True)
    count_basis = models.CharField(_("how counted"), max_length=12, choices=CountBasis, blank=True)
    identifiability = models.CharField(
        _("identifiability"), max_length=16, choices=Identifiability, blank=True
    )
    protection = models.TextField(_("protection at the time"), blank=True)
    cross_border = models.TextField(_("countries involved"), blank=True)
    recipient = models.CharField(_("recipient"), max_length=16, choices=Recipient, blank=True)
    cause = models.CharField(_("suspected cause"), max_length=16, choices=Cause)
    mitigations = models.TextField(_("measures in place or proposed"))
    residual_likelihood = models.PositiveSmallIntegerField(
        _("likelihood after the measures"), choices=Likelihood, null=True, blank=True
    )
    residual_impact = models.PositiveSmallIntegerField(
        _("impact after the measures"), choices=Impact, null=True, blank=True
    )
    accepted_until = models.DateField(_("risk accepted until"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("risk accepted by"),
    )
    confidence = models.CharField(_("confidence"), max_length=8, choices=Confidence)
    significance = models.JSONField(_("significance screening"), default=dict, blank=True)

    class Meta:
        ordering = ["incident", "version"]
        verbose_name = _("risk assessment")
        verbose_name_plural = _("risk assessments")
        constraints = [
            models.UniqueConstraint(fields=["incident", "version"], name="assessment_version_once"),
            models.CheckConstraint(
                condition=Q(score__gte=1, score__lte=25), name="assessment_score_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident} v{self.version}"

    @property
    def impact(self) -> int:
        """The highest of the three impacts, 0 to 4."""
        return max(self.impact_confidentiality, self.impact_integrity, self.impact_availability)
