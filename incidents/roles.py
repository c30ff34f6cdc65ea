"""Who acts: the roles of DOMAIN.md 8, the groups that hold them, and who stands in."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from incidents.states import OPEN_TASK_STATES


class Role(TextChoices):
    REP = "REP", _("Reporter")
    SDA = "SDA", _("Service-desk agent")
    IH = "IH", _("Incident handler")
    MIM = "MIM", _("Major incident manager")
    CISO = "CISO", _("Security officer")
    DPO = "DPO", _("Data protection officer")
    COM = "COM", _("Communications")
    LEG = "LEG", _("Legal")
    FOR = "FOR", _("Forensics")
    SYS = "SYS", _("Platform administration")
    MGT = "MGT", _("Management")
    HR = "HR", _("Human resources")
    SUP = "SUP", _("Supplier management")
    AUD = "AUD", _("Auditor")
    ADM = "ADM", _("Application administration")


# A role is held by the members of the Django group of this name (DESIGN.md 6).
GROUP_OF = {
    Role.SDA: "agent",
    Role.IH: "handler",
    Role.MIM: "manager",
    Role.CISO: "ciso",
    Role.DPO: "dpo",
    Role.COM: "communications",
    Role.LEG: "legal",
    Role.FOR: "forensics",
    Role.SYS: "platform",
    Role.MGT: "management",
    Role.HR: "hr",
    Role.SUP: "supplier",
    Role.AUD: "auditor",
    Role.ADM: "admin",
}
ROLE_OF = {group: role for role, group in GROUP_OF.items()}

# Work never waits for a role that nobody holds: the next one in this table takes it.
STANDS_IN = {
    Role.COM: Role.MGT,
    Role.LEG: Role.DPO,
    Role.FOR: Role.IH,
    Role.SYS: Role.IH,
    Role.HR: Role.MGT,
    Role.SUP: Role.CISO,
    Role.MGT: Role.MIM,
    Role.DPO: Role.CISO,
    Role.CISO: Role.MIM,
    Role.SDA: Role.IH,
    Role.IH: Role.MIM,
}

# Who can be given work; reporters, auditors and application administrators cannot.
WORKING = frozenset({Role.MIM, *STANDS_IN})
TEAM = [Role.SDA, Role.IH, Role.MIM, Role.CISO, Role.DPO]


def of(user) -> frozenset[Role]:
    """The roles that `user` holds, none for inactive people. One query for each user object."""
    if not getattr(user, "is_active", False):
        return frozenset()
    if not hasattr(user, "_tocsin_roles"):
        names = user.groups.values_list("name", flat=True)
        user._tocsin_roles = frozenset(ROLE_OF[name] for name in names if name in ROLE_OF)
    return user._tocsin_roles


def lay_down(user) -> None:
    """Let this very object act without any role; what the database says stays as it is."""
    user._tocsin_roles = frozenset()


def chain(role: str) -> list[Role]:
    """`role` and whoever stands in for it, in order."""
    roles = [Role(role)]
    while roles[-1] in STANDS_IN:
        roles.append(STANDS_IN[roles[-1]])
    return roles


def holders(wanted: Iterable[str]) -> dict[str, list]:
    """For each wanted role the active people who hold it, or who stand in; least loaded first.

    Load is the number of open tasks. Two queries, however many roles. A role nobody can fill maps
    to an empty list.
    """
    chains = {role: chain(role) for role in wanted}
    groups = {GROUP_OF[role] for roles in chains.values() for role in roles}
    people = (
        get_user_model()
        .objects.filter(is_active=True, pk__in=_members_of(groups))
        .annotate(load=Coalesce(Subquery(_open_tasks()), 0))
        .order_by("load", "pk")
        .prefetch_related("groups")
    )
    members: dict[Role, list] = {}
    for person in people:
        for group in person.groups.all():
            if group.name in ROLE_OF:
                members.setdefault(ROLE_OF[group.name], []).append(person)
    return {
        role: next((members[each] for each in roles if members.get(each)), [])
        for role, roles in chains.items()
    }


def _members_of(groups: set[str]) -> QuerySet:
    return get_user_model().objects.filter(groups__name__in=groups).values("pk")


def _open_tasks() -> QuerySet:
    """How many tasks wait for the person of the outer query.

    Counted by itself, on an index: joined to the people, every task they ever had was read for
    each of their groups, at every report.
    """
    waiting = get_user_model().objects.filter(pk=OuterRef("pk"), tasks__state__in=OPEN_TASK_STATES)
    return waiting.order_by().values("pk").annotate(count=Count("tasks")).values("count")


NAME_MOST = 254  # of a mail address; databases refuse patterns of any length


def person_named(text: str):
    """The one active person with this user name or mail address, in whatever case it is typed.

    None when nobody has it, or several do: then it names none of them. One query.
    """
    if not text or len(text) > NAME_MOST or not text.isprintable():
        return None
    is_named = Q(username__iexact=text) | Q(email__iexact=text)
    found = list(get_user_model().objects.filter(is_named, is_active=True)[:2])
    return found[0] if len(found) == 1 else None


def team_member(name: str):
    """The active member of the response team with this user name, or None. Two queries."""
    if not name.isprintable():
        return None
    person = get_user_model().objects.filter(username=name, is_active=True).first()
    return person if person is not None and of(person) & set(TEAM) else None
