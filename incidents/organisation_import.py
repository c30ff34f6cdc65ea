"""Departments, tenants, workspaces and machines from a file: read, shown as a plan, then applied.

A row of the file is found in the database by its key (the first column), and added or changed.
Nothing is ever removed, and a column that the file leaves out is left alone. All of it is stored,
or nothing.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from incidents import import_file
from incidents.import_file import Problem
from incidents.models import Department, Tenant, VirtualMachine, Workspace

Model = type[models.Model]

CHUNK = 1000  # names in one query
NUMBER_MOST = 32_767  # what a small number may be in PostgreSQL
# In the languages of the portal, and as spreadsheets and programs write it.
YES = frozenset({"yes", "ja", "oui", "true", "1"})
NO = frozenset({"no", "nee", "nein", "non", "false", "0"})

# The first column is the key. Below the columns: an example for the template.
FILES: dict[Model, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Department: (("code", "name", "is_active"), ("finance", "Finance", "yes")),
    Tenant: (
        ("name", "contact", "contract_hours"),
        ("Hospital Oost", "privacy@oost.example", "24"),
    ),
    Workspace: (
        ("name", "tenant", "accountable", "members"),
        ("Workspace 114", "Hospital Oost", "averbeek", "averbeek jdevries"),
    ),
    VirtualMachine: (("name", "workspace"), ("vm-114-1", "Workspace 114")),
}


@dataclass
class Row:
    """A line of the file that adds or changes something: each value before and after."""

    line: int
    instance: Any
    values: dict[str, tuple[Any, Any]]
    is_new: bool

    @property
    def keys(self) -> list[Any]:
        """The values as they are compared: rows by their numbers."""
        return [[name, *map(_key, both)] for name, both in sorted(self.values.items())]


@dataclass
class Plan:
    """What a file would do."""

    model: Model
    rows: list[Row] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def added(self) -> list[Row]:
        return [row for row in self.rows if row.is_new]

    @property
    def changed(self) -> list[Row]:
        return [row for row in self.rows if not row.is_new]

    @property
    def can_apply(self) -> bool:
        return bool(self.rows) and not self.problems

    @property
    def digest(self) -> str:
        """Two plans with the same digest do the same to the same rows."""
        told = [(self.model._meta.label, row.line, row.instance.pk, row.keys) for row in self.rows]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


class PlanChanged(Exception):
    """The database changed since the plan was shown; `plan` is what the file would do now."""

    def __init__(self, made: Plan):
        super().__init__("the plan changed")
        self.plan = made


def plan(model: Model, text: str, *, lock: bool = False) -> Plan:
    """What the file would do to the rows of `model` now. Stores nothing.

    With `lock`, inside a transaction, nobody else changes these rows until it ends.
    """
    file = import_file.read(text, FILES[model][0])
    made = Plan(model, problems=file.problems)
    reader = _Reader(made, [cells for _line, cells in file.rows], lock=lock)
    for line, cells in file.rows:
        reader.read(line, cells)
    made.problems.sort(key=lambda problem: problem.line)
    return made


def apply(model: Model, text: str, shown: str) -> list[Row]:
    """Do what the plan with the digest `shown` said; its rows, now stored.

    Raises PlanChanged, and stores nothing, when the file would do something else by now.
    """
    try:
        with transaction.atomic():
            made = plan(model, text, lock=True)
            if made.digest != shown or not made.can_apply:
                raise PlanChanged(made)
            _store(made)
    except IntegrityError as problem:
        raise PlanChanged(plan(model, text)) from problem
    return made.rows


def _store(made: Plan) -> None:
    """In few queries: while it runs, SQLite lets nobody else write."""
    rows, many = made.model._base_manager, {each.name for each in made.model._meta.many_to_many}
    rows.bulk_create([row.instance for row in made.added], batch_size=CHUNK)
    if touched := {name for row in made.changed for name in row.values} - many:
        rows.bulk_update([row.instance for row in made.changed], touched, batch_size=CHUNK)
    for row in made.rows:
        for name in many & set(row.values):
            getattr(row.instance, name).set(row.values[name][1])


def _key(value: Any) -> Any:
    """A value as the digest takes it."""
    if isinstance(value, list):
        return sorted(map(_key, value))
    return value.pk if isinstance(value, models.Model) else value


class _Reader:
    """Reads rows against the database, which it asks once for all of them."""

    def __init__(self, made: Plan, rows: list[dict[str, str]], *, lock: bool):
        self.plan, self.model, self.seen = made, made.model, dict[str, int]()
        meta = self.model._meta
        self.key = FILES[self.model][0][0]
        self.many = {each.name for each in meta.many_to_many}
        self.one = {each.name for each in meta.fields if each.many_to_one}
        known = self.model._base_manager.select_related(*self.one).prefetch_related(*self.many)
        if lock:
            known = known.select_for_update(of=("self",))
        people = get_user_model().objects.filter(is_active=True)
        named = _texts(rows, "accountable") | _names(_texts(rows, "members"))
        self.known = _found(known, self.key, _texts(rows, self.key))
        self.tenants = _found(Tenant.objects.all(), "name", _texts(rows, "tenant"))
        self.workspaces = _found(Workspace.objects.all(), "name", _texts(rows, "workspace"))
        self.people = _found(people, "username", named)

    def read(self, line: int, cells: dict[str, str]) -> None:
        """Put one row into the plan, or what is wrong with it."""
        row = self.known.get(cells[self.key])
        values: dict[str, Any] = {}
        problems = self._problems_of_key(line, cells, is_new=row is None)
        for name, cell in cells.items():
            try:
                values[name] = self._value(name, cell)
            except ValidationError as problem:
                problems += [Problem(line, name, told) for told in problem.messages]
        if problems:
            self.plan.problems += problems
            return
        before = {name: self._now(row, name) for name in values}
        instance = row or self.model()
        for name in set(values) - self.many:
            setattr(instance, name, values[name])
        changes = {
            name: (before[name], value)
            for name, value in values.items()
            if _key(before[name]) != _key(value)
        }
        if wrong := self._problems_of_fields(line, instance, values):
            self.plan.problems += wrong
        elif changes:
            self.plan.rows.append(Row(line, instance, changes, is_new=row is None))
        else:
            self.plan.unchanged += 1

    def _now(self, row: Any, name: str) -> Any:
        if row is None:
            return None
        return list(getattr(row, name).all()) if name in self.many else getattr(row, name)

    def _problems_of_key(self, line: int, cells: dict[str, str], *, is_new: bool) -> list[Problem]:
        """A key stands once, and a new row needs every column without a default."""
        key = cells[self.key]
        if first := self.seen.get(key):
            told = _("Line %(line)d is about the same one. Keep one of the two lines.")
            return [Problem(line, self.key, told % {"line": first})]
        if key:
            self.seen[key] = line
        needed = [
            name
            for name in FILES[self.model][0]
            if is_new and name not in cells and self._is_needed(name)
        ]
        told = _("This row would be new, and a new one needs this column.")
        return [Problem(line, name, told) for name in needed]

    def _is_needed(self, name: str) -> bool:
        column = self._column(name)
        return not column.blank and not column.has_default()

    def _column(self, name: str) -> Any:
        return self.model._meta.get_field(name)

    def _value(self, name: str, cell: str) -> Any:
        """The cell as the field takes it. Raises ValidationError saying what to do."""
        column = self._column(name)
        if not cell and not column.blank:
            raise ValidationError(_("Fill this in."))
        if name == "members":
            return [self._person(each) for each in dict.fromkeys(_split(cell))]
        if name == "accountable":
            return self._person(cell) if cell else None
        if name in {"tenant", "workspace"}:
            return self._parent(name, cell)
        if isinstance(column, models.BooleanField):
            return _yes_or_no(cell)
        if isinstance(column, models.IntegerField):
            return _whole_number(cell)
        if len(cell.splitlines()) > 1:
            raise ValidationError(_("Put this on one line."))
        return cell

    def _person(self, name: str) -> Any:
        if name not in self.people:
            told = _("There is no active user %(name)s. Correct the name, or add the user first.")
            raise ValidationError(told, params={"name": name})
        return self.people[name]

    def _parent(self, name: str, cell: str) -> Any:
        tenant_told = _("There is no tenant “%(name)s”. Correct the name, or import it first.")
        place_told = _("There is no workspace “%(name)s”. Correct the name, or import it first.")
        parents = self.tenants if name == "tenant" else self.workspaces
        if cell not in parents:
            told = tenant_told if name == "tenant" else place_told
            raise ValidationError(told, params={"name": cell})
        return parents[cell]

    def _problems_of_fields(self, line: int, instance: Any, values: Iterable[str]) -> list[Problem]:
        """What the fields themselves refuse: too long, out of range, no code."""
        names = set(values)
        others = {each.name for each in instance._meta.fields} - names
        try:
            instance.clean_fields(exclude=others | self.one)
        except ValidationError as problem:
            told = problem.message_dict
            return [Problem(line, name, each) for name, all_ in told.items() for each in all_]
        return []


def _found(rows: models.QuerySet, name: str, wanted: set[str]) -> dict[str, Any]:
    """The rows whose `name` is wanted, by it."""
    names = sorted(wanted)
    parts = (names[start : start + CHUNK] for start in range(0, len(names), CHUNK))
    found = (row for part in parts for row in rows.filter(**{f"{name}__in": part}))
    return {getattr(row, name): row for row in found}


def _texts(rows: list[dict[str, str]], column: str) -> set[str]:
    return {row[column] for row in rows if row.get(column)}


def _names(cells: Iterable[str]) -> set[str]:
    return {name for cell in cells for name in _split(cell)}


def _split(cell: str) -> list[str]:
    """User names have neither blanks nor commas in them."""
    return [name for name in re.split(r"[\s,;|]+", cell) if name]


def _yes_or_no(cell: str) -> bool:
    if cell.lower() not in YES | NO:
        raise ValidationError(_("Write yes or no."))
    return cell.lower() in YES


def _whole_number(cell: str) -> int:
    is_number = cell.isascii() and cell.isdecimal() and len(cell) <= len(str(NUMBER_MOST))
    if not is_number or int(cell) > NUMBER_MOST:
        raise ValidationError(
            _("Write a whole number, at most %(most)d."), params={"most": NUMBER_MOST}
        )
    return int(cell)
