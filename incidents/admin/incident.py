"""The incident in the console: its queue, its page, and the addresses of all that acts on it."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from incidents import presence, rights
from incidents.admin import composer, named, page, record, signatures, thread, undo
from incidents.admin.acts import incident_for
from incidents.admin.phone import PhonePage
from incidents.admin.queue import Queue
from incidents.admin.related import LinkPage
from incidents.admin.tasks import AddTaskPage
from incidents.admin.transitions import StepPage, TakePage
from incidents.models import Incident
from incidents.rights import Right


@admin.register(Incident)
class IncidentAdmin(Queue):
    """No stock form and no ModelForm: `state` is no field to be edited, and nothing is deleted."""

    def get_urls(self):
        site = self.admin_site
        one = "<int:pk>"
        acts = {
            "take": TakePage,
            "facts": record.FactsPage,
            "grade": record.GradePage,
            "breach": record.BreachPage,
            "milestone": record.MilestonePage,
            "assess": record.AssessPage,
            "write": composer.WritePage,
            "attack": record.AttackPage,
            "undo": undo.UndoPage,
            "evidence": record.EvidencePage,
            "task": AddTaskPage,
            "link": LinkPage,
            "restrict": named.RestrictPage,
            "lift": named.LiftPage,
        }
        return [
            path("", site.admin_view(self.changelist_view), name="incidents_incident_changelist"),
            path("add/", PhonePage.at(site), name="incidents_incident_add"),
            path("export.csv", self._view(self.csv_view), name="incidents_incident_csv"),
            path("export.xlsx", self._view(self.xlsx_view), name="incidents_incident_xlsx"),
            path(f"{one}/change/", self._view(self.page_view), name="incidents_incident_change"),
            path(
                f"{one}/transition/<slug:step>/",
                StepPage.at(site),
                name="incidents_incident_transition",
            ),
            path(
                f"{one}/evidence/<int:file>/",
                self._view(record.download),
                name="incidents_incident_evidence_content",
            ),
            path(
                f"{one}/presence/",
                site.admin_view(require_POST(self.presence_view)),
                name="incidents_incident_presence",
            ),
            path(
                f"{one}/signature/<int:signature>/<slug:answer>/",
                signatures.AnswerPage.at(site),
                name="incidents_incident_signature",
            ),
            path(
                f"{one}/named/<slug:change>/",
                named.NamePage.at(site),
                name="incidents_incident_named",
            ),
            path(f"{one}/people/", self._view(composer.people), name="incidents_incident_people"),
            *(
                path(f"{one}/{name}/", act.at(site), name=f"incidents_incident_{name}")
                for name, act in acts.items()
            ),
        ]

    def _view(self, view):
        return self.admin_site.admin_view(require_safe(view))

    def page_view(self, request, pk: int):
        """The page of one incident."""
        incident = incident_for(request.user, pk)
        if not rights.allowed(request.user, Right.SEE_INTERNAL, incident):
            raise PermissionDenied
        presence.note(incident, by=request.user)
        view = request.GET.get("show", "all")
        shown = page.context(
            incident,
            request.user,
            view=view if view in thread.VIEWS else "all",
            everything="everything" in request.GET,
            macro=request.GET.get("macro", ""),
        )
        context = {
            **self.admin_site.each_context(request),
            "title": f"{incident.reference} {incident.subject}",
            **shown,
        }
        return TemplateResponse(request, "admin/incidents/incident/page.html", context)

    def presence_view(self, request, pk: int):
        """The page says that it is still looked at, and hears who else is there."""
        incident = incident_for(request.user, pk)
        if not rights.allowed(request.user, Right.SEE_INTERNAL, incident):
            raise PermissionDenied
        presence.note(incident, by=request.user, editing=request.POST.get("editing") == "1")
        return JsonResponse({"present": page.present(incident, request.user)})
