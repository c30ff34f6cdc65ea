"""Forms of the portal: they read what was typed. What may be stored, the record decides."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.models import Incident


class Problem(NamedTuple):
    """One line of the summary: what is wrong, and the id of the field it is about."""

    anchor: str
    text: str


class Words(forms.Field):
    """Text as it was typed, without the white space around it."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> str:
        return "" if value is None else str(value).strip()


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class Files(forms.FileField):
    """Any number of uploads, as a list; incidents.evidence tells what is wrong with them."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list:  # noqa: ARG002
        return [upload for upload in data or [] if upload]


def one_of(choices: list, **options: Any) -> forms.ChoiceField:
    """Radio buttons that may be left alone."""
    return forms.ChoiceField(
        choices=choices,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose one of the answers.")},
        **options,
    )


def some_of(choices: list, **options: Any) -> forms.MultipleChoiceField:
    """Boxes to tick, or to leave alone."""
    wrong = gettext_lazy("Choose among the answers.")
    return forms.MultipleChoiceField(
        choices=choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": wrong, "invalid_list": wrong},
        **options,
    )


def text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def typed(kind: str, **attributes: str) -> forms.TextInput:
    """An input of another type, so that phones bring the right keyboard or calendar."""
    return forms.TextInput(attrs={"type": kind, **attributes})


class PortalForm(forms.Form):
    """A form whose errors are shown twice in the same words: on top as links, and at the field."""

    # The field that the heading of the page asks for.
    main_field = ""
    # Which of our fields shows what the record says about one of its own.
    shown_at: Mapping[str, str] = {}

    use_required_attribute = False  # the browser's own bubbles would say it in other words

    form_key = Words(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        for name, field in self.fields.items():
            is_many = getattr(field.widget, "allow_multiple_selected", False)
            if not is_many and len(self.sent(name)) > 1:
                self.add_error(name, _("This was sent more than once. Send it once."))
        return self.cleaned_data

    def sent(self, name: str) -> list[Any]:
        """Every value that came under this name."""
        source = self.data
        return source.getlist(name) if hasattr(source, "getlist") else []

    def has_lost_files(self) -> bool:
        """True when files came and have to be chosen again: a browser does not fill them in."""
        return bool(self.files and self.errors)

    def refuse(self, problems: Mapping[str, Iterable[str]]) -> None:
        """Show what the record refused, each problem at its field."""
        for name, messages in problems.items():
            field = self.shown_at.get(name, name)
            for message in messages:
                self.add_error(field if field in self.fields else None, self.told(field, message))

    def told(self, name: str, message: str) -> str:
        """`message` after the question that it is about, in the words of the page."""
        asked = str(self.fields[name].label or "") if name in self.fields else name_of(name)
        if not asked:
            return message
        if asked.endswith("?"):
            return f"{asked} {message}"  # two whole sentences
        return _("%(question)s: %(answer)s") % {"question": asked, "answer": message}

    def summary(self) -> list[Problem]:
        """All errors in the order of the fields."""
        found = [Problem("main", str(text)) for text in self.non_field_errors()]
        for name in self.fields:
            found += [Problem(self.anchor(name), str(text)) for text in self.errors.get(name, [])]
        return found

    def anchor(self, name: str) -> str:
        """The id of the control to jump to: of a group its first."""
        bound = self[name]
        if not isinstance(bound.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            return bound.auto_id
        return f"{bound.auto_id}_0" if len(bound) else f"{bound.auto_id}_error"


def name_of(field: str) -> str:
    """What the record calls one of its fields; files name themselves in their own sentences."""
    try:
        return capfirst(Incident._meta.get_field(field).verbose_name)
    except FieldDoesNotExist:
        return ""


class ReopenForm(PortalForm):
    """Why a closed ticket should be looked at again."""

    text = Words(
        label=gettext_lazy("Why should we look at it again?"),
        help_text=gettext_lazy(
            "It happened again, it was never gone, or something in our answer is not right: a "
            "sentence or two are enough."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not cleaned["text"]:
            self.add_error("text", _("Say in a sentence or two why we should look at it again."))
        return cleaned


class MessageForm(PortalForm):
    """Something that the reporter adds to a ticket."""

    shown_at = {"file": "files"}

    text = Words(required=False, widget=forms.Textarea(attrs={"rows": 4}))
    files = Files(required=False)  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not cleaned["text"] and not cleaned["files"]:
            self.add_error("text", _("Write something, or choose a file."))
        return cleaned
