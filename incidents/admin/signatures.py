"""The second signature in the console: who asked for what and why, and the two answers."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import rights, signatures
from incidents.admin.acts import ActPage
from incidents.admin.forms import Lines
from incidents.models import Incident, SecondSignature
from incidents.plain_text import TEXT_MOST
from incidents.rights import Right
from incidents.states import Outcome, Priority, Severity, Urgency

ANSWERS = {
    "agree": gettext_lazy("Agree"),
    "decline": gettext_lazy("Decline"),
    "withdraw": gettext_lazy("Withdraw"),
}
GRADES: dict[str, Any] = {"severity": Severity, "urgency": Urgency, "priority": Priority}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One open request as the incident's page shows it."""

    asked: SecondSignature
    sentence: str
    may_sign: bool
    is_mine: bool


def waiting_on(incident: Incident, user) -> list[Waiting]:
    """The open requests of an incident. One query, and a few for each request."""
    rows = incident.signatures.filter(answer="").select_related("asked_by", "incident")
    return [
        Waiting(
            row,
            signatures.sentence(row),
            signatures.may_sign(user, row),
            row.asked_by_id == user.pk,
        )
        for row in rows
    ]


def inputs_of(asked: SecondSignature) -> list[tuple[str, str]]:
    """What will be written when somebody agrees, as label and value."""
    wanted = signatures.wanted(asked)
    return [(_label(name), _value(name, value)) for name, value in wanted.items() if value]


def _label(name: str) -> str:
    if name in {"scales", "reason"}:
        return _("Scales") if name == "scales" else _("Reason")
    return capfirst(str(Incident._meta.get_field(name).verbose_name))


def _value(name: str, value: Any) -> str:
    if name in GRADES and value in GRADES[name].values:
        return str(GRADES[name](value).label)
    if name == "outcome":
        return str(dict(Outcome.choices).get(value, value))
    if isinstance(value, dict):
        return ", ".join(f"{each} {level}" for each, level in value.items())
    return str(value)


class AnswerForm(forms.Form):
    note = Lines(3, label=gettext_lazy("Note"), max_length=TEXT_MOST)


class AnswerPage(ActPage):
    """Agree, decline or withdraw, with a note; GET shows what was asked, only POST answers."""

    template_name = "admin/incidents/signature.html"
    form_class = AnswerForm

    def find(self, **keys: Any) -> None:
        super().find(**keys)
        rows = self.incident.signatures.select_related("asked_by", "incident")
        asked = rows.filter(pk=keys["signature"]).first()
        if asked is None or keys["answer"] not in ANSWERS:
            raise Http404
        self.asked, self.answer = asked, keys["answer"]
        self.title = self.verb = ANSWERS[self.answer]

    def is_allowed(self) -> bool:
        """Whoever reads what the team writes may look; the record says who may answer."""
        return rights.allowed(self.request.user, Right.SEE_INTERNAL, self.incident)

    def act(self, form) -> None:
        note, user = form.cleaned_data["note"], self.request.user
        if self.answer == "agree":
            signatures.agree(self.asked, by=user, note=note)
            self.done = _("You agreed, and it is done.")
        elif self.answer == "decline":
            signatures.decline(self.asked, by=user, note=note)
            self.done = _("Declined. Nothing was changed.")
        else:
            signatures.withdraw(self.asked, by=user, note=note)
            self.done = _("Withdrawn.")

    def more(self, form) -> dict[str, Any]:
        return {
            "asked": self.asked,
            "sentence": signatures.sentence(self.asked),
            "inputs": inputs_of(self.asked),
            "is_over": bool(self.asked.answer),
        }
