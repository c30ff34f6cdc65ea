"""Lists in pages: a cursor names the last row that was seen, so that new rows shift nothing."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

SIZE = 50
SIZE_MOST = 200


@dataclass(frozen=True, slots=True)
class Position:
    """Beyond this row: forwards in the order of the list, or backwards."""

    order: str
    is_back: bool
    value: str
    key: int

    def text(self) -> str:
        raw = json.dumps([self.order, self.is_back, self.value, self.key])
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> "Position":
        """Raises ValidationError naming `cursor`."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            order, is_back, value, key = json.loads(raw)
            if (str, bool, str, int) == (type(order), type(is_back), type(value), type(key)):
                return cls(order, is_back, value, key)
        except (ValueError, TypeError, binascii.Error, RecursionError):
            pass
        raise ValidationError({"cursor": [_("This cursor is not one of ours.")]})


class Cursor(BasePagination):
    """Pages over a queryset that is ordered by one column and then by its key.

    Two columns, because rows that tie on the first must keep their places: the ordering by
    priority has four values for a million rows.
    """

    def paginate_queryset(self, queryset: Any, request, view=None) -> list[Any]:
        self.address = request.build_absolute_uri()
        size = _size(request, getattr(view, "page_size", SIZE))
        column, key = queryset.query.order_by if len(queryset.query.order_by) == 2 else ("pk", "pk")
        position = self._position(request, column)
        is_back = position is not None and position.is_back
        if position is not None:
            queryset = queryset.filter(_beyond(queryset, column, key, position))
        rows = list(_ordered(queryset, column, key, is_back)[: size + 1])
        has_more, rows = len(rows) > size, rows[:size]
        if is_back:
            rows.reverse()
        self.next = self._link(rows[-1:], column, False, has_more or is_back)
        self.previous = self._link(
            rows[:1], column, True, has_more if is_back else position is not None
        )
        return rows

    def get_paginated_response(self, data: list[Any]) -> Response:
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view) -> list[dict[str, Any]]:
        size = getattr(view, "page_size", SIZE)
        limits = {"type": "integer", "minimum": 1, "maximum": SIZE_MOST, "default": size}
        return [
            {"name": "cursor", "in": "query", "schema": {"type": "string"}},
            {"name": "page_size", "in": "query", "schema": limits},
        ]

    def _position(self, request, column: str) -> Position | None:
        text = request.query_params.get("cursor")
        if text is None:
            return None
        position = Position.read(text)
        if position.order != column:
            raise ValidationError({"cursor": [_("This cursor belongs to another ordering.")]})
        return position

    def _link(self, rows: list[Any], column: str, is_back: bool, is_wanted: bool) -> str | None:
        if not rows or not is_wanted:
            return None
        value = getattr(rows[0], column.lstrip("-"))
        shown = value.isoformat() if hasattr(value, "isoformat") else str(value)
        position = Position(column, is_back, shown, rows[0].pk)
        return replace_query_param(
            remove_query_param(self.address, "cursor"), "cursor", position.text()
        )


def _size(request, usual: int) -> int:
    text = request.query_params.get("page_size", str(usual))
    if not text.isascii() or not text.isdigit() or int(text[:10]) < 1:
        raise ValidationError({"page_size": [_("Use a number from 1 to %d.") % SIZE_MOST]})
    return min(int(text[:10]), SIZE_MOST)


def _ordered(queryset: QuerySet, column: str, key: str, is_back: bool) -> QuerySet:
    order = [column] if column.lstrip("-") == "pk" else [column, key]
    return queryset.order_by(*(_turned(name) if is_back else name for name in order))


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(queryset: QuerySet, column: str, key: str, position: Position) -> Q:
    """The rows after `position`; the first term alone lets the database use its index."""
    name, further = _comparison(column, position.is_back)
    if name == "pk":
        return Q(**{f"pk__{further}": position.key})
    _pk, further_key = _comparison(key, position.is_back)
    try:
        value = queryset.model._meta.get_field(name).to_python(position.value)
    except (ValidationError, FieldError):
        raise ValidationError({"cursor": [_("This cursor is not one of ours.")]}) from None
    tie = Q(**{name: value, f"pk__{further_key}": position.key})
    return Q(**{f"{name}__{further}e": value}) & (Q(**{f"{name}__{further}": value}) | tie)


def _comparison(name: str, is_back: bool) -> tuple[str, str]:
    is_down = name.startswith("-") != is_back
    return name.lstrip("-"), "lt" if is_down else "gt"
