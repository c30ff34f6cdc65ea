"""How many rows a list would show for some address, without showing them."""

import copy
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db import DatabaseError
from django.http import QueryDict

from incidents.admin.filters import DefaultFilter
from incidents.admin.permissions import ConsoleList


class Unread(ConsoleList):
    """A list of which only `queryset` is wanted."""

    def get_results(self, request) -> None:
        """Nothing is read."""


def count(model_admin, request, query: str, *, most: int) -> int | None:
    """Rows of the list at `query`, as its reader may see them; None if it cannot be read.

    Counts to `most`. One query, and one more for a filter that lists rows.
    """
    asked = copy.copy(request)
    asked.GET = QueryDict(query)
    try:
        rows = _list(model_admin, asked).queryset.order_by().values("pk")
        return rows[:most].count()
    except (IncorrectLookupParameters, DatabaseError, OverflowError, ValueError):
        return None


def _list(model_admin, request) -> Unread:
    filters = [
        each for each in model_admin.get_list_filter(request) if _is_needed(each, request.GET)
    ]
    return Unread(
        request,
        model_admin.model,
        model_admin.get_list_display(request),
        (),
        filters,
        None,
        model_admin.get_search_fields(request),
        False,
        model_admin.list_per_page,
        model_admin.list_max_show_all,
        (),
        model_admin,
        model_admin.get_sortable_by(request),
        None,
    )


def _is_needed(spec: Any, asked: QueryDict) -> bool:
    """A filter that holds, or that holds when none is named: the others cost a query each."""
    if isinstance(spec, type):
        return issubclass(spec, DefaultFilter) or spec.parameter_name in asked  # type: ignore[attr-defined]
    field = spec if isinstance(spec, str) else spec[0]
    return any(name.partition("__")[0] == field for name in asked)
