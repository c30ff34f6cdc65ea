"""The timeline: append-only, chained by hash, so that a changed or missing entry shows.

h(n) = SHA-256(h(n-1) || canonical JSON of entry n), one chain for each incident (DOMAIN.md 10).
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import translation

from incidents import clock
from incidents.models import Incident
from incidents.models.timeline import Kind, TimelineEntry, TimelineHead

MACHINE = "Tocsin"
NAME_MOST = 200
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Break:
    """The first bad entry of a chain, and what is wrong with it."""

    incident_id: int
    sequence: int
    problem: str


# No savepoint of its own: half of what an entry tells of must not stand without it.
@transaction.atomic(savepoint=False)
def append(
    incident,
    kind: Kind,
    *,
    by,
    text: str = "",
    data: dict[str, Any] | None = None,
    public: bool = False,
) -> TimelineEntry:
    """Write one entry; `by` is a user, or None for the machine. Three queries.

    `public` entries are shown to the reporter word for word. Raises ValueError when `data` holds
    a float: databases do not agree on how to write one, and the hash must be the same in all.
    """
    head = TimelineHead.objects.select_for_update().filter(pk=incident.pk).first()
    head = head or TimelineHead.objects.create(incident_id=incident.pk, length=0, hash=GENESIS)
    entry = TimelineEntry(
        incident_id=incident.pk,
        sequence=head.length + 1,
        at=clock.now(),
        kind=kind,
        actor=by,
        actor_name=name_of(by),
        text=text,
        data=_plain(data or {}),
        is_public=public,
        previous_hash=head.hash,
    )
    entry.hash = digest(entry)
    entry.save(force_insert=True)
    TimelineHead.objects.filter(pk=incident.pk).update(length=entry.sequence, hash=entry.hash)
    return entry


def name_of(person) -> str:
    """How the record names whoever acted; None is the machine. Fits every column for names."""
    return str(person)[:NAME_MOST] if person else MACHINE


def in_english(words) -> str:
    """Words of the interface as the record keeps them: it speaks one language to all readers."""
    with translation.override("en"):
        return str(words)


def digest(entry: TimelineEntry) -> str:
    """The SHA-256 that `entry` must carry, as 64 hexadecimal digits."""
    content = {
        "incident": entry.incident_id,
        "sequence": entry.sequence,
        "at": entry.at.isoformat(timespec="microseconds"),
        "kind": str(entry.kind),
        "actor": entry.actor_id,
        "actor_name": entry.actor_name,
        "text": entry.text,
        "data": entry.data,
        "public": entry.is_public,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256((entry.previous_hash + canonical).encode()).hexdigest()


def breaks(incident_ids: list[int] | None = None) -> Iterator[Break]:
    """The first bad entry of every broken chain, in the order of the incidents.

    Finds changed, removed, inserted and reordered entries, a cut tail and a removed chain.
    """
    chains = Incident.objects.order_by("pk")
    entries = TimelineEntry.objects.order_by("incident_id", "sequence")
    if incident_ids is not None:
        chains = chains.filter(pk__in=incident_ids)
        entries = entries.filter(incident_id__in=incident_ids)
    rows = entries.iterator(chunk_size=2000)
    row = next(rows, None)
    heads = chains.values_list("pk", "timeline_head__length", "timeline_head__hash")
    for head in heads.iterator(chunk_size=2000):
        chain = _Chain(*head)
        while row is not None and row.incident_id <= chain.incident_id:
            if row.incident_id == chain.incident_id:
                chain.check(row)
            elif row.sequence == 1:
                yield Break(row.incident_id, 1, "its incident is missing")
            row = next(rows, None)
        if problem := chain.problem():
            yield problem
    if row is not None:
        yield Break(row.incident_id, row.sequence, "its incident is missing")


class _Chain:
    """Walks one chain and remembers only the first thing that is wrong."""

    def __init__(self, incident_id: int, length: int | None, last_hash: str | None):
        self.incident_id = incident_id
        self.head = (length, last_hash)
        self.length = 0
        self.hash = GENESIS
        self.first: Break | None = None
        if length is None:
            self._fail(1, "the chain has lost its head")

    def check(self, entry: TimelineEntry) -> None:
        self.length += 1
        if self.first is None:
            if entry.sequence != self.length:
                self._fail(self.length, "an entry is missing or out of order")
            elif entry.previous_hash != self.hash:
                self._fail(entry.sequence, "it does not follow the entry before it")
            elif entry.hash != digest(entry):
                self._fail(entry.sequence, "its content was changed")
        self.hash = entry.hash

    def problem(self) -> Break | None:
        if self.first is None and (self.length, self.hash) != self.head:
            self._fail(self.length + 1, "the end of the chain is missing")
        return self.first

    def _fail(self, sequence: int, problem: str) -> None:
        self.first = Break(self.incident_id, sequence, problem)


def _plain(value: Any) -> Any:
    """`value` as JSON gives it back, so that the hash is taken of what will be read."""
    if _has_float(value):
        raise ValueError("Timeline data must not hold floats.")
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def _has_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_float(each) for each in value.values())
    if isinstance(value, list | tuple):
        return any(_has_float(each) for each in value)
    return isinstance(value, float)
