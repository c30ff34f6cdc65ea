"""How the console calls the reporter."""

from django.utils.translation import gettext as _

from incidents.models import Incident


def reporter(incident: Incident, *, is_known: bool) -> str:
    """The name of whoever reported it; `is_known` is what access.may_know_reporter() says."""
    if not is_known:
        return _("Reporter, name kept confidential")
    return incident.contact_name or str(incident.reporter or "") or _("a tool")
