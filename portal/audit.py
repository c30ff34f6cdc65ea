"""The audit of accounts: what is written down, and what is left out (never a password)."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest

from incidents import roles
from incidents.roles import ROLE_OF
from portal.models import ApiToken, SignInEvent, User

Kind = SignInEvent.Kind


def note(kind: str, request: HttpRequest | None = None, **facts: Any) -> SignInEvent:
    """Append one event. `facts` are who, by, name and detail; texts are cut to fit."""
    facts["name"] = _fitting(facts.get("name", ""), "name")
    facts["detail"] = _fitting(facts.get("detail", ""), "detail")
    if request is not None:
        agent = request.META.get("HTTP_USER_AGENT", "")
        facts |= {"address": address_of(request), "user_agent": _fitting(agent, "user_agent")}
    return SignInEvent.objects.create(kind=kind, **facts)


def failed(credentials: dict[str, Any], request: HttpRequest | None, detail: str = "") -> None:
    """Somebody gave a wrong pair: what they typed as name, and whose it would be."""
    name = name_typed(credentials)
    note(Kind.FAILED, request, who=roles.person_named(name), name=name, detail=detail)


def passkey_failed(request: HttpRequest, who: User | None) -> None:
    """A passkey that opens nothing was shown. `who` is whose account it claimed to open."""
    note(Kind.FAILED, request, who=who, detail=Authenticator.Type.WEBAUTHN)


def name_typed(credentials: dict[str, Any]) -> str:
    """What stood in the field for the name, cut to fit."""
    return _fitting(str(credentials.get("username") or credentials.get("email") or ""), "name")


def signed_out(user: User | None, request: HttpRequest) -> None:
    """Whoever was not signed in did not sign out."""
    if user is not None and user.is_authenticated:
        note(Kind.SIGNED_OUT, request, who=user, by=user)


def roles_changed(instance: Any, action: str, is_reverse: bool, keys: set[int] | None) -> None:
    """Groups were given or taken: one event for each person, naming the roles."""
    signs = {"post_add": "+", "post_remove": "-", "pre_clear": "-"}
    if action not in signs or (not keys and action != "pre_clear"):
        return
    if is_reverse:
        members = instance.user_set.all() if keys is None else User.objects.filter(pk__in=keys)
        changes = [(person, [instance.name]) for person in members]
    else:
        groups = instance.groups.all() if keys is None else _groups(keys)
        changes = [(instance, sorted(groups.values_list("name", flat=True)))]
    for person, names in changes:
        held = [f"{signs[action]}{name}" for name in names if name in ROLE_OF]
        if held:
            _note_roles(person, " ".join(held))


def token_event(kind: str, token: ApiToken, request: HttpRequest | None) -> None:
    """A key was made or revoked: whose it is, which program's, and what it may."""
    detail = f"{token.name}: {' '.join(token.scopes)}"
    note(kind, request, who=token.user, by=actor_of(request), detail=detail)


def actor_of(request: HttpRequest | None) -> User | None:
    """The person behind `request`; None for commands."""
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def address_of(request: HttpRequest) -> str | None:
    """Where it came from, past the proxies that PROXIES trusts; None when that is unknown."""
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        return None


def _note_roles(person: User, detail: str) -> None:
    request = getattr(person, "changed_by_request", None)
    note(Kind.ROLE_CHANGED, request, who=person, by=actor_of(request), detail=detail)


def _groups(keys: set[int]) -> models.QuerySet:
    return Group.objects.filter(pk__in=keys)


def _fitting(text: str, field: str) -> str:
    """As much of `text` as the column takes; PostgreSQL refuses NUL."""
    longest = SignInEvent._meta.get_field(field).max_length  # type: ignore[union-attr]
    return text.replace("\x00", "")[:longest]
