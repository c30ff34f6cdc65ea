"""What was typed before signing in: kept in the session until it is sent."""

from typing import Any

from django.http import HttpRequest, QueryDict

from portal.selfservice.answers import ReportForm

NAME = "report-draft"
MOST_CHARACTERS = 60_000
MANY = {"workspaces", "virtual_machines", "data_kinds", "already_done"}


def keep(request: HttpRequest) -> None:
    """Remember the answers of a report that arrived without a sign-in; files cannot be kept."""
    found = answers(request.POST)
    if found and sum(len(str(each)) for each in found.values()) <= MOST_CHARACTERS:
        request.session[NAME] = found


def read(request: HttpRequest) -> dict[str, Any]:
    """The remembered answers, as initial values of the form."""
    return request.session.get(NAME, {})


def drop(request: HttpRequest) -> None:
    """Forget them: they were sent."""
    request.session.pop(NAME, None)


def answers(sent: QueryDict) -> dict[str, Any]:
    """What was typed and ticked, as initial values of the form."""
    typed = {name: list(filter(None, sent.getlist(name))) for name in ReportForm.base_fields}
    return {
        name: values if name in MANY else values[-1]
        for name, values in typed.items()
        if values and name != "form_key"
    }
