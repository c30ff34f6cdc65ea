"""Two who edit at once: nobody's text is lost, and nobody's is overwritten unseen.

A form carries what it was read from: the version of the record, and a short digest of each fact.
If the record has moved on when the form comes back, each field is compared in three: as it was
read, as it is saved now, as it was typed. Fields that only one side touched are merged; where both
wrote, the form comes back with both texts, and its reader decides.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import HttpResponseBase

from incidents.admin.acts import ActPage
from incidents.models import TimelineEntry
from incidents.models.timeline import Kind

VERSION_MOST = 2**31 - 1
LOOKED_THROUGH = 50  # entries, for who wrote theirs


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that both changed."""

    name: str
    label: str
    theirs: str
    yours: str
    who: str = ""
    at: Any = None


class ReadForm(forms.Form):
    """A form that remembers what it was read from. A subclass calls remember()."""

    # Fields in which nothing chosen means: as it is.
    blank_keeps: frozenset[str] = frozenset()
    record: Mapping[str, Any]

    def remember(self, version: int, record: Mapping[str, Any]) -> None:
        """`record` is each fact as it is saved now, in the way the form's field shows it."""
        self.record = {name: value for name, value in record.items() if name in self.fields}
        hidden = forms.HiddenInput
        self.fields.setdefault(
            "version",
            forms.IntegerField(widget=hidden, min_value=0, max_value=VERSION_MOST, required=False),
        )
        self.fields["read"] = forms.CharField(widget=hidden, required=False, max_length=4000)
        self.initial["version"] = version
        self.initial["read"] = " ".join(
            f"{name}:{digest(value)}" for name, value in self.record.items()
        )

    def was_read_as(self) -> dict[str, str]:
        """The digest of each fact as the sender of the form saw it."""
        parts = (part.partition(":") for part in str(self["read"].value() or "").split())
        return {name: value for name, _colon, value in parts}

    def typed(self, name: str) -> Any:
        """What was sent for a field, as the record would hold it; None if it cannot be read."""
        return self.cleaned_data.get(name)

    def both_changed(self) -> list[str]:
        """The fields that the sender and somebody else changed since, and not to the same."""
        return [
            name
            for name in self.record
            if self._is_typed_anew(name)
            and self._is_saved_anew(name)
            and digest(self.typed(name)) != digest(self.record[name])
        ]

    def only_they_changed(self) -> list[str]:
        return [
            name
            for name in self.record
            if self._is_saved_anew(name) and not self._is_typed_anew(name)
        ]

    def _is_saved_anew(self, name: str) -> bool:
        return self.was_read_as().get(name) != digest(self.record[name])

    def _is_typed_anew(self, name: str) -> bool:
        if name not in self.cleaned_data:
            return True  # it cannot be read, so it is nothing that was ever saved
        value = self.typed(name)
        if name in self.blank_keeps and value in (None, ""):
            return False
        return self.was_read_as().get(name) != digest(value)


class ClashPage(ActPage):
    """A page whose form is a ReadForm. A subclass says by which entries the record changes."""

    kinds: Iterable[Kind] = (Kind.CHANGE,)
    clashes: list[Clash] = []  # noqa: RUF012 - replaced, never changed

    def version_now(self) -> int:
        return self.incident.version

    def post(self, request, **kwargs: Any) -> HttpResponseBase:
        form: Any = self.form(request.POST, request.FILES)
        form.is_valid()
        version = form.cleaned_data.get("version")
        chosen = request.POST.get("theirs", "").split()
        if version is not None and version != self.version_now():
            self.clashes = [each for each in self.find_clashes(form) if each.name not in chosen]
            request.POST = self.merged(form, chosen)
        elif chosen:
            request.POST = self.merged(form, chosen)
        if self.clashes:
            return self.page(self.form(request.POST), status=HTTPStatus.CONFLICT)
        return super().post(request, **kwargs)

    def find_clashes(self, form: Any) -> list[Clash]:
        names = form.both_changed()
        entries = self.entries() if names else []
        return [self.clash(form, name, entries) for name in names]

    def clash(self, form: Any, name: str, entries: list[TimelineEntry]) -> Clash:
        entry = next((each for each in entries if self.tells_of(each, name)), None)
        return Clash(
            name,
            str(form.fields[name].label),
            shown(form.fields[name], form.record[name]),
            shown(form.fields[name], form.typed(name)),
            entry.actor_name if entry else "",
            entry.at if entry else None,
        )

    def entries(self) -> list[TimelineEntry]:
        found = self.incident.timeline.filter(kind__in=list(self.kinds)).order_by("-sequence")
        return list(found[:LOOKED_THROUGH])

    def tells_of(self, entry: TimelineEntry, name: str) -> bool:
        return name in entry.data

    def merged(self, form: Any, chosen: Iterable[str] = ()):
        """What was sent, brought up to the record of now: theirs where only they wrote, and in
        the fields that the sender has `chosen` so."""
        sent = self.request.POST.copy()
        for name in {*form.only_they_changed(), *chosen} & set(form.record):
            field = form.fields[name]
            value = "" if name in form.blank_keeps else field.prepare_value(form.record[name])
            sent[name] = "" if value is None else str(value)
        sent["version"] = str(self.version_now())
        sent["read"] = form.initial["read"]
        return sent

    def is_stale(self, form: forms.Form) -> None:
        """Somebody was faster by a blink: the form is read anew, and the next press decides."""
        self.find(**self.kwargs)
        fresh: Any = self.form(form.data)
        fresh.is_valid()
        self.clashes = self.find_clashes(fresh)
        form.data = self.merged(fresh)

    def page(self, form, reasons=None, status=HTTPStatus.OK):
        for clash in self.clashes:
            form.fields[clash.name].clash = clash
        return super().page(form, reasons, status)

    def more(self, form) -> dict[str, Any]:
        return {**super().more(form), "clashes": self.clashes}


def digest(value: Any) -> str:
    """Short, and the same for what reads the same: browsers send other line ends."""
    if isinstance(value, list | tuple):
        value = "\n".join(sorted(map(str, value)))
    text = "" if value is None else str(value).replace("\r\n", "\n").strip()
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def shown(field: forms.Field, value: Any) -> str:
    """A value in words: the label of a choice, names in one line."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    text = "" if value is None else str(value)
    return str(dict(_flat(getattr(field, "choices", ()))).get(text, text))


def _flat(choices: Iterable[Any]) -> Iterable[tuple[str, Any]]:
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield str(key), label
