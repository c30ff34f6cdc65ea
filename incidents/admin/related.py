"""Related incidents in the console: the panel of the incident's page, and the form that links."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents import access, related, rights
from incidents.admin import badges, names
from incidents.admin.forms import Another, Line
from incidents.admin.panels import PANELS, Panel
from incidents.admin.record import RightPage
from incidents.models import Incident
from incidents.rights import Right


def related_panel(incident: Incident, user) -> dict[str, Any]:
    """Each related incident with why, and what may be done about it."""
    may_merge = not incident.is_closed and rights.allowed(user, Right.MERGE, incident)
    merge = reverse("admin:incidents_incident_transition", args=[incident.pk, "merge"])
    may_link = rights.allowed(user, Right.EDIT, incident)
    return {
        "rows": [
            {
                "incident": each.incident,
                "state": badges.state(each.incident),
                "whys": each.whys,
                "reporter": _reporter(each.incident, incident, user),
                "merge_url": f"{merge}?target={each.incident.reference}"
                if may_merge and not each.incident.is_closed
                else "",
            }
            for each in related.related(incident, user)
        ],
        "link_url": reverse("admin:incidents_incident_link", args=[incident.pk])
        if may_link
        else "",
        "is_duplicate": incident.duplicate_of_id is not None,
    }


def _reporter(other: Incident, incident: Incident, user) -> str:
    """Who reported a duplicate of this one, and is answered there."""
    if other.duplicate_of_id != incident.pk:
        return ""
    return names.reporter(other, is_known=access.may_know_reporter(user, other))


class LinkForm(forms.Form):
    other = Another(label=_("Incident"))
    note = Line(label=_("What they have to do with each other"), max_length=related.NOTE_MOST)


class LinkPage(RightPage):
    right = Right.EDIT
    title = _("Link an incident")
    verb = _("Link")
    intro = _("Both pages show the link, and why. Each stays an incident of its own.")
    anchor = "related"
    template_name = "admin/incidents/link.html"
    form_class = LinkForm

    def initial(self) -> dict[str, Any]:
        return {"other": self.request.GET.get("other", "")}

    def act(self, form) -> None:
        words = form.cleaned_data
        related.link(self.incident, words["other"], note=words["note"], by=self.request.user)

    def more(self, form) -> dict[str, Any]:
        return {"known": related.offered(self.incident, self.request.user)}


PANELS.append(Panel("related", _("Related"), "admin/incidents/related_panel.html", related_panel))
