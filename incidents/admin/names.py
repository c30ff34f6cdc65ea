"""The reporter's name, and who may know it when the reporter asked to keep it confidential."""

from django.utils.translation import gettext as _

from incidents import rights
from incidents.models import Incident
from incidents.rights import Right


def may_know_reporter(user, incident: Incident) -> bool:
    if not incident.is_name_confidential:
        return True
    return rights.allowed(user, Right.SEE_REPORTER, incident)


def reporter(incident: Incident, *, is_known: bool) -> str:
    """How a page calls whoever reported it."""
    if not is_known:
        return _("Reporter, name kept confidential")
    return incident.contact_name or str(incident.reporter or "") or _("a tool")
