"""The second factor: who must have one, and how its secrets are kept. allauth does the rest."""

import base64
import hashlib
import secrets

from allauth.account.authentication import get_authentication_records
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.adapter import get_adapter as get_sessions_adapter
from allauth.usersessions.models import UserSession
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from incidents import roles
from portal.models import User

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
    holds_power = bool(roles.of(request.user)) or getattr(request.user, "is_superuser", False)
    if not settings.SECOND_FACTOR_IS_COMPULSORY or not holds_power:
        return False
    return not (is_mfa_enabled(request.user, FACTORS) or _came_by_strong_signon(request))


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


def reset(user: User) -> int:
    """Take every second factor from somebody who lost them; how many rows that were."""
    rows = list(Authenticator.objects.filter(user=user))
    for row in rows:
        row.delete()
        authenticator_removed.send(Authenticator, request=None, user=user, authenticator=row)
    return len(rows)


def _came_by_strong_signon(request: HttpRequest) -> bool:
    if not settings.OIDC_IS_STRONG:
        return False
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "socialaccount" for record in records)


def _cipher() -> Fernet:
    key = hashlib.sha256(b"tocsin second factor:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
