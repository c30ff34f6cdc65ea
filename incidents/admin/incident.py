"""The incident in the console: its queue, its page, and the addresses of all that acts on it."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_safe

from incidents import rights, timeline
from incidents.admin import page, record, thread
from incidents.admin.acts import incident_for
from incidents.admin.phone import PhonePage
from incidents.admin.queue import Queue
from incidents.admin.tasks import AddTaskPage
from incidents.admin.transitions import StepPage, TakePage
from incidents.models import Incident
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.states import Confidentiality


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
            "write": record.WritePage,
            "evidence": record.EvidencePage,
            "task": AddTaskPage,
        }
        return [
            path("", site.admin_view(self.changelist_view), name="incidents_incident_changelist"),
            path("add/", PhonePage.at(site), name="incidents_incident_add"),
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
            *(
                path(f"{one}/{name}/", act.at(site), name=f"incidents_incident_{name}")
                for name, act in acts.items()
            ),
        ]

    def _view(self, view):
        return self.admin_site.admin_view(require_safe(view))

    def page_view(self, request, pk: int):
        """The page of one incident; looking at a restricted one is put on record."""
        incident = incident_for(request.user, pk)
        if not rights.allowed(request.user, Right.SEE_INTERNAL, incident):
            raise PermissionDenied
        if incident.confidentiality == Confidentiality.RESTRICTED:
            timeline.append(incident, Kind.ACCESS, by=request.user, text="looked at this incident")
        view = request.GET.get("show", "all")
        shown = page.context(
            incident,
            request.user,
            view=view if view in thread.VIEWS else "all",
            everything="everything" in request.GET,
        )
        context = {
            **self.admin_site.each_context(request),
            "title": f"{incident.reference} {incident.subject}",
            **shown,
        }
        return TemplateResponse(request, "admin/incidents/incident/page.html", context)
