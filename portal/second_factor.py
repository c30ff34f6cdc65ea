"""The second factor: who must have one, and how its secrets are kept. allauth does the rest."""

import base64
import hashlib
import secrets
from typing import Any

import structlog
from allauth.account.authentication import get_authentication_records
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.adapter import get_adapter as get_sessions_adapter
from allauth.usersessions.models import UserSession
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from incidents import roles
from portal.models import User

log = structlog.get_logger(__name__)

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class Adapter(DefaultMFAAdapter):
    """Whoever steals the database alone gets no codes; the QR code obeys our content policy."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What was kept; with another secret key than then, a key that no code fits."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.error("second_factor_unreadable", cure="SECRET_KEY_FALLBACK_FILE")
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def build_totp_svg(self, url: str) -> str:
        """An <svg> to stand in the page: images out of data: addresses are forbidden here."""
        _declaration, start, rest = super().build_totp_svg(url).partition("<svg")
        return start + rest

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Tocsin"}


def is_missing(request: HttpRequest) -> bool:
    """True when whoever asks holds a role, or is a superuser, and did not prove themselves
    strongly enough for it.
    """
    known: bool | None = getattr(request, "lacks_second_factor", None)
    return _is_missing(request) if known is None else known


def lay_down_roles(request: HttpRequest) -> None:
    """A password alone opens no door of a role, wherever that is asked for: it has none then."""
    request.lacks_second_factor = _is_missing(request)  # type: ignore[attr-defined]
    if is_missing(request):
        roles.lay_down(request.user)


def end_other_sessions(request: HttpRequest, user: User) -> None:
    """Sessions from before the second factor was added never proved it."""
    others = UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key)
    get_sessions_adapter().end_sessions(others)


def renew_session(request: HttpRequest | None, authenticator: Authenticator) -> None:
    """Whoever stole the key of the session has nothing of it once it may do more, or less."""
    before = request.session.session_key if request is not None else None
    if request is None or before is None or authenticator.type not in FACTORS:
        return
    request.session.cycle_key()
    after = request.session.session_key
    UserSession.objects.filter(session_key=before).update(session_key=after)


def is_first_use(user: User, code: str) -> bool:
    """True once for each code. allauth forgets one after half a minute, but takes it for three."""
    digits = "".join(filter(str.isalnum, code))
    seconds = mfa_settings.TOTP_PERIOD * (2 * settings.MFA_TOTP_TOLERANCE + 1)
    return cache.add(f"second-factor-used:{user.pk}:{digits}", 1, timeout=seconds)


def unreadable(user: Any) -> set[str]:
    """Which kinds were kept under a secret key that is gone, and work no more. One query."""
    if not getattr(user, "is_authenticated", False):
        return set()
    rows = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN)
    kept = ((row.type, row.data.get("secret") or row.data.get("seed")) for row in rows)
    return {kind for kind, text in kept if text and not _is_readable(text)}


def reset(user: User) -> int:
    """Take every second factor from somebody who lost them; how many rows that were."""
    rows = list(Authenticator.objects.filter(user=user))
    for row in rows:
        row.delete()
        authenticator_removed.send(Authenticator, request=None, user=user, authenticator=row)
    return len(rows)


def _is_missing(request: HttpRequest) -> bool:
    holds_power = bool(roles.of(request.user)) or getattr(request.user, "is_superuser", False)
    if not settings.SECOND_FACTOR_IS_COMPULSORY or not holds_power:
        return False
    return not (is_mfa_enabled(request.user, FACTORS) or _came_by_strong_signon(request))


def _came_by_strong_signon(request: HttpRequest) -> bool:
    if not settings.OIDC_IS_STRONG:
        return False
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "socialaccount" for record in records)


def _cipher() -> MultiFernet:
    """Writes with the secret key of now, and reads with those of before too."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([_cipher_of(key) for key in keys])


def _cipher_of(secret_key: str) -> Fernet:
    key = hashlib.sha256(b"tocsin second factor:" + secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _is_readable(kept: str) -> bool:
    try:
        _cipher().decrypt(kept.encode())
    except InvalidToken:
        return False
    return True
