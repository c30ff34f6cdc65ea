"""A report by phone, typed in by somebody of the team; it passes the same door as all others."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import access, intake, plain_text, rights, roles
from incidents.admin.acts import ActPage
from incidents.admin.forms import Line, Lines, Moment, Names, choice
from incidents.models import Department, Incident
from incidents.plain_text import TEXT_MOST
from incidents.rights import Right
from incidents.states import Door, Ongoing, Precision

GROUPS: list[tuple[Any, list[str]]] = [
    (
        gettext_lazy("Who calls"),
        ["reporter", "contact_name", "contact_email", "contact_phone", "on_behalf_of",
         "safe_channel", "is_name_confidential"],
    ),
    (
        gettext_lazy("What happened"),
        ["department", "subject", "description", "about", "noticed_at", "noticed_at_precision",
         "ongoing", "already_done"],
    ),
    (
        gettext_lazy("What is hit"),
        ["personal_data", "data_kinds", "people_affected", "workspaces", "virtual_machines",
         "users_affected", "concerned", "supplier"],
    ),
    (gettext_lazy("Further"), ["file", "is_exercise"]),
]  # fmt: skip
OF_THE_REPORT = {
    "department", "subject", "description", "contact_name", "contact_email", "is_exercise"
}  # fmt: skip
LONG = {"description": 6, "already_done": 2, "data_kinds": 2}


class PhoneForm(forms.Form):
    groups = GROUPS

    def __init__(self, data=None, files=None):
        now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
        initial = {
            "noticed_at": now,
            "noticed_at_precision": Precision.ABOUT,
            "ongoing": Ongoing.UNKNOWN,
        }
        super().__init__(data, files, initial=initial)
        for _title, names in GROUPS:
            self.fields.update({name: _field(name) for name in names})

    def clean_reporter(self):
        name = self.cleaned_data["reporter"]
        if not name:
            return None
        person = roles.person_named(name)
        if person is None:
            raise ValidationError(_("Nobody has this user name or mail address."))
        return person

    def clean_contact_name(self) -> str:
        plain_text.check(self.cleaned_data["contact_name"])
        return plain_text.one_line(self.cleaned_data["contact_name"])

    def clean(self) -> dict[str, Any]:
        words = super().clean() or {}
        if not self.errors and not words.get("reporter") and not words.get("contact_name"):
            self.add_error("contact_name", _("Say who called: an account, or at least a name."))
        return words

    def answers(self) -> dict[str, Any]:
        known = set(intake.ANSWERS) & set(self.cleaned_data)
        words = {name: self.cleaned_data[name] for name in known}
        return {name: value for name, value in words.items() if value not in ("", [], None)}


def _field(name: str) -> forms.Field:
    if name in SPECIAL:
        return SPECIAL[name]()
    column: Any = Incident._meta.get_field(name)
    label, hint = capfirst(str(column.verbose_name)), getattr(column, "help_text", "")
    if name in {"is_name_confidential", "is_exercise"}:
        return forms.BooleanField(label=label, required=False)
    if name in {"workspaces", "virtual_machines"}:
        return Names(label=label, help_text=gettext_lazy("One a line."))
    if column.choices:
        blank = name not in {"noticed_at_precision", "ongoing"}
        return choice(column.choices, label=label, blank=blank)
    if name in LONG:
        return Lines(LONG[name], label=label, max_length=TEXT_MOST)
    return Line(label=label, help_text=hint, max_length=column.max_length)


def _departments() -> forms.Field:
    taking = Department.objects.filter(is_active=True).values_list("code", "name")
    return choice(taking, label=gettext_lazy("Department"), blank=False)


def _account() -> forms.Field:
    hint = gettext_lazy("User name or mail address, if the caller has an account.")
    return Line(label=gettext_lazy("Account"), max_length=254, help_text=hint)


SPECIAL: dict[str, Callable[[], forms.Field]] = {
    "reporter": _account,
    "department": _departments,
    "contact_email": lambda: forms.EmailField(
        label=gettext_lazy("Mail"), required=False, max_length=254
    ),
    "file": lambda: forms.FileField(
        label=gettext_lazy("File"), required=False, allow_empty_file=True
    ),
    "noticed_at": lambda: Moment(label=gettext_lazy("Noticed")),
}


class PhonePage(ActPage):
    title = gettext_lazy("Take a phone report")
    verb = gettext_lazy("Record the report")
    intro = gettext_lazy(
        "Type while the caller speaks; only who calls, subject and description are needed."
    )
    form_class = PhoneForm
    incident = None

    def find(self, **keys: Any) -> None:
        """There is no incident yet."""

    def is_allowed(self) -> bool:
        return rights.allowed(self.request.user, Right.REPORT_FOR_OTHERS)

    def form(self, data=None, files=None) -> PhoneForm:
        return PhoneForm(data, files)

    def act(self, form) -> None:
        words = form.cleaned_data
        self.incident = intake.report(
            by=self.request.user,
            door=Door.PHONE,
            reporter=words["reporter"],
            files=[words["file"]] if words["file"] else [],
            answers=form.answers(),
            **{name: words[name] for name in OF_THE_REPORT},
        )
        self.done = _("%s is recorded.") % self.incident.reference

    def back(self) -> str:
        if self.incident is None or not access.may_see(self.request.user, self.incident):
            return reverse("admin:incidents_incident_changelist")
        return super().back()

    def heading(self) -> str:
        return str(self.title)
