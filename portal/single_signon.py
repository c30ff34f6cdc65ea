"""Single sign-on by OpenID Connect: whose account it opens, and which roles come with it."""

from collections.abc import Mapping
from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from incidents.roles import ROLE_OF
from portal.models import User


class Adapter(DefaultSocialAccountAdapter):
    """The identity provider makes accounts; a signed-in person connects none by hand.

    Connecting by a link would let a page elsewhere tie its owner's identity to another's account.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Open the account with the same address, if the provider vouches for the address.

        Raises PermissionDenied, which allauth shows as a failed sign-in.
        """
        if sociallogin.state.get("process") != AuthProcess.LOGIN:
            raise PermissionDenied
        if not sociallogin.is_existing:
            connect_known(request, sociallogin)


def connect_known(request: HttpRequest, sociallogin: SocialLogin) -> None:
    """Tie a first sign-on to the account that has its address; without one it gets its own."""
    for address in sociallogin.email_addresses:
        known = list(User.objects.filter(email__iexact=address.email)[:2])
        if known and (len(known) > 1 or not address.verified):
            raise PermissionDenied
        if known:
            sociallogin.connect(request, known[0])
            return


def take_roles(user: User, sociallogin: SocialLogin | None, request: HttpRequest) -> None:
    """Give the roles that the provider's groups stand for, and take all others.

    Does nothing after a local sign-in, or while OIDC_GROUP_MAP is empty.
    """
    if sociallogin is None or not settings.OIDC_GROUP_MAP:
        return
    claimed = set(claimed_groups(sociallogin.account.extra_data))
    wanted = {role for value, role in settings.OIDC_GROUP_MAP if value in claimed}
    held = set(user.groups.filter(name__in=ROLE_OF).values_list("name", flat=True))
    user.changed_by_request = request  # type: ignore[attr-defined]
    user.groups.remove(*Group.objects.filter(name__in=held - wanted))
    user.groups.add(*(Group.objects.get_or_create(name=name)[0] for name in wanted - held))
    vars(user).pop("_tocsin_roles", None)


def claimed_groups(data: Mapping[str, Any]) -> list[str]:
    """The values of the groups claim, from userinfo before the ID token; none when it is absent."""
    for source in (data.get("userinfo"), data.get("id_token")):
        value = _find(source or {}, settings.OIDC_GROUPS_CLAIM)
        if value is not None:
            values = value if isinstance(value, list) else [value]
            return [each for each in values if isinstance(each, str)]
    return []


def _find(claims: Mapping[str, Any], name: str) -> Any:
    """The claim of this name, or the one that dots lead to, such as realm_access.roles."""
    if name in claims:
        return claims[name]
    first, _dot, rest = name.partition(".")
    inner = claims.get(first)
    return _find(inner, rest) if rest and isinstance(inner, Mapping) else None
