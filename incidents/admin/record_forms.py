"""The fields of the pages in incidents.admin.record."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from incidents import access, facts, milestones, rights
from incidents.admin.clashes import VERSION_MOST, ReadForm
from incidents.admin.forms import (
    NOTHING,
    Line,
    Lines,
    Moment,
    Names,
    category,
    choice,
    person,
    team,
)
from incidents.grading import SCALES, UNKNOWN
from incidents.models import Department, Incident
from incidents.plain_text import TEXT_MOST
from incidents.states import BreachStatus, Milestone, Precision, Priority, Severity, Tlp, Urgency

# What the form of the facts asks for, in the order in which people think of it.
FACT_GROUPS: list[tuple[Any, list[str]]] = [
    (_("What happened"), ["subject", "description", "about", "ongoing", "already_done"]),
    (
        _("What is hit"),
        [
            "workspaces", "workspaces_text", "virtual_machines", "virtual_machines_text",
            "tenants", "users_affected", "concerned", "supplier",
        ],
    ),
    (
        _("Personal data"),
        [
            "personal_data", "data_kinds", "people_affected", "data_location",
            "data_recipient", "data_recipient_text",
        ],
    ),
    (_("Who works on it"), ["department", "owner", "manager", "category", "tags", "tlp"]),
    (
        _("Others"),
        [
            "waiting_on", "reported_elsewhere", "reported_elsewhere_reference", "contact_phone",
            "safe_channel", "on_behalf_of",
        ],
    ),
    (_("How it ended"), ["root_cause", "resolution"]),
]  # fmt: skip
LONG = {
    "description", "already_done", "workspaces_text", "virtual_machines_text", "data_kinds",
    "data_recipient_text", "root_cause", "resolution",
}  # fmt: skip
NAMED = {"workspaces", "virtual_machines", "tenants", "tags"}


def shown_facts(incident: Incident) -> dict[str, Any]:
    """The facts as the form shows them."""
    return {name: _shown(incident, name) for name in facts.EDITABLE}


def _shown(incident: Incident, name: str) -> Any:
    if name in facts.RELATED:
        return sorted(getattr(incident, name).values_list("name", flat=True))
    value = getattr(incident, name)
    if name == "department":
        return value.code
    if name == "category":
        return value.path if value else ""
    if name in {"owner", "manager"}:
        return value.username if value else ""
    return value


class FactsForm(ReadForm):
    """Every fact that this person may change; the version tells the record what was read."""

    def __init__(self, incident: Incident, data=None, *, user, knows_reporter: bool):
        self.now = shown_facts(incident)
        super().__init__(data, initial=self.now)
        hidden = () if knows_reporter else access.IDENTITY
        self.groups = []
        for title, names in FACT_GROUPS:
            own = [name for name in names if name not in hidden]
            own = [name for name in own if rights.allowed(user, facts.EDITABLE[name], incident)]
            self.fields.update({name: _fact(name) for name in own})
            if own:
                self.groups.append((title, own))
        self.fields["reason"] = Line(
            label=_("Why"), max_length=500, help_text=_("Goes to the timeline with the change.")
        )
        self.groups.append((_("Reason"), ["reason"]))
        self.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput, min_value=0, max_value=VERSION_MOST
        )
        self.remember(incident.version, self.now)

    def changes(self) -> dict[str, Any]:
        """What was typed and is not so already."""
        return {
            name: self.cleaned_data[name]
            for name in self.changed_data
            if name in self.record and name in self.cleaned_data
        }


def _fact(name: str) -> forms.Field:
    column: Any = Incident._meta.get_field(name)
    label, hint = capfirst(str(column.verbose_name)), getattr(column, "help_text", "")
    special = {
        "department": lambda: choice(
            Department.objects.values_list("code", "name"), label=label, blank=False
        ),
        "owner": lambda: person(team(), label=label),
        "manager": lambda: person(team(), label=label),
        "category": lambda: category(label=label),
        "tlp": lambda: choice(Tlp.choices, label=label, blank=False),
    }
    if name in special:
        return special[name]()
    if name in NAMED:
        return Names(label=label, help_text=_("One a line. Names that we know become links."))
    if column.choices:
        return choice(column.choices, label=label)
    if name in LONG:
        return Lines(6 if name == "description" else 3, label=label, max_length=TEXT_MOST)
    return Line(label=label, help_text=hint, max_length=getattr(column, "max_length", None))


class GradeForm(ReadForm):
    """Severity by the four scales or at once, urgency, priority, and always a reason."""

    functional = choice([], label=_("Service"))
    information = choice([], label=_("Information"))
    recoverability = choice([], label=_("Recovery"))
    scope = choice([], label=_("Scope and actor"))
    severity = choice(Severity.choices, label=_("Severity"))
    urgency = choice(Urgency.choices, label=_("Urgency"), blank=False)
    priority = choice(
        Priority.choices, label=_("Priority"), help_text=_("Nothing chosen: by the table.")
    )
    why = Lines(2, label=_("Why"), max_length=2000)

    blank_keeps = frozenset({*SCALES, "severity", "priority"})
    groups = [
        (_("How bad: the worst of the four counts"), [*SCALES, "severity"]),
        (_("How fast, and what first"), ["urgency", "priority"]),
        (_("Reason"), ["why"]),
    ]

    def __init__(self, incident: Incident, data=None, *, may_classify: bool):
        super().__init__(data, initial={**incident.scales, "urgency": incident.urgency})
        for name, words in SCALE_WORDS.items():
            self.fields[name].choices = [NOTHING, *words]  # type: ignore[attr-defined]
        self.fields["severity"].help_text = _("Chosen here, it wins over the scales. Now: %s.") % (
            incident.get_severity_display()
        )
        self.incident = incident
        if not may_classify:
            for name in (*SCALES, "severity"):
                del self.fields[name]
            self.groups = self.groups[1:]
        self.remember(incident.version, shown_grades(incident))

    def offer_second_person(self) -> None:
        """Nobody lowers P1 or P2 alone; the form can ask for the other one."""
        self.fields["ask_second"] = forms.BooleanField(
            label=_("Ask a second person to agree"),
            required=False,
            help_text=_("Lowering P1 or P2 takes two. Whoever may sign is told, and reads why."),
        )
        self.groups = [*self.groups, (_("Second person"), ["ask_second"])]

    def grades(self) -> dict[str, Any]:
        """The arguments of grading.regrade()."""
        words = self.cleaned_data
        scales = {name: _scale(words[name]) for name in SCALES if words.get(name)}
        urgency = int(words["urgency"]) if words.get("urgency") else None
        chosen = {
            "severity": int(words["severity"]) if words.get("severity") else None,
            "scales": scales if scales and scales != self.incident.scales else None,
            "urgency": urgency if urgency != self.incident.urgency else None,
            "priority": int(words["priority"]) if words.get("priority") else None,
        }
        if "severity" in self.fields and not any(chosen.values()):
            chosen["severity"] = self.incident.severity  # looked at and left: a person's word too
        return {"why": words["why"], **chosen}


def shown_grades(incident: Incident) -> dict[str, Any]:
    """The grades as the fields of GradeForm name them."""
    scales = {name: incident.scales.get(name, "") for name in SCALES}
    names = ("severity", "urgency", "priority")
    return scales | {name: getattr(incident, name) for name in names}


def _scale(word: str) -> int | str:
    return word if word == UNKNOWN else int(word)


# DOMAIN.md 2.1, the four scales in a few words
SCALE_WORDS = {
    "functional": [
        (4, _("4 no effect on users")),
        (3, _("3 one machine or workspace degraded")),
        (2, _("2 a critical service lost for some, or several workspaces")),
        (1, _("1 a critical service lost for all, or safety at stake")),
        (UNKNOWN, _("unknown (counts one worse)")),
    ],
    "information": [
        (4, _("4 none accessed, changed or lost")),
        (3, _("3 internal; personal data possibly, to a trusted known party")),
        (2, _("2 personal data of a limited group; a user's credentials")),
        (1, _("1 special or large-scale personal data; privileged keys; secrets")),
        (UNKNOWN, _("unknown (counts one worse)")),
    ],
    "recoverability": [
        (4, _("4 predictable, own means")),
        (3, _("3 predictable, extra means")),
        (2, _("2 unpredictable, outside help")),
        (1, _("1 not recoverable, such as published")),
        (UNKNOWN, _("unknown (counts one worse)")),
    ],
    "scope": [
        (4, _("4 one user, accident, stopped")),
        (3, _("3 one workspace or up to 10 users")),
        (2, _("2 several tenants, over 100 people, or an intruder with user rights")),
        (1, _("1 an intruder with admin rights, ransomware, or over 10 % of users")),
        (UNKNOWN, _("unknown (counts one worse)")),
    ],
}


class BreachForm(forms.Form):
    breach_status = choice(
        [each for each in BreachStatus.choices if each[0] != BreachStatus.NOT_ASSESSED],
        label=_("Judgement"),
    )
    breach_reason = Lines(4, label=_("Why"), max_length=TEXT_MOST)


class MilestoneForm(forms.Form):
    milestone = choice(Milestone.choices, label=_("Milestone"))
    at = Moment(label=_("When"), help_text=_("Empty clears it."))
    precision = choice(Precision.choices, label=_("How sure"), blank=False)
    reason = Lines(2, label=_("Why"), max_length=2000)

    def clean_at(self):
        return milestones.read_moment(self.cleaned_data["at"])

    def moment(self):
        return self.cleaned_data["at"]


class AttackForm(forms.Form):
    happened_at = Moment(label=_("When it happened"))
    precision = choice(Precision.choices, label=_("How sure"), blank=False)
    text = Lines(
        3,
        label=_("What the attacker did"),
        max_length=TEXT_MOST,
        help_text=_("And how you know, such as: from the storage log."),
    )


class EvidenceForm(forms.Form):
    file = forms.FileField(label=_("File"), max_length=255, allow_empty_file=True)
