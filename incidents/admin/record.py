"""Pages that change the record: facts, grades, breach, milestones, assessments, words and files."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import (
    access,
    breach,
    conversation,
    downloads,
    evidence,
    facts,
    grading,
    milestones,
    rights,
    risk,
)
from incidents.admin import names, sharing
from incidents.admin.acts import ActPage, incident_for
from incidents.admin.assessment_form import AssessmentForm
from incidents.admin.record_forms import (
    BreachForm,
    EvidenceForm,
    FactsForm,
    GradeForm,
    MilestoneForm,
    WriteForm,
)
from incidents.models import Evidence
from incidents.rights import Right


class RightPage(ActPage):
    """A page for those who hold one right on the incident."""

    right: Right

    def is_allowed(self) -> bool:
        return rights.allowed(self.request.user, self.right, self.incident)


class FactsPage(RightPage):
    right = Right.EDIT
    title = gettext_lazy("Edit the facts")
    intro = gettext_lazy("Every old and new value goes to the timeline.")
    template_name = "admin/incidents/facts.html"
    conflicts: list[dict[str, str]] = []  # noqa: RUF012 - replaced, never changed

    def form(self, data=None, files=None) -> FactsForm:
        return FactsForm(
            self.incident,
            data,
            user=self.request.user,
            knows_reporter=access.may_know_reporter(self.request.user, self.incident),
        )

    def act(self, form) -> None:
        facts.edit(
            self.incident,
            form.changes(),
            by=self.request.user,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )

    def is_stale(self, form) -> None:
        """Show both texts; sending the form again is then a decision."""
        self.conflicts = form.conflicts()
        form.data = form.data.copy()
        form.data["version"] = str(self.incident.version)

    def more(self, form) -> dict[str, Any]:
        return {"conflicts": self.conflicts}


class GradePage(RightPage):
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
        return GradeForm(self.incident, data, may_classify=may_classify)

    def act(self, form) -> None:
        grading.regrade(self.incident, by=self.request.user, **form.grades())

    def more(self, form) -> dict[str, Any]:
        return {
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


class WritePage(RightPage):
    """An internal note, a reply that the reporter sees, or an update for the workspaces."""

    right = Right.NOTE
    title = gettext_lazy("Write")
    template_name = "admin/incidents/write.html"
    form_class = WriteForm
    anchor = "h-thread"

    def initial(self) -> dict[str, Any]:
        return {"audience": "internal"}

    def act(self, form) -> None:
        words = form.cleaned_data
        if words["audience"] == "public":
            conversation.reply(
                self.incident, words["text"], by=self.request.user, asks=words["asks"]
            )
            self.done = _("Sent to the reporter.")
        elif words["audience"] == "workspaces":
            conversation.share(self.incident, words["text"], by=self.request.user)
            self.done = _("Shared with the Accountables of the workspaces.")
        else:
            conversation.note(self.incident, words["text"], by=self.request.user)
            self.done = _("Note added.")

    def more(self, form) -> dict[str, Any]:
        return {
            "may_reply": rights.allowed(self.request.user, Right.REPLY, self.incident),
            "shares_with": sharing.readers(self.incident, self.request.user),
            "reporter_name": names.reporter(
                self.incident,
                is_known=access.may_know_reporter(self.request.user, self.incident),
            ),
        }


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
