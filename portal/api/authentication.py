"""Who calls the API: a token in the Authorization header, and never a session."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from portal.api import tokens
from portal.models import ApiToken

WORDS = {"bearer", "token"}
SEEN_EVERY = timedelta(minutes=1)
CHALLENGE = 'Bearer realm="Tocsin"'


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`, or `Token` as older tools say."""

    def authenticate(self, request):
        token = token_of(getattr(request, "_request", request))
        return None if token is None else (token.user, token)

    def authenticate_header(self, request) -> str:
        return CHALLENGE


def token_of(request: HttpRequest) -> ApiToken | None:
    """The usable token that `request` carries, None when it carries none. Asked once a request.

    Raises AuthenticationFailed when it carries something else; the words do not tell whether the
    token is unknown, expired or revoked.
    """
    if not hasattr(request, "_tocsin_token"):
        secret = _secret(request.headers.get("Authorization", ""))
        request._tocsin_token = None if secret is None else _find(secret)  # type: ignore[attr-defined]
    return request._tocsin_token  # type: ignore[attr-defined]


def _secret(header: str) -> str | None:
    word, _space, rest = header.strip().partition(" ")
    if word.lower() not in WORDS:
        return None
    return rest.strip()


def _find(secret: str) -> ApiToken:
    token = ApiToken.objects.select_related("user").filter(digest=tokens.digest(secret)).first()
    if token is None or not token.is_usable or not token.user.is_active:
        raise AuthenticationFailed(_("This token is unknown, expired or revoked."))
    _note_use(token)
    return token


def _note_use(token: ApiToken) -> None:
    """Remember the use, at most once a minute: a write for every read would be dear."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - SEEN_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
