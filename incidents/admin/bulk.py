"""Acts on many incidents at once: each row by itself, by the rules that hold for one.

What a row lacks is told by its reference; the other rows are done all the same.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy, ngettext

from incidents import facts, grading, lifecycle, ownership
from incidents.admin.forms import Line, Lines, choice, person, team
from incidents.admin.refusals import REFUSALS, told
from incidents.models import Incident
from incidents.plain_text import TEXT_MOST
from incidents.states import Severity, WaitingOn

TOLD_MOST = 10
Act = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many rows were done, and each refused one with its reasons."""

    done: int
    refused: list[tuple[str, str]]


class AssignForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["owner"] = person(team(), label=gettext_lazy("Who owns them"))
        self.fields["owner"].required = True

    def act(self, incident: Incident, *, by) -> None:
        ownership.give(incident, self.cleaned_data["owner"], by=by)


class SeverityForm(forms.Form):
    severity = choice(Severity.choices, label=gettext_lazy("Severity"), required=True)
    why = Lines(2, label=gettext_lazy("Why"), max_length=TEXT_MOST, required=True)

    def act(self, incident: Incident, *, by) -> None:
        grading.regrade(
            incident,
            by=by,
            why=self.cleaned_data["why"],
            severity=int(self.cleaned_data["severity"]),
        )


class TagForm(forms.Form):
    tag = Line(label=gettext_lazy("Tag"), max_length=60, required=True)

    def act(self, incident: Incident, *, by) -> None:
        # The version: whoever changed the tags in between keeps theirs.
        wanted = {"tags": [*incident.tags, self.cleaned_data["tag"]]}
        facts.edit(incident, wanted, by=by, version=incident.version)


def acknowledge(incident: Incident, *, by) -> None:
    """Take this one step; whoever does it owns what nobody owned."""
    lifecycle.transition(incident, "acknowledge", by=by)


def wait_for_reporter(incident: Incident, *, by) -> None:
    """Mark that the next word is the reporter's."""
    facts.edit(incident, {"waiting_on": WaitingOn.REPORTER}, by=by)


def do(rows: Iterable[Any], act: Act, *, named: Callable[[Any], str] = str) -> Outcome:
    """`act` on each, in a transaction of its own."""
    done, refused = 0, []
    for row in rows:
        try:
            with transaction.atomic():
                act(row)
            done += 1
        except REFUSALS as problem:
            refused.append((named(row), told(problem)))
    return Outcome(done, refused)


def tell(request, outcome: Outcome) -> None:
    """One message for what was done, one for all that was refused."""
    n = len(outcome.refused)
    done = ngettext("Done for %(n)d incident.", "Done for %(n)d incidents.", outcome.done)
    refused = ngettext(
        "%(n)d incident was refused and stays as it was:",
        "%(n)d incidents were refused and stay as they were:",
        n,
    )
    tell_in(request, outcome, done % {"n": outcome.done}, refused % {"n": n})


def tell_in(request, outcome: Outcome, done: str, head: str) -> None:
    """The two messages in these words; none for what there is nothing of."""
    if outcome.done:
        messages.success(request, done)
    if not outcome.refused:
        return
    n = len(outcome.refused)
    rows = format_html_join("", "<li>{}: {}</li>", outcome.refused[:TOLD_MOST])
    messages.error(request, format_html("{}<ul>{}{}</ul>", head, rows, _more(n - TOLD_MOST)))


def _more(n: int) -> str:
    if n <= 0:
        return ""
    words = ngettext("and %(n)d more", "and %(n)d more", n) % {"n": n}
    return format_html("<li>{}</li>", words)


def asked(model_admin, request, incidents: list[Incident], form_class: Any, title: Any):
    """The page that asks what `form_class` needs; None once it was answered and done."""
    is_answer = "apply" in request.POST
    form = form_class(request.POST if is_answer else None)
    if is_answer and form.is_valid():
        tell(request, do(incidents, lambda incident: form.act(incident, by=request.user)))
        return None
    return asking(model_admin, request, incidents, form, title)


def asking(
    model_admin,
    request,
    rows: list[Any],
    form: forms.Form,
    title: Any,
    template: str = "admin/incidents/bulk.html",
) -> TemplateResponse:
    """The page with `form` and the chosen rows, to be sent to the list itself."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "form": form,
        "verb": title,
        "chosen": rows,
        "action": request.POST.getlist("action")[-1],
        "back": request.get_full_path(),
    }
    return TemplateResponse(request, template, context)
