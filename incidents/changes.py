"""Who changed what from what to what: values old and new beside Django's own note of a change.

They are stored as plain data in the entry of the log, and put into words when somebody reads it.
What is secret is named by Django's note, and its values are left out.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.forms import BaseForm, BaseModelForm
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

TEXT_MOST = 200
NAMES_MOST = 20
LEAD = 40  # what is shown of a long text before the place where it changed
SECRET = re.compile(r"password|secret|digest|token")
NOTHING: tuple[Any, ...] = (None, "", [], {})

Model = type[models.Model]
Stored = dict[str, Any]


def message(model: Model, values: Mapping[str, tuple[Any, Any]], *, is_new=False) -> list[Stored]:
    """A note of a change for the log, from each field's value before and after."""
    noted = [
        _note(model._meta.get_field(name), *both, is_new=is_new)
        for name, both in values.items()
        if not SECRET.search(name) and not (is_new and both[1] in NOTHING)
    ]
    if is_new:
        return [{"added": {}, "values": noted}]
    with override(None):  # as Django stores them: its readers translate
        fields = [_label(model, name) for name in values]
    return [{"changed": {"fields": fields}, "values": noted}]


def of_form(form: BaseForm, *, is_new: bool) -> list[Stored]:
    """What a form about a row changed. For a new row: whatever was filled in."""
    if not isinstance(form, BaseModelForm):
        return []
    model, after = form._meta.model, form.cleaned_data
    known = {field.name for field in (*model._meta.fields, *model._meta.many_to_many)}
    names = [name for name in form.fields if name in known and not SECRET.search(name)]
    chosen = [
        name for name in names
        if (after.get(name) not in NOTHING if is_new else name in form.changed_data)
    ]  # fmt: skip
    return [
        _note(model._meta.get_field(name), form.initial.get(name), after.get(name), is_new=is_new)
        for name in chosen
    ]


def summary(entry: LogEntry) -> str:
    """What was done, without the values, in the reader's language."""
    parts = _parts(entry)
    if not any(part.get("values") and "changed" in part for part in parts):
        return entry.get_change_message()
    model = _model_of(entry)
    names = [value["field"] for part in parts for value in part.get("values", [])]
    fields = get_text_list([_label(model, name) for name in names], _("and"))
    return _("Changed {fields}.").format(fields=fields)


def lines(entry: LogEntry) -> list[str]:
    """One line for each value, old and new, in the reader's language; none where none is stored."""
    return lines_of(_model_of(entry), _parts(entry))


def lines_of(model: Model | None, parts: list[Stored]) -> list[str]:
    """The same for a note that is not in the log yet."""
    return [_line(model, value) for part in parts for value in part.get("values", [])]


def told(entry: LogEntry) -> str:
    """The summary, and each value on a line of its own."""
    return "\n".join([summary(entry), *lines(entry)])


# --- Writing down ---------------------------------------------------------------------------------


def _note(field: Any, old: Any, new: Any, *, is_new: bool) -> Stored:
    before, after = _plain(field, None if is_new else old), _plain(field, new)
    if isinstance(before, list) or isinstance(after, list):
        before, after = before or [], after or []
        before, after = _fewer(before, after), _fewer(after, before)
    elif isinstance(before, str) and isinstance(after, str):
        at = _first_difference(before, after)
        before, after = _cut(before, at), _cut(after, at)
    elif isinstance(after, str):
        after = _cut(after, 0)
    elif isinstance(before, str):
        before = _cut(before, 0)
    return {"field": field.name, "new": after} | ({} if is_new else {"old": before})


def _plain(field: Any, value: Any) -> Any:
    """A value as JSON has it: rows by their names, moments as texts."""
    if field.many_to_many:
        return sorted(_name(row) for row in value or [])
    if value is None or isinstance(value, bool | int | str):
        return _name_behind(field, value) if field.many_to_one and value else value
    if isinstance(value, models.Model):
        return _name(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return sorted(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _name_behind(field: Any, key: Any) -> str:
    row = field.related_model._base_manager.filter(pk=key).first()
    return _name(row) if row else str(key)


def _name(row: Any) -> str:
    return row.get_username() if hasattr(row, "get_username") else str(row)


def _fewer(names: list[str], others: Iterable[str]) -> list[str] | Stored:
    """A long list begins with what the other one lacks."""
    if len(names) <= NAMES_MOST:
        return names
    held = set(others)
    first = sorted(names, key=lambda name: name in held)
    return {"names": first[:NAMES_MOST], "of": len(names)}


def _first_difference(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _cut(text: str, at: int) -> str | Stored:
    if len(text) <= TEXT_MOST:
        return text
    start = max(0, at - LEAD)
    return {"text": text[start : start + TEXT_MOST], "from": start, "of": len(text)}


# --- Reading --------------------------------------------------------------------------------------


def _parts(entry: LogEntry) -> list[Stored]:
    """The stored note; nothing for those that are plain text."""
    try:
        parts = json.loads(entry.change_message)
    except ValueError:
        return []
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _model_of(entry: LogEntry) -> Model | None:
    key = entry.content_type_id
    return ContentType.objects.get_for_id(key).model_class() if key else None  # it keeps them


def _label(model: Model | None, name: str) -> str:
    field = _field(model, name)
    return str(capfirst(field.verbose_name if field else name.replace("_", " ")))


def _field(model: Model | None, name: str) -> Any:
    """None for what is no field any more: entries outlive the columns that they name."""
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def _line(model: Model | None, value: Stored) -> str:
    name = value["field"]
    words = {"field": _label(model, name), "new": _words(model, name, value.get("new"))}
    if "old" not in value:
        return _("%(field)s: %(new)s") % words
    words["old"] = _words(model, name, value["old"])
    return _("%(field)s: from %(old)s to %(new)s") % words


def _words(model: Model | None, name: str, value: Any) -> str:
    field = _field(model, name)
    if value in NOTHING:
        return _("empty")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return _cut_words(value)
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(field, models.DateTimeField) and (moment := parse_datetime(str(value))):
        return date_format(timezone.localtime(moment), "j M Y H:i")
    choices = dict(getattr(field, "flatchoices", None) or [])
    if value in choices or not isinstance(value, str):
        return str(choices.get(value, value))
    return _("“%s”") % value


def _cut_words(value: Stored) -> str:
    if "names" in value:
        more = value["of"] - len(value["names"])
        names = ", ".join(value["names"])
        return ngettext(
            "%(names)s and %(more)d more", "%(names)s and %(more)d more", more
        ) % {"names": names, "more": more}  # fmt: skip
    start = "…" if value["from"] else ""
    is_cut = value["from"] + len(value["text"]) < value["of"]
    return _("“%(text)s” (of %(length)d characters)") % {
        "text": f"{start}{value['text']}{'…' if is_cut else ''}",
        "length": value["of"],
    }
