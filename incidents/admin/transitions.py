"""The steps of the lifecycle as pages: GET asks for a step's inputs, only POST takes it.

FSMAdminMixin is not used: measured, it runs transitions without asking for any right.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from incidents import lifecycle, rights
from incidents.admin import refusals
from incidents.admin.acts import ActPage
from incidents.admin.forms import StepForm
from incidents.admin.queue import take_over
from incidents.rights import Right
from incidents.steps import STEPS


class FromQueue(ActPage):
    """Taken from a row of the queue, it leads back there."""

    def back(self) -> str:
        if self.request.POST.get("back") == "queue":
            return reverse("admin:incidents_incident_changelist")
        return super().back()


class StepPage(FromQueue):
    template_name = "admin/incidents/step.html"

    def find(self, **keys: Any) -> None:
        super().find(**keys)
        if keys["step"] not in STEPS:
            raise Http404
        self.step = STEPS[keys["step"]]
        self.title = self.verb = self.step.label

    def is_allowed(self) -> bool:
        """Whoever sees the incident may ask; the lifecycle says what is lacking, also the right."""
        return True

    def form(self, data=None, files=None) -> StepForm:
        return StepForm(self.step, self.incident, data)

    def act(self, form) -> None:
        self.incident = lifecycle.transition(
            self.incident, self.step.name, by=self.request.user, inputs=form.typed()
        )
        self.done = _("%(reference)s is in %(state)s now.") % {
            "reference": self.incident.reference,
            "state": self.incident.get_state_display(),
        }

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
            "has_right": offer is not None,
            "wrong_state": self.incident.state != self.step.source,
            "before": [
                refusals.lack(reason, self.incident, step=self.step.name, fields=form.fields)
                for reason in reasons
                if reason.code != "reason_missing"
            ],
        }


class TakePage(FromQueue):
    """Become the owner, by one POST from the queue or the incident's page."""

    http_method_names = ["post"]

    def is_allowed(self) -> bool:
        return rights.allowed(self.request.user, Right.ACKNOWLEDGE)

    def post(self, request, **kwargs: Any):
        try:
            take_over(self.incident, request.user)
        except refusals.REFUSALS as problem:
            messages.error(request, f"{self.incident.reference}: {refusals.told(problem)}")
        else:
            messages.success(request, _("You own %s now.") % self.incident.reference)
        return redirect(self.back())
