"""Every receiver of this package, as a table. A receiver decides nothing: a few lines, one call."""

from collections.abc import Callable

from allauth.account.signals import password_changed, password_reset, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_logged_in as logged_in_anyhow
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.db.models.signals import m2m_changed
from django.dispatch import Signal

from portal import audit, notices, second_factor, session_life, single_signon
from portal.audit import Kind
from portal.events import token_issued, token_revoked
from portal.models import ApiToken, User


def person_signed_in(sender, request, user, sociallogin=None, **kwargs) -> None:
    way = "" if sociallogin is None else "single sign-on"
    audit.note(Kind.SIGNED_IN, request, who=user, by=user, detail=way)


def session_begins(sender, request, user, **kwargs) -> None:
    session_life.begin(request)


def roles_came_along(sender, request, user, sociallogin=None, **kwargs) -> None:
    single_signon.take_roles(user, sociallogin, request)


def sign_in_failed(sender, credentials, request=None, **kwargs) -> None:
    audit.failed(credentials, request)


def second_factor_failed(sender, request, user, authenticator, **kwargs) -> None:
    audit.note(Kind.FAILED, request, who=user, detail=authenticator.type)


def person_signed_out(sender, request, user, **kwargs) -> None:
    audit.signed_out(user, request)


def password_was_changed(sender, request, user, **kwargs) -> None:
    by = audit.actor_of(request)
    notices.tell_owner(audit.note(Kind.PASSWORD_CHANGED, request, who=user, by=by))


def second_factor_was_added(sender, request, user, authenticator, **kwargs) -> None:
    kind, detail = Kind.SECOND_FACTOR_ADDED, authenticator.type
    notices.tell_owner(audit.note(kind, request, who=user, by=user, detail=detail))


def recovery_codes_were_made(sender, request, user, **kwargs) -> None:
    kind, detail = Kind.SECOND_FACTOR_ADDED, notices.CODES_ANEW
    notices.tell_owner(audit.note(kind, request, who=user, by=user, detail=detail))


def other_sessions_lack_it(sender, request, user, **kwargs) -> None:
    second_factor.end_other_sessions(request, user)


def second_factor_was_removed(sender, user, authenticator, request=None, **kwargs) -> None:
    kind, by, detail = Kind.SECOND_FACTOR_REMOVED, audit.actor_of(request), authenticator.type
    notices.tell_owner(audit.note(kind, request, who=user, by=by, detail=detail))


def session_gets_a_new_key(sender, authenticator, request=None, **kwargs) -> None:
    second_factor.renew_session(request, authenticator)


def roles_were_changed(sender, instance, action, reverse, pk_set, **kwargs) -> None:
    audit.roles_changed(instance, action, reverse, pk_set)


def token_was_issued(sender, token, request, **kwargs) -> None:
    audit.token_event(Kind.TOKEN_CREATED, token, request)


def token_was_revoked(sender, token, request, **kwargs) -> None:
    audit.token_event(Kind.TOKEN_REVOKED, token, request)


RECEIVERS: list[tuple[Signal, Callable[..., None], type | None]] = [
    # signal, receiver, sender, what follows: the audit of accounts, and where it says so more.
    # Changes of the password and of second factors are mailed to their owner too.
    (user_logged_in, person_signed_in, None),
    (logged_in_anyhow, session_begins, None),
    (user_logged_in, roles_came_along, None),  # roles by the groups of the identity provider
    (user_login_failed, sign_in_failed, None),
    (authentication_failed, second_factor_failed, Authenticator),
    (user_logged_out, person_signed_out, None),
    (password_changed, password_was_changed, None),
    (password_reset, password_was_changed, None),
    (authenticator_added, second_factor_was_added, Authenticator),
    (authenticator_added, other_sessions_lack_it, Authenticator),  # they end
    (authenticator_added, session_gets_a_new_key, Authenticator),
    (authenticator_reset, recovery_codes_were_made, Authenticator),
    (authenticator_removed, second_factor_was_removed, Authenticator),
    (authenticator_removed, session_gets_a_new_key, Authenticator),
    (m2m_changed, roles_were_changed, User.groups.through),
    (token_issued, token_was_issued, ApiToken),
    (token_revoked, token_was_revoked, ApiToken),
]


def connect() -> None:
    for signal, receiver, sender in RECEIVERS:
        signal.connect(receiver, sender=sender, dispatch_uid=f"portal.{receiver.__name__}")
