"""How long a session lives: so long unused, and so long in all. Reported answers outlive it."""

import time

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest

BEGAN, USED = "tocsin_began", "tocsin_used"
WRITE_EVERY_SECONDS = 60
# Sent by scripts that ask by themselves: it can only keep a session from being prolonged.
UNATTENDED = "X-Unattended"


def begin(request: HttpRequest) -> None:
    """Start the clocks of a session at sign-in."""
    request.session[BEGAN] = request.session[USED] = int(time.time())


def keep(request: HttpRequest) -> None:
    """Note that the session is used, or end it if it is over. Writes once in a minute.

    What a page asks by itself is no use: else a screen that was left alone would stay signed in.
    """
    if not request.user.is_authenticated:
        return
    now, session = int(time.time()), request.session
    if BEGAN not in session:
        begin(request)
    idle, age = now - session[USED], now - session[BEGAN]
    if idle > settings.SESSION_IDLE_MINUTES * 60 or age > settings.SESSION_COOKIE_AGE:
        logout(request)
    elif idle >= WRITE_EVERY_SECONDS and UNATTENDED not in request.headers:
        session[USED] = now
