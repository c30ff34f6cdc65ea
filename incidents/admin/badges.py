"""Severity, priority, state and the like as badges: always a word, a shape and a colour."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from incidents.models import Incident


def severity(incident: Incident, *, short: bool = False) -> SafeString:
    label = f"SEV{incident.severity}" if short else incident.get_severity_display()
    return format_html('<span class="sev sev-{}">{}</span>', incident.severity, label)


def priority(incident: Incident) -> SafeString:
    return format_html(
        '<span class="prio prio-{}">{}</span>', incident.priority, incident.get_priority_display()
    )


def state(incident: Incident) -> SafeString:
    return format_html(
        '<span class="state state-{}">{}</span>', incident.state, incident.get_state_display()
    )


def icon(name: str, label: str = "") -> SafeString:
    """One symbol; with a label it is an image that says so, without it is decoration."""
    if label:
        return format_html(
            '<svg class="i" role="img" aria-label="{}"><use href="#i-{}"/></svg>', label, name
        )
    return format_html('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>', name)
