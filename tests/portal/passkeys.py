"""A passkey of the tests: made and used without a browser, so that it can also cheat."""

import hashlib
import os
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

HOST = "testserver"
PRESENT, VERIFIED, HAS_CREDENTIAL = 0x01, 0x04, 0x40


class Passkey:
    """One key, as the device of `user` holds it; `enrol` tells the portal of it."""

    def __init__(self, user):
        self.user = user
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.identity = os.urandom(32)

    def enrol(self) -> Authenticator:
        public = ES256.from_cryptography_key(self.key.public_key())
        shown = AttestedCredentialData.create(bytes(16), self.identity, public)
        facts = self.facts(PRESENT | VERIFIED | HAS_CREDENTIAL, credential_data=shown)
        words = {
            "clientDataJSON": self.client_data("webauthn.create", b"x"),
            "attestationObject": AttestationObject.create("none", facts, {}),
        }
        return WebAuthn.add(self.user, "Key", self.credential(words)).instance

    def answer(self, client: Client, *, verified: bool = True, challenge: bytes = b"") -> Any:
        """What the browser sends for the challenge that the session of `client` holds."""
        state = client.session.get("mfa.webauthn.state") or {"challenge": "eA"}
        data = self.client_data("webauthn.get", challenge or state["challenge"])
        facts = self.facts(PRESENT | (VERIFIED if verified else 0))
        signed = bytes(facts) + hashlib.sha256(data).digest()
        words = {
            "clientDataJSON": data,
            "authenticatorData": facts,
            "signature": self.key.sign(signed, ec.ECDSA(hashes.SHA256())),
            "userHandle": user_pk_to_url_str(self.user).encode(),
        }
        return self.credential(words)

    def facts(self, flags: int, **more: Any) -> AuthenticatorData:
        return AuthenticatorData.create(hashlib.sha256(HOST.encode()).digest(), flags, 0, **more)

    def client_data(self, kind: str, challenge: bytes | str) -> CollectedClientData:
        return CollectedClientData.create(kind, challenge, f"https://{HOST}")

    def credential(self, words: dict[str, bytes]) -> dict[str, Any]:
        name = websafe_encode(self.identity)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": {key: websafe_encode(value) for key, value in words.items()},
            "clientExtensionResults": {"credProps": {"rk": True}},
        }
