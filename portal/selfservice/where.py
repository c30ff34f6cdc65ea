"""Where it happened: the reporter's workspaces and machines by name, and others in words."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import answers, facts
from portal.selfservice.forms import Words, some_of, text
from portal.selfservice.questions import UNKNOWN, QuestionForm


class WhereForm(QuestionForm):
    """The reporter's workspaces and their machines; the names of others are never offered."""

    ALL = "*"

    workspaces = some_of([], label=gettext_lazy("Your workspaces"))
    workspaces_text = Words(
        label=gettext_lazy("Other workspaces, in your own words"),
        help_text=gettext_lazy("One on each line."),
        required=False,
        widget=text(2),
    )
    virtual_machines = some_of([], label=gettext_lazy("Your machines"))
    virtual_machines_text = Words(
        label=gettext_lazy("Other machines, in your own words"),
        help_text=gettext_lazy("Name or number, one on each line."),
        required=False,
        widget=text(2),
    )

    shown_at = {"workspaces": "workspaces_text", "virtual_machines": "virtual_machines_text"}

    def prepare(self) -> None:
        whose = self.incident.reporter or self.user  # on the phone, the caller's
        is_own = Q(members=whose) | Q(accountable=whose)
        mine = facts.nameable_workspaces(whose).filter(is_own).distinct()
        names = mine.values_list("name", flat=True)[: facts.NAMES_MOST + 1]
        self.names = self.offer("workspaces", {name: name for name in names})
        machines = facts.nameable_machines(whose).filter(workspace__in=mine)
        found = machines.values_list("name", "workspace__name")[: facts.NAMES_MOST + 1]
        labels = {name: f"{name} ({workspace})" for name, workspace in found}
        self.offer("virtual_machines", labels)

    def offer(self, name: str, labels: dict[str, str]) -> list[str]:
        """The choices of a field: these, as many as are taken, and what the report holds already.

        Gives their names, all of which can be ticked at once only when none is left out.
        """
        field: Any = self.fields[name]
        shown = dict(list(labels.items())[: facts.NAMES_MOST])
        if len(shown) < len(labels):
            cut = _("These are the first %(most)d. Write the others in your own words.")
            field.help_text = cut % {"most": facts.NAMES_MOST}
        shown |= {each: each for each in self.held(name) if each not in shown}
        is_whole = len(shown) <= facts.NAMES_MOST and shown.keys() >= labels.keys()
        everything = [(self.ALL, _("All of them"))] if is_whole and len(shown) > 1 else []
        rest = everything if name == "workspaces" else []
        field.choices = [*shown.items(), *rest, (UNKNOWN, _("I do not know"))]
        return list(shown)

    def held(self, name: str) -> list[str]:
        """What was ticked before and what that linked; what the team has linked is not told."""
        incident: Any = self.incident
        found = incident.questionnaire.answered.get("where", {}).get(name, [])
        if name not in answers.settled(incident):
            found = [*found, *getattr(incident, name).values_list("name", flat=True)]
        return [each for each in found if each not in {self.ALL, UNKNOWN}]

    def answers(self) -> dict[str, Any]:
        chosen = self.cleaned_data.get("workspaces", [])
        workspaces = self.names if self.ALL in chosen else chosen
        return {
            "workspaces_text": "",
            "workspaces": self.named("workspaces", workspaces),
            "virtual_machines_text": "",
            "virtual_machines": self.named(
                "virtual_machines", self.cleaned_data.get("virtual_machines", [])
            ),
        }

    def named(self, name: str, chosen: list[str]) -> list[str]:
        """The ticked names, then what was written; “unknown” is a word for the team to read."""
        return [*chosen, *lines(self.cleaned_data.get(f"{name}_text", ""))]


def lines(words: str) -> list[str]:
    """Names written one on each line or parted by commas."""
    return [name.strip() for name in words.replace(",", "\n").splitlines() if name.strip()]
