"""Who is at an incident now. Nobody is locked out by it: it only spares double work."""

from datetime import timedelta

from incidents import clock
from incidents.models import Incident, Presence

FRESH = timedelta(seconds=60)


def note(incident: Incident, *, by, editing: bool = False) -> None:
    """`by` looks at the incident now, or writes on it."""
    row = Presence(incident=incident, person=by, seen_at=clock.now(), is_editing=editing)
    Presence.objects.bulk_create(  # one statement, whether there is a row already or not
        [row],
        update_conflicts=True,
        unique_fields=["incident", "person"],
        update_fields=["seen_at", "is_editing"],
    )


def others(incident: Incident, user) -> list[Presence]:
    """Whoever else was here within the last minute, writers first. One query."""
    fresh = Presence.objects.filter(incident=incident, seen_at__gte=clock.now() - FRESH)
    people = fresh.filter(person__is_active=True).exclude(person=user).select_related("person")
    return list(people.order_by("-is_editing", "person__first_name", "person__username"))
