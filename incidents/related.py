"""Incidents that have to do with each other: by what they share, or because somebody said so."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from incidents import access, plain_text, records, rights, search, timeline
from incidents.models import Evidence, Incident, IncidentLink
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.states import State

SHOWN = 10
CANDIDATES = 50
NAMED_ALIKE = 20
OFFERED = 100
NOTE_MOST = 300
WORD_LEAST = 4
# What weighs more stands first.
JUDGED, SAME_FILE, SAME_DEVICE, SAME_WORKSPACE = 100, 5, 4, 2


@dataclass(frozen=True, slots=True)
class Why:
    weight: int
    text: str


@dataclass(frozen=True, slots=True)
class Related:
    incident: Incident
    whys: list[str]


Found = Iterator[tuple[int, Why]]


def related(incident: Incident, user) -> list[Related]:
    """The incidents that have most to do with this one, of those that `user` may see; at most
    SHOWN. A fixed number of queries.
    """
    visible = access.visible_to(user).exclude(pk=incident.pk)
    alike = visible.filter(is_exercise=incident.is_exercise)
    whys: dict[int, list[Why]] = defaultdict(list)
    for found in (
        _duplicates(incident, visible),
        _linked(incident, visible),
        _same_files(incident, alike),
        _named_alike(incident, alike),
        _same_machines(incident, alike),
        _same_workspaces(incident, alike),
    ):
        for key, why in found:
            if why not in whys[key]:
                whys[key].append(why)
    weights = {key: sum(why.weight for why in found) for key, found in whys.items()}
    best = sorted(whys, key=lambda key: (-weights[key], -key))[:SHOWN]
    rows = visible.select_related("owner").in_bulk(best)
    return [Related(rows[key], [why.text for why in whys[key]]) for key in best if key in rows]


def _duplicates(incident: Incident, visible: QuerySet[Incident]) -> Found:
    near = Q(duplicate_of=incident)
    if incident.duplicate_of_id is not None:
        near |= Q(pk=incident.duplicate_of_id) | Q(duplicate_of=incident.duplicate_of_id)
    rows = visible.filter(near).order_by("-pk").values_list("pk", "duplicate_of")
    for key, of in rows[:CANDIDATES]:
        if key == incident.duplicate_of_id:
            yield key, Why(JUDGED + 1, _("This one is its duplicate"))
        elif of == incident.pk:
            yield key, Why(JUDGED, _("A duplicate of this one"))
        else:
            yield key, Why(JUDGED, _("A duplicate of the same one"))


def _linked(incident: Incident, visible: QuerySet[Incident]) -> Found:
    seen = Q(incident=incident, other__in=visible) | Q(other=incident, incident__in=visible)
    for link in IncidentLink.objects.filter(seen).order_by("-pk")[:CANDIDATES]:
        other = link.other_id if link.incident_id == incident.pk else link.incident_id
        yield other, Why(JUDGED, _("Linked: %s") % link.note)


def _same_files(incident: Incident, visible: QuerySet[Incident]) -> Found:
    own = incident.evidence.values("sha256")
    files = Evidence.objects.filter(sha256__in=own, incident__in=visible)
    rows = files.order_by("-incident").values_list("incident", "name")
    for key, name in rows[:CANDIDATES]:
        yield key, Why(SAME_FILE, _("The same file: %s") % name)


def _named_alike(incident: Incident, visible: QuerySet[Incident]) -> Found:
    """What names the same device, account or address, wherever the reporter wrote it."""
    words = plain_text.one_line(incident.concerned)
    if plain_text.visible_length(words) < WORD_LEAST:
        return
    hits = search.matching(visible, words).order_by("-pk")
    rows = hits.values_list("pk", "concerned", "subject", "description")
    for key, *texts in rows[:NAMED_ALIKE]:
        if any(words.casefold() in plain_text.one_line(text).casefold() for text in texts):
            yield key, Why(SAME_DEVICE, _("The same device or account: %s") % words)


def _same_machines(incident: Incident, visible: QuerySet[Incident]) -> Found:
    through = Incident.virtual_machines.through
    for key, name in _sharing(through, "virtualmachine", incident.virtual_machines.all(), visible):
        yield key, Why(SAME_DEVICE, _("The same machine: %s") % name)


def _same_workspaces(incident: Incident, visible: QuerySet[Incident]) -> Found:
    through = Incident.workspaces.through
    for key, name in _sharing(through, "workspace", incident.workspaces.all(), visible):
        yield key, Why(SAME_WORKSPACE, _("The same workspace: %s") % name)


def _sharing(
    through: type[Model], column: str, own: QuerySet, visible: QuerySet[Incident]
) -> QuerySet:
    rows = through._default_manager.filter(
        **{f"{column}__in": own.values("pk"), "incident__in": visible}
    )
    return rows.order_by("-incident").values_list("incident", f"{column}__name")[:CANDIDATES]


def offered(incident: Incident, user) -> list[Incident]:
    """What a form may offer when it asks for another incident: the related ones, then the newest
    that are open.
    """
    near = [each.incident for each in related(incident, user)]
    others = access.visible_to(user).exclude(pk__in=[incident.pk, *(each.pk for each in near)])
    newest = others.exclude(state=State.CLOSED).filter(is_exercise=incident.is_exercise)
    return [*near, *newest.order_by("-pk")[: OFFERED - len(near)]]


@transaction.atomic
def link(incident: Incident, reference: str, *, note: str, by) -> IncidentLink:
    """Say that two incidents have to do with each other, and what. It works both ways.

    Raises ValidationError, also for one that `by` may not see, and rights.Denied.
    """
    rights.require(by, Right.EDIT, incident)
    needed = _("Say what they have to do with each other.")
    note = plain_text.one_line(plain_text.read("note", note, needed=needed, most=NOTE_MOST))
    other = _find(reference, by)
    if other.pk == incident.pk:
        raise ValidationError({"other": _("This is the same incident. Name another one.")})
    rights.require(by, Right.EDIT, other)
    records.lock_together(incident.pk, other.pk)
    both = Q(incident=incident, other=other) | Q(incident=other, other=incident)
    if IncidentLink.objects.filter(both).exists():
        raise ValidationError({"other": _("These two are linked already.")})
    made = IncidentLink.objects.create(incident=incident, other=other, note=note, by=by)
    for here, there in ((incident, other), (other, incident)):
        records.save(records.lock(here), "updated_at")
        name = access.name_on(here, there)
        # Why an incident has to do with one that its readers may not know would tell of that one.
        text = "" if name == access.UNNAMED else note
        timeline.append(here, Kind.CHANGE, by=by, text=text, data={"linked": name})
    return made


def _find(reference: str, user) -> Incident:
    try:
        return access.visible_to(user).get(pk=access.key_of(reference))
    except Incident.DoesNotExist:
        raise ValidationError({"other": _("There is no incident of this number.")}) from None
