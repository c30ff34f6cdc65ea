"""Filters of the list of incidents. What cannot be read is refused: no filter is ever ignored."""

from datetime import UTC, datetime, time
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from incidents import plain_text, search
from incidents.api.fields import Grade
from incidents.models import Category, Department, Incident
from incidents.states import BreachStatus, State

SEARCH_MOST = 200
WORDS_MOST = 50
# These tell what only the team knows, so they look only at what the caller sees from inside.
INSIDE = frozenset({"severity", "category", "owner", "breach_status", "updated_since"})
ORDERINGS = ("reported_at", "updated_at", "priority", "severity")
INSIDE_ORDERINGS = frozenset({"updated_at", "severity"})
USUAL_ORDER = "-reported_at"


class WordsField(forms.Field):
    """Words parted by commas, the parameter given once or several times."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *, read, **options):
        self.read = read
        super().__init__(**options)

    def clean(self, value: list[str] | None) -> list[Any]:
        if not value:
            return []
        words = [word.strip() for each in value for word in each.split(",") if word.strip()]
        if not words or len(words) > WORDS_MOST:
            raise ValidationError(_("Name one or more values, parted by commas."))
        for word in words:
            plain_text.check(word)
        return [self.read(word) for word in words]


@extend_schema_field(OpenApiTypes.STR)
class Words(django_filters.Filter):
    """Keeps rows whose column has one of the words."""

    field_class = WordsField

    def __init__(self, read, **options):
        super().__init__(lookup_expr="in", read=read, **options)

    def filter(self, rows: QuerySet, value: list[Any]) -> QuerySet:
        return super().filter(rows, value) if value else rows


class MomentField(forms.Field):
    """RFC 3339, or a day, which begins at midnight UTC."""

    def clean(self, value: str | None) -> datetime | None:
        if value in (None, ""):
            if value == "":
                raise ValidationError(WRONG_MOMENT)
            return None
        try:
            # A plus sign that was not escaped arrives as a space.
            found = parse_datetime(value) or parse_datetime(value.replace(" ", "+"))
            day = None if found else parse_date(value)
            return _in_utc(found or (datetime.combine(day, time(), UTC) if day else None))
        except (ValueError, OverflowError):
            raise ValidationError(WRONG_MOMENT) from None


WRONG_MOMENT = _("Use a time such as 2026-11-23T10:05:00Z, or a day such as 2026-11-23.")
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def _in_utc(moment: datetime | None) -> datetime:
    if moment is None:
        raise ValueError
    aware = timezone.make_aware(moment, UTC) if timezone.is_naive(moment) else moment
    return min(max(aware.astimezone(UTC), EARLIEST), LATEST)


@extend_schema_field(OpenApiTypes.DATETIME)
class Moments(django_filters.Filter):
    field_class = MomentField


class FlagField(forms.Field):
    def clean(self, value: str | None) -> bool | None:
        known = {"true": True, "1": True, "false": False, "0": False}
        if value is not None and value.lower() not in known:
            raise ValidationError(_("Use true or false."))
        return None if value is None else known[value.lower()]


@extend_schema_field(OpenApiTypes.BOOL)
class Flags(django_filters.Filter):
    field_class = FlagField


class SearchField(forms.Field):
    def clean(self, value: str | None) -> str:
        text = (value or "").strip()
        plain_text.check(text)
        if len(text) > SEARCH_MOST:
            raise ValidationError(_("Use at most %d characters.") % SEARCH_MOST)
        return text


@extend_schema_field(OpenApiTypes.STR)
class Searches(django_filters.Filter):
    field_class = SearchField


def one_of(known: list[str]):
    """A reader of these words."""

    def read(word: str) -> str:
        if word not in known:
            raise ValidationError(_("Use: %s.") % ", ".join(known))
        return word

    return read


def graded(letters: str):
    """A reader of 1 to 4, also with its letters."""

    def read(word: str) -> int:
        number = Grade(letters).number(word)
        if number is None:
            raise ValidationError(_("Use a number from 1 to 4."))
        return number

    return read


def department(word: str) -> int:
    found = Department.objects.filter(Q(code=word) | Q(name=word)).first()
    if found is None:
        raise ValidationError(_("There is no such department."))
    return found.pk


def categories(word: str) -> list[int]:
    """The keys of a category such as fraud/phishing, or of all in a class such as fraud."""
    group, _slash, code = word.partition("/")
    found = Category.objects.filter(class_code=group, **({"code": code} if code else {}))
    keys = list(found.values_list("pk", flat=True))
    if not keys:
        raise ValidationError(_("There is no such category."))
    return keys


class CategoryWords(Words):
    def filter(self, rows: QuerySet, value: list[list[int]]) -> QuerySet:
        return super().filter(rows, [key for keys in value for key in keys])


class IncidentFilters(django_filters.FilterSet):
    state = Words(one_of(State.values))
    severity = Words(graded("SEV"))
    priority = Words(graded("P"))
    department = Words(department, label="Code or name.")
    category = CategoryWords(categories, label="A category, or a whole class.")
    owner = Words(str, field_name="owner__username", label="User name.")
    breach_status = Words(one_of(BreachStatus.values))
    is_exercise = Flags()
    reported_after = Moments(field_name="reported_at", lookup_expr="gte")
    reported_before = Moments(field_name="reported_at", lookup_expr="lt")
    updated_since = Moments(field_name="updated_at", lookup_expr="gte")
    search = Searches(method="look_for", label="In subject, description and reference.")

    class Meta:
        model = Incident
        fields: list[str] = []

    def look_for(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return search.matching(rows, text) if text else rows


def order_of(wanted: str | None) -> str:
    """The column to order by. Raises ValidationError naming `ordering`."""
    order = USUAL_ORDER if wanted is None else wanted
    if order.removeprefix("-") not in ORDERINGS:
        raise ValidationError({"ordering": [_("Use: %s, or with -.") % ", ".join(ORDERINGS)]})
    return order


def tells_of_the_inside(parameters) -> bool:
    """True if the answer to this query would tell a reporter what only the team knows."""
    order = parameters.get("ordering", USUAL_ORDER).removeprefix("-")
    return bool(INSIDE & set(parameters)) or order in INSIDE_ORDERINGS
