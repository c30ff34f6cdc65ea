"""Filters of a list as chips: what holds now, each with the address without it."""

from django.contrib.admin.views.main import ERROR_FLAG, SEARCH_VAR
from django.urls import reverse

from incidents.admin import counting
from incidents.admin.filters import EVERYTHING, DefaultFilter

SEEN = "lists_as_left"
LONGEST = 1000


class ChipsMixin:
    """For a ModelAdmin whose template includes admin/incidents/chips.html."""

    def counted(self, request, query: str, *, most: int) -> int | None:
        """How many rows the list has with these filters; None if they cannot be read."""
        return counting.count(self, request, query, most=most)

    def as_left(self, request) -> str:
        """Where this person last was in the list."""
        page = self.opts.model_name  # type: ignore[attr-defined]
        return as_left(request, reverse(f"admin:incidents_{page}_changelist"))

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)  # type: ignore[misc]
        shown = getattr(response, "context_data", None) or {}
        if "cl" in shown:
            shown["chips"] = chips(shown["cl"])
            shown["without_words"] = shown["cl"].get_query_string(remove=[SEARCH_VAR])
            _remember(request)
        return response


def as_left(request, url: str) -> str:
    """The address of a list with the filters that this person last looked at it through."""
    query = request.session.get(SEEN, {}).get(url, "")
    return f"{url}?{query}" if query else url


def _remember(request) -> None:
    """Keep the filters: whoever opens a row and comes back finds them."""
    seen = request.session.get(SEEN, {})
    query = request.GET.urlencode()
    if ERROR_FLAG in request.GET or len(query) > LONGEST or seen.get(request.path, "") == query:
        return
    request.session[SEEN] = {**seen, request.path: query}


def chips(changelist) -> list[dict[str, str]]:
    """One for each filter that holds, also for the one that holds unasked."""
    found = []
    for spec in changelist.filter_specs:
        options = list(spec.choices(changelist))
        chosen = next((option for option in options if option["selected"]), None)
        without = _without(spec, options, changelist)
        if chosen is not None and chosen["query_string"] != without:
            found.append({"title": spec.title, "value": chosen["display"], "without": without})
    return found


def _without(spec, options, changelist) -> str:
    """The address without this filter. One that holds unasked is taken away by asking for all."""
    if isinstance(spec, DefaultFilter) and options[0]["selected"]:
        return changelist.get_query_string({spec.parameter_name: EVERYTHING})
    return options[0]["query_string"]
