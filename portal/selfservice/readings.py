"""What is new to somebody: how far they have read on a ticket, and what others wrote since."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from incidents import access
from incidents.models import Incident, TimelineEntry
from incidents.models.timeline import Kind
from portal.models import Reading

SAID = [Kind.MESSAGE, Kind.REPLY, Kind.SHARED_UPDATE]
SHOWN = [*SAID, Kind.EVIDENCE]
COUNTED_MOST = 9
LOOKED_AT = 100  # of each sort the newest: the count stands on every page and must stay cheap


def marked(incidents: QuerySet[Incident], reader, kinds: Iterable[str] = SHOWN) -> QuerySet:
    """`incidents`, each with `newest` from others and `read_to`, both numbers of entries."""
    theirs = TimelineEntry.objects.filter(
        incident=OuterRef("pk"), kind__in=kinds, is_public=True
    ).exclude(actor=reader)
    read = Reading.objects.filter(user=reader, incident=OuterRef("pk"))
    newest = Subquery(theirs.order_by("-sequence").values("sequence")[:1])
    return incidents.annotate(
        newest=Coalesce(newest, 0), read_to=Coalesce(Subquery(read.values("sequence")[:1]), 0)
    )


def is_unread(incident: Any) -> bool:
    """True when somebody else wrote on it since; for what marked() gives."""
    return incident.newest > incident.read_to


def unread_count(user) -> int:
    """How many tickets have something new, COUNTED_MOST + 1 when there are more. One query."""
    if not user.is_authenticated:
        return 0
    mine = _unread(access.tickets_of(user), user, SHOWN)
    shared = _unread(access.shared_with(user), user, [Kind.SHARED_UPDATE])
    return len(mine.union(shared, all=True)[: COUNTED_MOST + 1])


def _unread(incidents: QuerySet[Incident], user, kinds: Iterable[str]) -> QuerySet:
    newest = incidents.order_by("-pk").values("pk")[:LOOKED_AT]
    found = marked(Incident.objects.filter(pk__in=newest), user, kinds)
    return found.filter(newest__gt=F("read_to")).order_by().values("pk")


def is_reading(request: HttpRequest) -> bool:
    """True when a person opens the page: no HEAD, and no browser that fetches ahead."""
    names = ("Sec-Purpose", "Purpose", "X-Moz")
    purposes = " ".join(request.headers.get(name, "") for name in names)
    return request.method == "GET" and "prefetch" not in purposes.lower()


def note(user, incident: Incident, sequence: int) -> None:
    """`user` has seen the entries up to `sequence`. Never goes back."""
    reading, is_new = Reading.objects.get_or_create(
        user=user, incident=incident, defaults={"sequence": sequence}
    )
    if not is_new and reading.sequence < sequence:
        mine = Reading.objects.filter(pk=reading.pk, sequence__lt=sequence)
        mine.update(sequence=sequence)
