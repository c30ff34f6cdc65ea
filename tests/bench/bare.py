"""The yardstick of bench_intake: a bare Django view that inserts the rows of a report, and no more.

The rows are copies of those that the portal wrote for one report, in the same tables with the same
indexes and triggers, in one transaction. Nothing is checked, matched or decided. This is the URL
map of tests/bench/bare_settings.py.
"""

import copy
import json
import os
import threading
import uuid
from collections.abc import Iterator

from django.db import models, transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django_q.models import OrmQ

from incidents.models import Incident
from workflows.models import Alert, Match, MatchRun

Rows = list[models.Model]
SAMPLE: dict[str, object] = {}
LOCK = threading.Lock()


def sample() -> dict[str, object]:
    """The rows of the report that TOCSIN_SAMPLE names, read once."""
    with LOCK:
        if not SAMPLE:
            incident = Incident.objects.get(pk=int(os.environ["TOCSIN_SAMPLE"]))
            SAMPLE.update(incident=incident, below=list(groups_below(incident)))
    return SAMPLE


def groups_below(incident: Incident) -> Iterator[Rows]:
    """The rows of each table that point at the incident; those of matches come after their run."""
    for relation in Incident._meta.related_objects:
        is_own = not relation.many_to_many and relation.related_model is not Match
        if is_own and (rows := list(relation.related_model.objects.filter(incident=incident))):
            yield rows
    if matches := list(Match.objects.filter(incident=incident)):
        yield matches


def count() -> int:
    """How many rows one call inserts."""
    below = sample()["below"]
    assert isinstance(below, list)
    return 2 + sum(map(len, below))  # the incident, its tables, and the job


def insert(in_bulk: bool) -> int:
    """Copy the sample; the alerts as sent, so that nothing is mailed. The new primary key."""
    incident = copied(sample()["incident"])
    with transaction.atomic():
        incident.save_base(raw=True, force_insert=True)  # no receiver, no rules
        run = None
        for rows in sample()["below"]:  # type: ignore[attr-defined]
            fresh = [adopted(row, incident, run) for row in rows]
            write(fresh, in_bulk)
            run = fresh[0] if isinstance(fresh[0], MatchRun) else run
        job = OrmQ(key="bench", payload="-", lock=incident.reported_at)
        job.save(force_insert=True)
    return int(incident.pk)


def adopted(row: models.Model, incident: Incident, run: models.Model | None) -> models.Model:
    fresh = copied(row)
    if row._meta.pk.is_relation:
        fresh.pk = incident.pk
    fresh.incident = incident
    if isinstance(fresh, Alert):
        fresh.dedupe_key, fresh.state = uuid.uuid4().hex, Alert.State.SENT
    if isinstance(fresh, Match):
        fresh.run = run
    return fresh


def copied(row: models.Model) -> models.Model:
    fresh = copy.copy(row)
    fresh._state = copy.copy(row._state)
    fresh._state.fields_cache = {}
    fresh.pk, fresh._state.adding = None, True
    return fresh


def write(rows: Rows, in_bulk: bool) -> None:
    if in_bulk:
        type(rows[0]).objects.bulk_create(rows)
        return
    for row in rows:
        row.save(force_insert=True)


def view(request: HttpRequest, way: str) -> JsonResponse:
    words = json.loads(request.body)
    return JsonResponse({"key": insert(way == "bulk"), "rows": count(), **words}, status=201)


urlpatterns = [path("<str:way>/", view)]
