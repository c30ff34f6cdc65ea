"""API tokens: made once, shown once, kept only as a hash."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.events import token_issued, token_revoked
from portal.models import ApiToken
from portal.models.tokens import Scope

PREFIX = "tocsin_"  # lets secret scanners know one when it lies in the open
HINT_LENGTH = 12
DAYS_MOST = 3650


def issue(
    user, name: str, scopes: Iterable[str], days: int, *, request: HttpRequest | None = None
) -> tuple[ApiToken, str]:
    """A new token of `user` and its secret, which can never be read again.

    `request` is the administrator's; None for a command.

    Raises ValidationError naming `user`, `scopes` or `days`.
    """
    wanted = sorted(set(scopes))
    errors = {}
    if not user.is_active:
        errors["user"] = _("This account is switched off.")
    if not wanted or not set(wanted) <= set(Scope.values):
        errors["scopes"] = _("Choose from these scopes: %s.") % ", ".join(Scope.values)
    if not 1 <= days <= DAYS_MOST:
        errors["days"] = _("Use 1 to %d days.") % DAYS_MOST
    if errors:
        raise ValidationError(errors)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        user=user,
        name=name,
        digest=digest(secret),
        hint=secret[:HINT_LENGTH],
        scopes=wanted,
        expires_at=timezone.now() + timedelta(days=days),
    )
    token.full_clean(exclude=["user"])
    with transaction.atomic():
        token.save()
        token_issued.send(ApiToken, token=token, request=request)
    return token, secret


@transaction.atomic
def revoke(token: ApiToken, *, request: HttpRequest) -> None:
    """From now on it opens nothing; the row stays as proof."""
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    token_revoked.send(ApiToken, token=token, request=request)


def digest(secret: str) -> str:
    """What is kept of a secret. A plain hash is enough: 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
