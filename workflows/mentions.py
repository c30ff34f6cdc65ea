"""Telling the people whom a note calls by name; what it says stays in the console."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from incidents import timeline
from incidents.models import Incident, TimelineEntry
from incidents.models.timeline import Kind
from workflows import paging
from workflows.models import Alert


@transaction.atomic
def tell(incident: Incident, entry: TimelineEntry, people: Sequence[Any]) -> list[Alert]:
    """A mail to each of `people`, once for each note, in its transaction."""
    rows = paging.put(incident, [addressed(incident, entry, each) for each in people if each.email])
    if rows:
        told = [str(row.recipient) for row in rows]
        data = {"to": "mentioned", "told": told}
        text = "Called by name in a note"
        timeline.append(incident, Kind.ALERT, by=None, text=text, data=data)
    return rows


def addressed(incident: Incident, entry: TimelineEntry, person) -> Alert:
    return paging.letter(
        incident,
        person,
        template="mention",
        why="Called by name in an internal note",
        cause=f"mention-{entry.sequence}",
    )
