"""Restricted incidents: who is named on them, who changes that, and who looked (DOMAIN.md 8).

Whoever is involved as a subject must not be named. The record has no field of subjects, which
would itself give them away: whoever names people answers for it, and every name is on the record.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import access, clock, plain_text, records, rights, roles, timeline
from incidents.models import Incident, NamedPerson, Task, TimelineEntry
from incidents.models.timeline import Kind, TimelineHead
from incidents.rights import Right
from incidents.roles import Role
from incidents.states import OPEN_TASK_STATES, Confidentiality, TaskState, Tlp

LOOKED = "looked at this incident"
ONE_VIEW = timedelta(minutes=10)


@transaction.atomic
def restrict(incident: Incident, people: Iterable[Any], *, by, reason: str) -> Incident:
    """From now on only these people see it, and whoever restricts it.

    An owner or manager who is not among them is relieved: `by` owns it then. Their open tasks wait
    for somebody who is named. Raises ValidationError and rights.Denied.
    """
    current = records.lock(incident)
    rights.require(by, Right.RESTRICT, current)
    reason = plain_text.read("reason", reason, needed=_("Say why."))
    if current.confidentiality == Confidentiality.RESTRICTED:
        raise ValidationError({"people": _("It is restricted already: name people, or take off.")})
    named = {person.pk: person for person in [*people, by]}
    for person in named.values():
        _check_works_here(person)
    _check_somebody_responds(named.values())
    relieved = enclose(current, named.values(), by=by)
    _note(current, reason, by=by, act="restricted", people=named.values(), **relieved)
    hand_back(current, by=by)
    return current


def enclose(incident: Incident, people: Iterable[Any], *, by) -> dict[str, str]:
    """Only these people, `by` among them, see the locked incident from now on. Says who was
    relieved as owner or manager, for not being one of them.
    """
    named = {person.pk: person for person in people}
    before = {"owner": incident.owner, "manager": incident.manager}
    if incident.owner_id not in named:
        incident.owner = by if roles.of(by) & set(roles.TEAM) else None
    if incident.manager_id not in named:
        incident.manager = None
    incident.confidentiality, incident.tlp = Confidentiality.RESTRICTED, Tlp.RED
    records.save(incident, "owner", "manager", "confidentiality", "tlp")
    access.restrict_to(incident, named.values())
    return {
        name: timeline.name_of(was)
        for name, was in before.items()
        if was is not None and was != getattr(incident, name)
    }


@transaction.atomic
def name_person(incident: Incident, person, *, by, reason: str) -> None:
    """Put somebody on the list of a restricted incident. Raises as restrict() does."""
    current, reason = _take(incident, by, reason, Right.RESTRICT)
    _check_works_here(person)
    if current.named_people.filter(person=person).exists():
        raise ValidationError({"person": _("This person is named already.")})
    access.restrict_to(current, [person])
    _note(current, reason, by=by, act="named", people=[person])


@transaction.atomic
def unname_person(incident: Incident, person, *, by, reason: str) -> None:
    """Take somebody off the list. Raises as restrict() does.

    Not the owner or the manager, and not the last who can respond: hand over first.
    """
    current, reason = _take(incident, by, reason, Right.RESTRICT)
    if person.pk in {current.owner_id, current.manager_id}:
        raise ValidationError({"person": _("Give the incident another owner or manager first.")})
    rows = current.named_people.select_related("person")
    row = rows.filter(person=person).first()
    if row is None:
        raise ValidationError({"person": _("This person is not named.")})
    _check_somebody_responds(each.person for each in rows.exclude(pk=row.pk))
    row.delete()
    _note(current, reason, by=by, act="unnamed", people=[person])
    hand_back(current, by=by)


@transaction.atomic
def lift(incident: Incident, *, by, reason: str) -> Incident:
    """Open it to the team again. The list goes; who was on it stays on the record."""
    current, reason = _take(incident, by, reason, Right.LIFT_RESTRICTION)
    rows = list(current.named_people.select_related("person").order_by("pk"))
    current.confidentiality = Confidentiality.TEAM
    records.save(current, "confidentiality")
    NamedPerson.objects.filter(pk__in=[row.pk for row in rows]).delete()
    _note(current, reason, by=by, act="lifted", people=[row.person for row in rows])
    return current


def hand_back(incident: Incident, *, by) -> None:
    """Take the open tasks of a restricted incident from whoever is not named on it.

    Nobody could do them any more. They stay open, for whoever is named to give to somebody.
    """
    named = NamedPerson.objects.filter(incident=incident).values("person")
    theirs = incident.tasks.filter(state__in=OPEN_TASK_STATES, assignee__isnull=False)
    rows = list(theirs.exclude(assignee__in=named).select_related("assignee").order_by("pk"))
    if not rows:
        return
    people = sorted({task.assignee.username for task in rows if task.assignee})
    codes = [task.code or task.title for task in rows]
    for task in rows:
        task.assignee = None
        if task.state == TaskState.IN_PROGRESS:
            task.state = TaskState.TODO
    Task.objects.bulk_update(rows, ["assignee", "state"])
    data = {"act": "handed_back", "tasks": codes, "people": people}
    timeline.append(incident, Kind.TASK, by=by, data=data)


def is_by_hand(incident: Incident) -> bool:
    """True once a person has said who is on the list: from then on no playbook adds anybody."""
    return incident.timeline.filter(kind=Kind.ACCESS, data__has_key="restriction").exists()


def check_sees(incident: Incident, person, field: str) -> None:
    """Raise ValidationError for `field` when the work would go to somebody who could not see it."""
    if incident.confidentiality != Confidentiality.RESTRICTED:
        return
    if not incident.named_people.filter(person=person).exists():
        message = _("%s is not named on this restricted incident. Name them first.") % person
        raise ValidationError({field: message})


def may_be_named(person) -> bool:
    """True for whoever holds a role that sees incidents at all."""
    return bool(roles.of(person) - {Role.ADM})


def note_view(incident: Incident, user) -> None:
    """Put on record that `user` looked at a restricted incident, once in ten minutes."""
    if incident.confidentiality != Confidentiality.RESTRICTED or _looked(incident, user):
        return
    with transaction.atomic():
        # Of several requests at a time one writes it: they wait here for each other.
        TimelineHead.objects.select_for_update().filter(pk=incident.pk).first()
        if not _looked(incident, user):
            timeline.append(incident, Kind.ACCESS, by=user, text=LOOKED)


def note_views(incidents: Iterable[Incident], user) -> None:
    """The same for a list that tells more than a line of each, such as an export."""
    for incident in incidents:
        note_view(incident, user)


def _looked(incident: Incident, user) -> bool:
    views = TimelineEntry.objects.filter(incident_id=incident.pk, kind=Kind.ACCESS, actor=user)
    return views.filter(text=LOOKED, at__gt=clock.now() - ONE_VIEW).exists()


def _take(incident: Incident, by, reason: str, right: Right) -> tuple[Incident, str]:
    current = records.lock(incident)
    rights.require(by, right, current)
    reason = plain_text.read("reason", reason, needed=_("Say why."))
    if current.confidentiality != Confidentiality.RESTRICTED:
        raise ValidationError({"person": _("It is not restricted.")})
    return current, reason


def _check_works_here(person) -> None:
    if not may_be_named(person):
        message = _("%s holds no role with which incidents are seen.") % person
        raise ValidationError({"people": message})


def _check_somebody_responds(people: Iterable[Any]) -> None:
    if not any(roles.of(each) & set(roles.TEAM) for each in people):
        raise ValidationError({"people": _("At least one member of the response team must stay.")})


def _note(incident: Incident, reason: str, *, by, act: str, people: Iterable[Any], **more) -> None:
    names = sorted(person.username for person in people)
    data = {"restriction": act, "people": names, **more}
    timeline.append(incident, Kind.ACCESS, by=by, text=reason, data=data)
