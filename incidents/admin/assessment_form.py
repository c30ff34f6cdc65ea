"""The risk form of DOMAIN.md 2.4. It begins with what the last version said."""

from typing import Any

from django import forms
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from incidents import roles
from incidents.admin.forms import Lines, choice, holders
from incidents.models import Incident, RiskAssessment
from incidents.plain_text import TEXT_MOST
from incidents.risk import DATA_CATEGORIES, SUBJECT_CATEGORIES, TENANT_ROLES
from incidents.roles import Role

TEXTS = {
    "threat": 3, "likelihood_evidence": 2, "affected_assets": 2, "protection": 2,
    "cross_border": 2, "mitigations": 3,
}  # fmt: skip
NUMBERS = {
    "likelihood", "impact_confidentiality", "impact_integrity", "impact_availability",
    "residual_likelihood", "residual_impact",
}  # fmt: skip
COUNTS = ("subjects_least", "subjects_most")
WORD_LISTS = {"data_categories": DATA_CATEGORIES, "subject_categories": SUBJECT_CATEGORIES}
PAIRS = {
    "tenant_roles": format_lazy(
        _("One a line, such as “Hospital Oost: controller”. Roles: {roles}."),
        roles=", ".join(TENANT_ROLES),
    ),
    "significance": _("One regime a line, such as “NIS2: no, under 100 users”."),
}
GROUPS: list[tuple[Any, list[str]]] = [
    (
        _("The risk"),
        [
            "threat", "affected_assets", "likelihood", "likelihood_evidence",
            "impact_confidentiality", "impact_integrity", "impact_availability", "cause",
            "confidence",
        ],
    ),
    (
        _("Personal data"),
        [
            "personal_data", "tenant_roles", "data_categories", "subject_categories",
            *COUNTS, "count_basis", "identifiability", "protection", "cross_border", "recipient",
        ],
    ),
    (
        _("What is done about it"),
        [
            "mitigations", "residual_likelihood", "residual_impact", "accepted_by",
            "accepted_until",
        ],
    ),
    (_("Significance"), ["significance"]),
]  # fmt: skip


class AssessmentForm(forms.Form):
    groups = GROUPS

    def __init__(self, incident: Incident, data=None, *, user):
        last = incident.assessments.order_by("-version").first()
        super().__init__(data, initial=_shown(last) if last else {})
        self.people = {each.username: each for each in holders([Role.CISO, Role.MGT])}
        for _title, names in GROUPS:
            self.fields.update({name: self._field(name) for name in names})
        self.may_accept = bool(roles.of(user) & {Role.CISO, Role.MGT})

    def _field(self, name: str) -> forms.Field:
        column: Any = RiskAssessment._meta.get_field(name)
        label, hint = capfirst(str(column.verbose_name)), getattr(column, "help_text", "")
        if name in PAIRS:
            return Lines(2, label=label, help_text=PAIRS[name], max_length=5000)
        if name in TEXTS:
            return Lines(TEXTS[name], label=label, help_text=hint, max_length=TEXT_MOST)
        if name in WORD_LISTS:
            return _words(name, label)
        if name in COUNTS:
            return forms.IntegerField(
                label=label, required=False, min_value=0, max_value=2_000_000_000
            )
        if name == "accepted_by":
            named = [(key, str(each)) for key, each in self.people.items()]
            return choice(named, label=label, help_text=_("Security officer or management only."))
        if name == "accepted_until":
            widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            return forms.DateField(label=label, required=False, widget=widget)
        return choice(column.choices, label=label, help_text=hint)

    def clean_tenant_roles(self) -> list[dict[str, str]]:
        return [
            {"tenant": tenant.strip(), "role": role.strip().lower()}
            for tenant, role in _pairs(self.cleaned_data["tenant_roles"])
        ]

    def clean_significance(self) -> dict[str, str]:
        return {
            regime.strip(): answer.strip()
            for regime, answer in _pairs(self.cleaned_data["significance"])
        }

    def clean_accepted_by(self):
        return self.people.get(self.cleaned_data["accepted_by"])

    def fields_of_record(self) -> dict[str, Any]:
        """What incidents.risk.assess() takes."""
        words = dict(self.cleaned_data)
        for name in NUMBERS:
            words[name] = int(words[name]) if words[name] else None
        return words


def _shown(last: RiskAssessment) -> dict[str, Any]:
    values = {name: getattr(last, name) for _title, names in GROUPS for name in names}
    values["accepted_by"] = last.accepted_by.username if last.accepted_by else ""
    values["tenant_roles"] = "\n".join(
        f"{each['tenant']}: {each['role']}" for each in last.tenant_roles
    )
    values["significance"] = "\n".join(f"{key}: {said}" for key, said in last.significance.items())
    return values


def _words(name: str, label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=[(word, capfirst(word.replace("_", " "))) for word in WORD_LISTS[name]],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def _pairs(text: str) -> list[tuple[str, str]]:
    """Lines of the form "name: value"; a line without a colon has an empty value."""
    found = []
    for line in text.splitlines():
        if line.strip():
            name, _colon, value = line.rpartition(":") if line.count(":") else (line, "", "")
            found.append((name, value))
    return found
