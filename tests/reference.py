"""The shipped reference data for tests, read from its files once in a process.

Reading takes longer than most tests; the rows it makes are copied into each test's transaction.
"""

from functools import cache
from typing import Any

from django.contrib.auth.models import Group
from django.db import models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat

from incidents.models import Category, Department
from workflows.models import PlaybookVersion, RuleVersion
from workflows.reference import sync

ASIDE = "-aside"
MODELS: list[type[models.Model]] = [Group, Department, Category, PlaybookVersion, RuleVersion]
# The rules in use are compiled once for each set of keys: these are always the same.
FIRST_RULE_KEY = 1_000_000


def load() -> None:
    """Put the shipped rows into the database, as workflows.reference.sync() does."""
    for model, rows in shipped().items():
        present = set(Group.objects.values_list("name", flat=True)) if model is Group else set()
        fresh = [_copy(row) for row in rows if getattr(row, "name", "") not in present]
        model._default_manager.bulk_create(fresh, ignore_conflicts=True)


@cache
def shipped() -> dict[type[models.Model], list[Any]]:
    with transaction.atomic():
        # What the first test that asks has made itself must not pass for what is shipped.
        for model in (Department, Category):
            model._default_manager.update(code=Concat(F("code"), Value(ASIDE)))
        sync()
        rows: dict[type[models.Model], list[Any]] = {
            model: list(model._default_manager.order_by("pk")) for model in MODELS
        }
        for model in (Department, Category):
            rows[model] = [row for row in rows[model] if not row.code.endswith(ASIDE)]
        transaction.set_rollback(True)
    for number, rule in enumerate(rows[RuleVersion]):
        rule.pk = FIRST_RULE_KEY + number
    return rows


def _copy(row: models.Model) -> models.Model:
    names = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
    fresh = type(row)(**{name: getattr(row, name) for name in names})
    if isinstance(row, RuleVersion):
        fresh.pk = row.pk
    return fresh
