"""What was typed before signing in: kept in the session until it is sent."""

from typing import Any

from django.http import HttpRequest, QueryDict

from portal.selfservice.answers import ReportForm

NAME = "report-draft"
MOST_CHARACTERS = 60_000
MANY = {"workspaces", "virtual_machines", "data_kinds", "already_done"}


def keep(request: HttpRequest) -> None:
    """Remember the answers of a report that arrived without a sign-in; files cannot be kept."""
    answers = dict(_answers(request.POST))
    if answers and sum(len(str(each)) for each in answers.values()) <= MOST_CHARACTERS:
        request.session[NAME] = answers


def read(request: HttpRequest) -> dict[str, Any]:
    """The remembered answers, as initial values of the form."""
    return request.session.get(NAME, {})


def drop(request: HttpRequest) -> None:
    """Forget them: they were sent."""
    request.session.pop(NAME, None)


def _answers(sent: QueryDict):
    for name in ReportForm.base_fields:
        values = [value for value in sent.getlist(name) if value]
        if values and name != "form_key":
            yield name, values if name in MANY else values[-1]
