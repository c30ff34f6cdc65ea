"""Filters of a list as chips: what holds now, each with the address without it."""

from django.contrib.admin.views.main import SEARCH_VAR


class ChipsMixin:
    """For a ModelAdmin whose template includes admin/incidents/chips.html."""

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)  # type: ignore[misc]
        shown = getattr(response, "context_data", None) or {}
        if "cl" in shown:
            shown["chips"] = chips(shown["cl"])
            shown["without_words"] = shown["cl"].get_query_string(remove=[SEARCH_VAR])
        return response


def chips(changelist) -> list[dict[str, str]]:
    """One for each filter of which something other than its first choice holds."""
    found = []
    for spec in changelist.filter_specs:
        options = list(spec.choices(changelist))
        chosen = next((option for option in options[1:] if option["selected"]), None)
        if chosen is not None:
            found.append(
                {
                    "title": spec.title,
                    "value": chosen["display"],
                    "without": options[0]["query_string"],
                }
            )
    return found
