"""Taking an incident for a change, and giving it back with a higher version."""

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.models import Incident


class Closed(Exception):
    """The incident is closed and read-only."""

    code = "incident_closed"

    def __init__(self) -> None:
        super().__init__(_("This incident is closed. Reopen it to change it."))


class Stale(Exception):
    """Somebody else changed the incident since it was read. `current` is the version it has now."""

    def __init__(self, current: int):
        self.current = current
        super().__init__(_("Somebody else changed this incident meanwhile. Read it again."))


def lock(incident: Incident, *, version: int | None = None) -> Incident:
    """The incident as it is now, locked until the transaction ends.

    Raises Stale when `version` is given and is not the one it has. Lock the incident before its
    children: guards read them.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("Lock an incident inside a transaction.")
    locked = Incident.objects.select_for_update().get(pk=incident.pk)
    if version is not None and locked.version != version:
        raise Stale(locked.version)
    return locked


def lock_together(*keys: int) -> None:
    """Lock several incidents, the lower number first, so that nobody waits in a circle."""
    rows = Incident.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    list(rows.values_list("pk"))


def lock_open(incident: Incident, *, version: int | None = None) -> Incident:
    """Like lock(), for changes that a closed incident refuses. Raises Closed."""
    locked = lock(incident, version=version)
    if locked.is_closed:
        raise Closed
    return locked


def save(incident: Incident, *fields: str) -> None:
    """Save these fields, or all when none is named, and count the version up."""
    incident.version += 1
    if fields:
        incident.save(update_fields=[*fields, "version", "updated_at"])
    else:
        incident.save()
