"""The steps of the lifecycle as pages: GET asks for a step's inputs, only POST takes it.

FSMAdminMixin is not used: measured, it runs transitions without asking for any right.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from incidents import lifecycle, ownership, related, rights, signatures
from incidents.admin import chips, page, refusals, undo
from incidents.admin.acts import ActPage, incident_for
from incidents.admin.forms import StepForm
from incidents.models import Incident
from incidents.rights import Right
from incidents.roles import Role
from incidents.states import State
from incidents.steps import STEPS, Step


class FromQueue(ActPage):
    """Taken from a row of the queue, it leads back there, filters and all."""

    def back(self) -> str:
        if "queue" in (self.request.POST.get("back"), self.request.GET.get("back")):
            return chips.as_left(self.request, reverse("admin:incidents_incident_changelist"))
        return super().back()


class StepPage(FromQueue):
    template_name = "admin/incidents/step.html"

    def find(self, **keys: Any) -> None:
        super().find(**keys)
        if keys["step"] not in STEPS:
            raise Http404
        self.step = STEPS[keys["step"]]
        self.title = self.verb = self.step.label
        act = signatures.ACT_OF.get(self.step.name)
        self.takes_two = act is not None and signatures.takes_two(self.incident, act)
        if self.takes_two:
            self.verb = _("Ask for the second signature")

    def is_allowed(self) -> bool:
        """Whoever reads what the team writes may ask; the lifecycle says what is lacking."""
        return rights.allowed(self.request.user, Right.SEE_INTERNAL, self.incident)

    def form(self, data=None, files=None) -> StepForm:
        form = StepForm(self.step, self.incident, data, takes_two=self.takes_two)
        if "target" in form.fields:
            form.initial["target"] = self.request.GET.get("target", "")
        return form

    def act(self, form) -> None:
        if form.cleaned_data.get("ask_second"):
            self._ask(form)
            return
        self.incident = lifecycle.transition(
            self.incident, self.step.name, by=self.request.user, inputs=form.typed()
        )
        self.done = _("%(reference)s is in %(state)s now.") % {
            "reference": self.incident.reference,
            "state": self.incident.get_state_display(),
        }

    def _ask(self, form) -> None:
        act = signatures.ACT_OF[self.step.name]
        signatures.ask(self.incident, act, form.typed(), by=self.request.user, reason=form.why())
        self.done = _("Asked. It is done when the second person agrees.")

    def lacks(self, problem, form) -> list[refusals.Lack]:
        return [
            refusals.lack(reason, self.incident, step=self.step.name, fields=form.fields)
            for reason in problem.reasons
        ]

    def heading(self) -> str:
        return f"{self.step.label} {self.incident.reference}, {self.incident.subject}"

    def more(self, form) -> dict[str, Any]:
        offer = next(
            (
                each
                for each in lifecycle.steps_for(self.incident, self.request.user)
                if each.step == self.step
            ),
            None,
        )
        reasons = offer.reasons if offer and not form.is_bound else []
        return {
            "step": self.step,
            "known": self._known(form),
            "has_right": offer is not None,
            "takers": _takers(self.step),
            "wrong_state": self.incident.state not in self.step.sources,
            "before": [
                refusals.lack(reason, self.incident, step=self.step.name, fields=form.fields)
                for reason in reasons
                if reason.code not in page.ASKED_ANYWAY
            ],
        }

    def _known(self, form) -> list[Incident]:
        """The incidents to choose from, where the step asks for one."""
        return related.offered(self.incident, self.request.user) if "target" in form.fields else []


class TakePage(FromQueue):
    """Become the owner, by one POST from the queue or the incident's page."""

    http_method_names = ["post"]

    def is_allowed(self) -> bool:
        return rights.allowed(self.request.user, Right.ACKNOWLEDGE, self.incident)

    def post(self, request, **kwargs: Any):
        was_new, before = self.incident.state == State.NEW, undo.values(self.incident)
        try:
            ownership.take(self.incident, by=request.user)
        except refusals.REFUSALS as problem:
            messages.error(request, f"{self.incident.reference}: {refusals.told(problem)}")
        else:
            sentence = _("You own %s now.") % self.incident.reference
            now = incident_for(request.user, self.incident.pk)
            # An acknowledgement has told others already: that cannot be taken back.
            undo.offer(request, sentence, undo.values(now) if was_new else before, now)
        return redirect(self.back())


def _takers(step: Step) -> str:
    """Whose step it is, in the order of the roles."""
    return ", ".join(str(role.label) for role in Role if role in rights.ANYWHERE[step.right])
