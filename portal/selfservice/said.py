"""Answers in words, for the page on which they are checked."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from portal.selfservice.forms import Files, PortalForm


def said(form: PortalForm) -> list[str]:
    """Each answered field of a bound form, in order, as a reader would say it.

    The first field needs no name before it when the whole page asks for it.
    """
    names = [name for name in form.fields if _is_said(form, name)]
    return [_said(form, name) for name in names]


def _is_said(form: PortalForm, name: str) -> bool:
    is_answer = name != "form_key" and not isinstance(form.fields[name], Files)
    return is_answer and bool(form.cleaned_data.get(name))


def _said(form: PortalForm, name: str) -> str:
    field, value = form.fields[name], form.cleaned_data[name]
    if isinstance(field, forms.BooleanField):
        return str(field.label)
    words = _in_words(field, value)
    if not field.label or name == form.main_field:
        return words
    return _("%(question)s: %(answer)s") % {
        "question": str(field.label).rstrip("?").rstrip(),
        "answer": words,
    }


def _in_words(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField):
        labels = dict(field.choices)  # type: ignore[arg-type]
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(str(labels.get(each, each)) for each in chosen)
    if getattr(field.widget, "input_type", "") == "datetime-local":
        value = parse_datetime(value) or value
    if isinstance(value, datetime):
        return date_format(value, "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    return time_format(value, "H:i") if isinstance(value, time) else str(value)
