"""What a caller sees of an incident: all of it, or what its reporter may see (DOMAIN.md 8).

Whoever may see an incident only because they reported it sees a ticket: no severity, no notes, no
tasks, no risk. The rows that come from here carry the answer, so that lists ask once for a page.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from incidents import access, need_to_know, rights, roles
from incidents.models import Incident, Task
from incidents.rights import Right

Seen = Any
"""An Incident with is_inside, is_own and seen_target, as readable() marks it: no type checker knows
of them.
"""

PEOPLE = ("reporter", "entered_by", "owner", "manager", "declared_by", "severity_by")
NAMED = ("workspaces", "virtual_machines", "tenants")


def inside(user) -> QuerySet[Incident]:
    """The incidents that `user` sees from inside: the team's view, with the right to see notes."""
    held = roles.of(user)
    seen = access.visible_to(user)
    if held & rights.ANYWHERE[Right.SEE_INTERNAL]:
        return seen
    opened = Q(pk__in=access.opened_by(user).values("pk")) if user.is_superuser else Q(pk=None)
    if held & rights.ON_OWN[Right.SEE_INTERNAL]:
        return seen.filter(_own(user) | opened)
    return seen.filter(opened)


def readable(user) -> QuerySet[Incident]:
    """What `user` may read, each row with `is_inside` and `is_own`. Four queries with its names."""
    return (
        access.readable_by(user)
        .annotate(
            is_inside=Exists(inside(user).filter(pk=OuterRef("pk"))),
            is_own=Exists(Incident.objects.filter(_own(user), pk=OuterRef("pk"))),
            seen_target=_seen_target(user),
        )
        .select_related("department", "category", "category_at_triage", *PEOPLE)
        .prefetch_related(*NAMED)
    )


def _seen_target(user) -> Subquery:
    """The key of what a row is a duplicate of, if `user` may see that one."""
    target = access.visible_to(user).filter(pk=OuterRef("duplicate_of"))
    return Subquery(target.values("pk")[:1])


def find(user, reference: str) -> Seen:
    """The incident behind a reference. Raises Incident.DoesNotExist, for the hidden too.

    Looking at a restricted one is put on record.
    """
    incident: Seen = readable(user).get(pk=access.key_of(reference))
    if incident.is_inside:
        need_to_know.note_view(incident, user)
    return incident


def find_inside(user, reference: str) -> Seen:
    """Like find(), for what a reporter does not see. Raises rights.Denied on their own tickets."""
    incident = find(user, reference)
    if not incident.is_inside:
        raise rights.Denied(Right.SEE_INTERNAL)
    return incident


def again(incident: Seen) -> Seen:
    """The row as it is after a change, whose author may have changed it out of their own sight."""
    current: Seen = (
        Incident.objects.select_related("department", "category", "category_at_triage", *PEOPLE)
        .prefetch_related(*NAMED)
        .get(pk=incident.pk)
    )
    current.is_inside, current.is_own = incident.is_inside, incident.is_own
    # Whoever has just merged it has seen into what.
    is_news = current.duplicate_of_id != incident.duplicate_of_id
    current.seen_target = (
        current.duplicate_of_id if is_news else getattr(incident, "seen_target", None)
    )
    return current


def shows_reporter(user, incident: Seen) -> bool:
    """False when the reporter asked to stay unnamed and `user` is none who may know anyway."""
    if not incident.is_name_confidential or incident.reporter_id == user.pk:
        return True
    if not incident.is_inside or rights.only_reads(user, incident):
        return False
    if rights.allowed(user, Right.SEE_REPORTER):
        return True
    return incident.is_own and bool(roles.of(user) & rights.ON_OWN[Right.SEE_REPORTER])


def _own(user) -> Q:
    """As rights.is_own has it, for a whole list."""
    return Q(owner=user) | Q(pk__in=Task.objects.filter(assignee=user).values("incident"))
