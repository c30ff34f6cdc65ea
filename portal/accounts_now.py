"""Accounts at a glance, for whoever looks after them or reads about them: no ticket is in it."""

from datetime import timedelta

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents import ages, roles
from incidents.roles import Role
from portal.models import ApiToken, SignInEvent, User
from portal.rail import COUNTED_MOST, View

ONE_DAY = timedelta(days=1)
TOKEN_ENDS_SOON = timedelta(days=30)
LISTED = 8
Kind = SignInEvent.Kind
COMING_AND_GOING = (Kind.SIGNED_IN, Kind.SIGNED_OUT, Kind.FAILED)


def tiles(user) -> list[View]:
    """The numbers of the administrator's start page; nobody else has them."""
    if Role.ADM not in roles.of(user):
        return []
    now = timezone.now()
    people = User.objects.filter(is_active=True)
    failed = SignInEvent.objects.filter(kind=SignInEvent.Kind.FAILED, at__gte=now - ONE_DAY)
    ending = ApiToken.objects.filter(
        revoked_at=None, expires_at__gt=now, expires_at__lt=now + TOKEN_ENDS_SOON
    )
    tokens = ending.aggregate(number=Count("pk"), first=Min("expires_at"))
    users = reverse("admin:portal_user_changelist")
    return [
        View(_("Active accounts"), f"{users}?is_active__exact=1", people.count()),
        View(
            _("People with a role"),
            users,
            people.filter(groups__isnull=False).distinct().count(),
        ),
        View(
            _("Failed sign-ins since yesterday"),
            reverse("admin:portal_signinevent_changelist") + "?kind__exact=failed",
            failed.order_by().values("pk")[: COUNTED_MOST + 1].count(),
        ),
        View(
            _("API tokens that end within 30 days"),
            reverse("admin:portal_apitoken_changelist"),
            tokens["number"],
            fact=_("the first: %s") % ages.due(tokens["first"]) if tokens["first"] else "",
        ),
    ]


def changes(user) -> list[SignInEvent] | None:
    """The last changes of roles, passwords, factors and tokens; None for who may not read them."""
    if not roles.of(user) & {Role.ADM, Role.AUD}:
        return None
    rows = SignInEvent.objects.exclude(kind__in=COMING_AND_GOING)
    return list(rows.select_related("who", "by").order_by("-pk")[:LISTED])
