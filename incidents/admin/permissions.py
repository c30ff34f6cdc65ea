"""What console pages share: roles instead of Django's permissions, and no delete anywhere."""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from incidents import changes, roles
from incidents.roles import Role

COUNTED_MOST = 10_000
KEY_DIGITS = 19  # a key has 63 bits; databases raise on longer numbers


class CappedPaginator(Paginator):
    """Counts no further than COUNTED_MOST: a full count of a million rows costs 200 ms."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet = self.object_list  # type: ignore[assignment]
        return rows.order_by().values("pk")[: COUNTED_MOST + 1].count()


# Years that end in another time zone before they began: no database takes them.
EDGE_OF_TIME = re.compile(r"0000|0001|9999")


class ConsoleList(ChangeList):
    """A list that is filtered by its own filters only; for anything else it is shown unfiltered.

    Stock admin takes any lookup on any column from the address: one could guess by it what no
    page shows, such as who reported, and a pattern could keep a process busy for ever.
    """

    def get_filters(self, request):
        values = [value for name, value in request.GET.items() if "__" in name]
        if any(EDGE_OF_TIME.match(value) for value in values):
            raise IncorrectLookupParameters(*values)
        try:
            found = super().get_filters(request)
        except DisallowedModelAdminLookup as problem:
            raise IncorrectLookupParameters from problem
        _specs, _has_specs, rest, *_others = found
        if rest:
            raise IncorrectLookupParameters(*rest)
        return found

    def get_results(self, request):
        try:
            super().get_results(request)
        except (DatabaseError, OverflowError, ValueError) as problem:  # out of the column's range
            raise IncorrectLookupParameters from problem


class ConsoleAdmin(admin.ModelAdmin):
    """A list and its pages for whoever holds one of the `readers` roles, or of `writers` to change.

    A superuser passes no further than anybody else.
    """

    readers: frozenset[Role] = frozenset()
    writers: frozenset[Role] = frozenset()
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200

    def has_module_permission(self, request) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None) -> bool:
        return bool(roles.of(request.user) & (self.readers | self.writers))

    def has_add_permission(self, request, obj=None) -> bool:
        return bool(roles.of(request.user) & self.writers)

    def has_change_permission(self, request, obj=None) -> bool:
        return bool(roles.of(request.user) & self.writers)

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def get_changelist(self, request, **kwargs):  # noqa: ARG002
        return ConsoleList

    def changelist_view(self, request, extra_context=None):
        """A list is called what it lists."""
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def response_action(self, request, queryset, *location):
        """Stock admin answers a selection that is no number with a 500."""
        if not all(_is_key(each) for each in request.POST.getlist("_selected_action")):
            self.message_user(request, _("This selection cannot be read."), messages.ERROR)
            return None
        return super().response_action(request, queryset, *location)


class ReadOnlyAdmin(ConsoleAdmin):
    """Rows that only the machine writes."""

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False


class ReferenceAdmin(ConsoleAdmin):
    """Settings kept as rows: the application administrator changes them, the auditor reads them."""

    readers = frozenset({Role.AUD})
    writers = frozenset({Role.ADM})
    object_history_template = "admin/incidents/history.html"
    help_texts: Mapping[str, Any] = {}  # for the fields whose models give none

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name in self.help_texts:
            field.help_text = self.help_texts[db_field.name]
        return field

    def construct_change_message(self, request, form, formsets, add=False):
        """Stock admin names the fields; here their values before and after stand beside."""
        parts: list[Any] = super().construct_change_message(request, form, formsets, add)
        if parts and (values := changes.of_form(form, is_new=add)):
            parts[0]["values"] = values
        return parts

    def history_view(self, request, object_id, extra_context=None):
        answer = super().history_view(request, object_id, extra_context)
        for entry in (getattr(answer, "context_data", None) or {}).get("action_list", []):
            entry.summary, entry.lines = changes.summary(entry), changes.lines(entry)
        return answer


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < KEY_DIGITS
