"""An authenticator app for tests: the key it was given, and the code it shows now."""

import re
import time

from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.test import Client

ENROL = "/accounts/2fa/totp/activate/"
LOGIN = "/accounts/login/"
CODE = "/accounts/2fa/authenticate/"


def code_of(key: str, *, steps: int = 0) -> str:
    """The code of this half minute, or of one `steps` later."""
    return format_hotp_value(hotp_value(key, int(time.time()) // 30 + steps))


def key_on(page: str) -> str:
    """The key that the page of enrolment shows."""
    found = re.search(r'id="key">(\w+)<', page)
    assert found
    return found[1]


def give_app(user) -> str:
    """Set an app up for `user` as the enrolment does; gives its key."""
    key = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(user, key)
    return key


def sign_in(client: Client, user, password: str = "", **more):
    """The first step of signing in."""
    words = {"login": user.username, "password": password or f"demo-{user.username}", **more}
    return client.post(LOGIN, words)


def take_new_key(client: Client, user) -> None:
    """Tests hold commits back until after the answer; a browser gets the new session key with it.

    The one session that is left is the browser's.
    """
    client.cookies["sessionid"] = UserSession.objects.get(user=user).session_key
