"""The fields of the console's forms. They carry words to the record; the record judges them."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents import roles
from incidents.models import Category, Incident
from incidents.plain_text import TEXT_MOST
from incidents.states import Severity
from incidents.steps import Input, Step

NOTHING = ("", "---------")


class Moment(forms.CharField):
    """A date and time as the browser's own widget gives it, read by the record in local time."""

    def __init__(self, **options: Any):
        widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
        super().__init__(widget=widget, required=options.pop("required", False), **options)

    def prepare_value(self, value):
        if hasattr(value, "tzinfo") and value is not None:
            return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M")
        return value


class Lines(forms.CharField):
    """A text of several lines."""

    def __init__(self, rows: int = 4, **options: Any):
        widget = forms.Textarea(attrs={"rows": rows, "class": "vLargeTextField"})
        super().__init__(widget=widget, required=options.pop("required", False), **options)


class Line(forms.CharField):
    """A text of one line."""

    def __init__(self, **options: Any):
        widget = options.pop("widget", forms.TextInput(attrs={"class": "vTextField"}))
        super().__init__(widget=widget, required=options.pop("required", False), **options)


class Another(Line):
    """Another incident by its number, with those to choose from that the page offers."""

    def __init__(self, **options: Any):
        attrs = {"class": "vTextField", "list": "known-incidents", "autocomplete": "off"}
        options.setdefault("help_text", _("By its number, such as INC-000123."))
        super().__init__(widget=forms.TextInput(attrs=attrs), max_length=40, **options)


class Names(forms.CharField):
    """Names, one a line; a list for the record."""

    def __init__(self, **options: Any):
        widget = forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})
        super().__init__(widget=widget, required=False, **options)

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value):
        if isinstance(value, list | tuple):
            return list(value)
        parts = (super().to_python(value) or "").replace(",", "\n").split("\n")
        return [name.strip() for name in parts if name.strip()]

    def validate(self, value) -> None:
        """The record says which names it takes."""

    def run_validators(self, value) -> None:
        for name in value:
            super().run_validators(name)

    def has_changed(self, initial, data) -> bool:
        return (initial or []) != self.to_python(data)


def choice(choices, *, label, help_text="", blank: bool = True, required: bool = False):
    """A select; with `blank` nothing may be chosen."""
    options = [NOTHING, *choices] if blank else list(choices)
    return forms.ChoiceField(
        choices=[option for n, option in enumerate(options) if option[0] != "" or n == 0],
        label=label,
        help_text=help_text,
        required=required,
    )


def person(people: models.QuerySet, *, label, help_text="") -> forms.ChoiceField:
    """A select of people by user name. One query."""
    named = [(each.username, str(each)) for each in people]
    return choice(named, label=label, help_text=help_text)


def team() -> models.QuerySet:
    """Everybody who may own an incident."""
    return holders(roles.TEAM)


def holders(wanted) -> models.QuerySet:
    groups = [roles.GROUP_OF[role] for role in wanted]
    people = get_user_model().objects.filter(is_active=True, groups__name__in=groups)
    return people.distinct().order_by("first_name", "last_name", "username")


def category(*, label, help_text="") -> forms.ChoiceField:
    """Every category in use, by class. One query."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for each in Category.objects.filter(is_active=True):
        groups.setdefault(each.class_label, []).append((each.path, each.label))
    return forms.ChoiceField(
        choices=[NOTHING, *groups.items()], label=label, help_text=help_text, required=False
    )


class StepForm(forms.Form):
    """Exactly what a step of the lifecycle asks for, with what is known already filled in."""

    def __init__(
        self, step: Step, incident: Incident, *args: Any, takes_two: bool = False, **kwargs: Any
    ):
        known = {each.name: _known(incident, each) for each in step.inputs}
        super().__init__(*args, **{**kwargs, "initial": known})
        for each in step.inputs:
            self.fields[each.name] = _field(each, incident)
            # The guards insist, not the form; the label only says so.
            self.fields[each.name].is_asked = each.required  # type: ignore[attr-defined]
        self.asked_for = set(self.fields)
        if takes_two:
            self.fields |= second_person(has_reason="reason" in self.fields)

    def typed(self) -> dict[str, Any]:
        """The inputs for the lifecycle; a moment or a severity that was only shown is no input."""
        changed = set(self.changed_data)
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name in self.asked_for
            and (name in changed or name in {"outcome", "resolution", "root_cause", "target"})
        }

    def why(self) -> str:
        """What the second person reads: the reason for asking, or that of the step."""
        return self.cleaned_data.get("ask_reason") or self.cleaned_data.get("reason", "")


def second_person(*, has_reason: bool) -> dict[str, forms.Field]:
    """What asks for a second signature; the words for it, where the step has no reason itself."""
    hidden = forms.BooleanField(widget=forms.HiddenInput, required=False, initial=True)
    words = Lines(
        2,
        label=_("Why, for the second person"),
        max_length=TEXT_MOST,
        help_text=_("Two people decide this together: whoever may sign is told, and reads this."),
    )
    return {"ask_second": hidden} if has_reason else {"ask_reason": words, "ask_second": hidden}


def _known(incident: Incident, asked: Input) -> Any:
    match asked.type:
        case "category":
            return incident.category.path if incident.category else ""
        case "person":
            return incident.owner.username if incident.owner else ""
        case "severity":
            return incident.severity if incident.severity_by_id else ""
        case "incident":
            return ""
    return "" if asked.name == "reason" else getattr(incident, asked.name)


def _field(asked: Input, incident: Incident) -> forms.Field:
    match asked.type:
        case "category":
            return category(label=asked.label)
        case "person":
            return person(team(), label=asked.label, help_text=_("Nobody chosen means you."))
        case "severity":
            guess = "" if incident.severity_by_id else _("The machine's guess is SEV%d.")
            hint = guess % incident.severity if guess else ""
            return choice(Severity.choices, label=asked.label, help_text=hint)
        case "choice":
            return choice(asked.choices, label=asked.label)
        case "datetime":
            return Moment(label=asked.label)
        case "incident":
            return Another(label=asked.label)
    return _words(asked)


def _words(asked: Input) -> forms.Field:
    if asked.type == "line":
        return Line(label=asked.label, max_length=500)
    field = Lines(label=asked.label, max_length=TEXT_MOST)
    if asked.name == "resolution":
        field.help_text = _("At least 20 visible characters. The reporter does not see it.")
    return field
