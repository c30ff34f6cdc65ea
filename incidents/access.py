"""Need to know: the one answer to "who may see this?" (DOMAIN.md 8)."""

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents import clock, rights, roles
from incidents.models import (
    BreakGlass,
    Incident,
    NamedPerson,
    SecondSignature,
    Task,
    TimelineEntry,
    Workspace,
)
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.roles import Role
from incidents.states import BreachStatus, Confidentiality

SEES_TEAM_INCIDENTS = {Role.SDA, Role.IH, Role.MIM, Role.CISO, Role.AUD}
# What tells who reported it, or where to reach them: columns, and keys of the timeline's data.
IDENTITY = (
    "reporter",
    "contact_name",
    "contact_email",
    "contact_phone",
    "safe_channel",
    "on_behalf_of",
)
# How the record names an incident that its readers may not know; incidents/admin says it to them.
UNNAMED = "another incident"
REFERENCE = re.compile(r"INC-0*([1-9][0-9]{0,17})\Z")


def visible_to(user) -> QuerySet[Incident]:
    """The incidents that `user` may see in the console and the API as a member of the team.

    Restricted incidents are seen by the named people only, and by a superuser while their
    break-glass access is open. The application administrator and people without a role see none.
    """
    held = roles.of(user)
    if not held - {Role.ADM}:
        return opened_by(user)
    in_team = Q(owner=user) | Q(pk__in=Task.objects.filter(assignee=user).values("incident"))
    if held & SEES_TEAM_INCIDENTS:
        in_team = Q()
    elif Role.DPO in held:
        in_team |= ~Q(breach_status=BreachStatus.NOT_ASSESSED) | _concerns_dpo(user)
    named = NamedPerson.objects.filter(person=user).values("incident")
    seen = (Q(confidentiality=Confidentiality.TEAM) & in_team) | Q(pk__in=named)
    if user.is_superuser:
        seen |= Q(pk__in=opened_by(user).values("pk"))
    return Incident.objects.filter(seen)


def opened_by(user) -> QuerySet[Incident]:
    """What break-glass has opened to this superuser for now; nothing for anybody else."""
    if not (user.is_active and user.is_superuser):
        return Incident.objects.none()
    openings = BreakGlass.objects.filter(person=user, until__gt=clock.now())
    return Incident.objects.filter(
        pk__in=openings.values("incident"), confidentiality=Confidentiality.RESTRICTED
    )


def _concerns_dpo(user) -> Q:
    """What waits for the second signature under closing, or had one of this person."""
    asked = SecondSignature.objects.filter(
        Q(act=SecondSignature.Act.CLOSE, answer="") | Q(asked_by=user) | Q(answered_by=user)
    )
    return Q(pk__in=asked.values("incident"))


def tickets_of(user) -> QuerySet[Incident]:
    """The incidents that `user` reported: their tickets in the portal."""
    if not user.is_authenticated:
        return Incident.objects.none()
    return Incident.objects.filter(reporter=user)


def shared_with(user) -> QuerySet[Incident]:
    """Incidents of others that touch a workspace which `user` is Accountable for, once shared.

    Of these they may read the shared updates, and nothing else. What was restricted since and
    exercises are not among them.
    """
    if not user.is_authenticated:
        return Incident.objects.none()
    touching = Incident.workspaces.through.objects.filter(workspace__accountable=user)
    updates = TimelineEntry.objects.filter(
        incident=OuterRef("pk"), kind=Kind.SHARED_UPDATE, is_public=True
    )
    return Incident.objects.filter(
        Exists(updates),
        pk__in=touching.values("incident"),
        confidentiality=Confidentiality.TEAM,
        is_exercise=False,
    ).exclude(reporter=user)


def accountables(incident: Incident) -> QuerySet[Workspace]:
    """The affected workspaces that somebody answers for, each with that person."""
    answered_for = incident.workspaces.filter(accountable__is_active=True)
    return answered_for.select_related("accountable")


def readable_by(user) -> QuerySet[Incident]:
    """What the API answers for: the team's view and one's own tickets together."""
    return visible_to(user) | tickets_of(user)


def may_see(user, incident: Incident) -> bool:
    """True if the incident is in the team's view of `user`. One query, roles apart."""
    return visible_to(user).filter(pk=incident.pk).exists()


def may_know_reporter(user, incident: Incident) -> bool:
    """False if the reporter asked to stay unnamed and `user` is none who may know anyway."""
    if not incident.is_name_confidential or incident.reporter_id == user.pk:
        return True
    return rights.allowed(user, Right.SEE_REPORTER, incident)


def exportable(user, incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    """Those of `incidents` that `user` may take along as a file: all, or only their own.

    Raises rights.Denied for whoever may take none.
    """
    if user.is_superuser:  # what break-glass opens is for reading only
        named = NamedPerson.objects.filter(person=user).values("incident")
        is_open = ~Q(confidentiality=Confidentiality.RESTRICTED)
        incidents = incidents.filter(is_open | Q(pk__in=named))
    if rights.allowed(user, Right.EXPORT):
        return incidents
    if not roles.of(user) & rights.ON_OWN[Right.EXPORT]:
        raise rights.Denied(Right.EXPORT)
    tasks = Task.objects.filter(assignee=user).values("incident")
    return incidents.filter(Q(owner=user) | Q(pk__in=tasks))


def without_identity(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` for somebody of whom may_know_reporter() says no."""
    return {name: value for name, value in data.items() if name not in IDENTITY}


def receipts_of(user) -> QuerySet[Incident]:
    """One's own tickets, and the reports that one typed in for somebody else, while one may.

    Of these, not the ones that were restricted since, unless one is among the named people.
    """
    if not rights.allowed(user, Right.REPORT_FOR_OTHERS):
        return tickets_of(user)
    named = NamedPerson.objects.filter(person=user).values("incident")
    is_open = Q(confidentiality=Confidentiality.TEAM) | Q(pk__in=named)
    return Incident.objects.filter(Q(reporter=user) | (Q(entered_by=user) & is_open))


def key_of(reference: str) -> int:
    """The primary key behind a reference such as INC-000123.

    Raises Incident.DoesNotExist for anything else, so that a malformed reference and an unknown
    one look alike.
    """
    match = REFERENCE.match(reference.strip().upper())
    if match is None:
        raise Incident.DoesNotExist(reference)
    key = int(match[1])
    if key >= 2**63:
        raise Incident.DoesNotExist(reference)
    return key


def restrict_to(incident: Incident, people) -> None:
    """Put `people` on the need-to-know list. Whoever is on it already stays."""
    NamedPerson.objects.bulk_create(
        [NamedPerson(incident=incident, person=person) for person in people],
        ignore_conflicts=True,
    )


def name_on(page: Incident, other: Incident) -> str:
    """How the record of `page` may name `other`: not at all, where that tells too many people.

    A restricted incident is named only to people who are named on it.
    """
    if other.confidentiality != Confidentiality.RESTRICTED:
        return other.reference
    own = set(NamedPerson.objects.filter(incident=page).values_list("person", flat=True))
    theirs = set(NamedPerson.objects.filter(incident=other).values_list("person", flat=True))
    is_closed_circle = page.confidentiality == Confidentiality.RESTRICTED and own <= theirs
    return other.reference if is_closed_circle else UNNAMED
