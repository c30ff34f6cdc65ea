"""Pages that change the record: facts, grades, breach, milestones, assessments, words and files."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import (
    access,
    attack,
    breach,
    downloads,
    evidence,
    facts,
    grading,
    milestones,
    rights,
    risk,
    signatures,
)
from incidents.admin import undo
from incidents.admin.acts import ActPage, incident_for
from incidents.admin.assessment_form import AssessmentForm
from incidents.admin.clashes import ClashPage
from incidents.admin.record_forms import (
    AttackForm,
    BreachForm,
    EvidenceForm,
    FactsForm,
    GradeForm,
    MilestoneForm,
)
from incidents.admin.transitions import FromQueue
from incidents.models import Evidence, SecondSignature
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.states import Priority


class RightPage(ActPage):
    """A page for those who hold one right on the incident."""

    right: Right

    def is_allowed(self) -> bool:
        return rights.allowed(self.request.user, self.right, self.incident)


class FactsPage(ClashPage, RightPage):
    right = Right.EDIT
    title = gettext_lazy("Edit the facts")
    intro = gettext_lazy("Every old and new value goes to the timeline.")

    def form(self, data=None, files=None) -> FactsForm:
        return FactsForm(
            self.incident,
            data,
            user=self.request.user,
            knows_reporter=access.may_know_reporter(self.request.user, self.incident),
        )

    def act(self, form) -> None:
        self.before = undo.values(self.incident)
        self.changed = set(form.changes())
        self.incident = facts.edit(
            self.incident,
            form.changes(),
            by=self.request.user,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )

    def tell(self) -> None:
        if self.changed <= set(undo.UNDOABLE):
            undo.offer(self.request, str(self.done), self.before, self.incident)
        else:
            super().tell()


class GradePage(ClashPage, FromQueue, RightPage):
    kinds = (Kind.PRIORITY,)
    right = Right.RAISE_PRIORITY
    title = gettext_lazy("Severity and priority")
    intro = gettext_lazy(
        "Severity is how bad it is, urgency how fast it gets worse. Without a priority of your own "
        "it follows from both, and is never lowered by itself."
    )
    template_name = "admin/incidents/grade.html"
    form_class = GradeForm

    def form(self, data=None, files=None) -> GradeForm:
        may_classify = rights.allowed(self.request.user, Right.CLASSIFY, self.incident)
        form = GradeForm(self.incident, data, may_classify=may_classify)
        if self.incident.priority <= Priority.P2 and rights.allowed(
            self.request.user, Right.LOWER_PRIORITY, self.incident
        ):
            form.offer_second_person()
        return form

    def act(self, form) -> None:
        if form.cleaned_data.get("ask_second"):
            self._ask(form)
            return
        grading.regrade(
            self.incident,
            by=self.request.user,
            version=form.cleaned_data["version"],
            **form.grades(),
        )

    def _ask(self, form) -> None:
        grades = {name: value for name, value in form.grades().items() if value is not None}
        why = grades.pop("why", "")
        lower = SecondSignature.Act.LOWER_PRIORITY
        signatures.ask(self.incident, lower, grades, by=self.request.user, reason=why)
        self.done = _("Asked. It is done when the second person agrees.")

    def more(self, form) -> dict[str, Any]:
        return {
            **super().more(form),
            "matrix": [(f"SEV{number}", row) for number, row in enumerate(grading.MATRIX, 1)],
            "floors": grading.floors(self.incident),
        }


class BreachPage(RightPage):
    right = Right.EDIT
    title = gettext_lazy("Personal data breach")
    intro = gettext_lazy(
        "Anybody in the team may suspect a breach. Confirming it and ruling it out is the data "
        "protection officer's."
    )
    form_class = BreachForm

    def is_allowed(self) -> bool:
        held = (Right.EDIT, Right.RULE_OUT_BREACH)
        return any(rights.allowed(self.request.user, each, self.incident) for each in held)

    def initial(self) -> dict[str, Any]:
        return {
            "breach_status": self.incident.breach_status,
            "breach_reason": self.incident.breach_reason,
        }

    def act(self, form) -> None:
        words = form.cleaned_data
        breach.judge(
            self.incident,
            words["breach_status"],
            by=self.request.user,
            reason=words["breach_reason"],
        )


class MilestonePage(RightPage):
    right = Right.EDIT
    title = gettext_lazy("Set a milestone")
    intro = gettext_lazy("The old value stays on the timeline.")
    anchor = "milestones"
    form_class = MilestoneForm

    def is_allowed(self) -> bool:
        held = (Right.EDIT, Right.SET_AWARENESS)
        return any(rights.allowed(self.request.user, each, self.incident) for each in held)

    def initial(self) -> dict[str, Any]:
        return {"milestone": self.request.GET.get("name", "")}

    def act(self, form) -> None:
        words = form.cleaned_data
        milestones.record(
            self.incident,
            words["milestone"],
            form.moment(),
            by=self.request.user,
            reason=words["reason"],
            precision=words["precision"],
        )


class AssessPage(RightPage):
    right = Right.ASSESS
    title = gettext_lazy("Risk assessment")
    verb = gettext_lazy("Save this version")
    intro = gettext_lazy("A saved version never changes; a correction is the next version.")
    anchor = "assessments"

    def form(self, data=None, files=None) -> AssessmentForm:
        return AssessmentForm(self.incident, data, user=self.request.user)

    def act(self, form) -> None:
        saved = risk.assess(self.incident, by=self.request.user, **form.fields_of_record())
        self.done = _("Version %(version)d is saved: score %(score)d, %(band)s.") % {
            "version": saved.version,
            "score": saved.score,
            "band": risk.band_of(saved.score).label,
        }


class AttackPage(RightPage):
    """An act of the attacker, with the moment at which it happened."""

    right = Right.NOTE
    title = gettext_lazy("What the attacker did")
    verb = gettext_lazy("Add")
    intro = gettext_lazy(
        "Goes to the attack timeline by the time it happened. When it was typed in is kept too."
    )
    done = gettext_lazy("Added to the attack timeline.")
    form_class = AttackForm

    def act(self, form) -> None:
        words = form.cleaned_data
        attack.note(
            self.incident,
            words["text"],
            happened_at=words["happened_at"],
            precision=words["precision"],
            by=self.request.user,
        )

    def back(self) -> str:
        page = reverse("admin:incidents_incident_change", args=[self.incident.pk])
        return f"{page}?show=attack#h-thread"


class EvidencePage(RightPage):
    right = Right.ADD_EVIDENCE
    title = gettext_lazy("Add evidence")
    verb = gettext_lazy("Add")
    intro = gettext_lazy("A file is hashed while it comes in, and never changed.")
    anchor = "evidence"
    form_class = EvidenceForm

    def act(self, form) -> None:
        evidence.store(self.incident, form.cleaned_data["file"], by=self.request.user)


def download(request, pk: int, file: int) -> FileResponse:
    """The file as it came, as an attachment; opening it is an event of its chain of custody."""
    incident = incident_for(request.user, pk)
    found = Evidence.objects.filter(incident=incident, pk=file).first()
    if found is None:
        raise Http404
    if not rights.allowed(request.user, Right.OPEN_EVIDENCE, incident):
        raise PermissionDenied
    return downloads.attachment(found, by=request.user, purpose=request.GET.get("purpose", ""))
