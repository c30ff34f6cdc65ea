"""Telling those who answer for a workspace that an update was shared; the words stay here."""

from django.db import transaction

from incidents import access, timeline
from incidents.models import Incident, TimelineEntry
from incidents.models.timeline import Kind
from workflows import alerts, paging
from workflows.models import Alert


@transaction.atomic
def tell(incident: Incident, entry: TimelineEntry) -> list[Alert]:
    """A mail to each Accountable, once for each update, and to the reporter, who reads it too."""
    people = [each for each in accountables(incident) if each.pk != incident.reporter_id]
    rows = paging.put(incident, [addressed(incident, entry, person) for person in people])
    if rows:
        timeline.append(
            incident,
            Kind.ALERT,
            by=None,
            text="An update was shared",
            data={"to": "accountables", "told": [str(person) for person in people]},
        )
    alerts.notify_reporter(incident, "reply", "an update was shared")
    return rows


def accountables(incident: Incident) -> list:
    """The people, each once, in the order of their workspaces."""
    found = [workspace.accountable for workspace in access.accountables(incident)]
    return list(dict.fromkeys(found))


def addressed(incident: Incident, entry: TimelineEntry, person) -> Alert:
    return paging.letter(
        incident,
        person,
        template="shared",
        why="An update was shared with the Accountable of a workspace",
        cause=f"shared-{entry.sequence}",
    )
