"""Asking again who sits there, before an act that would hand out power."""

import time

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.http import urlencode


def is_recent(request: HttpRequest) -> bool:
    """True when this session proved within minutes whose it is, by signing in or when asked."""
    records = get_authentication_records(request, request.user)
    since = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    return any(record["at"] > since for record in records)


def demand(request: HttpRequest) -> None:
    """Send whoever must prove themselves to do so; what they posted is done afterwards."""
    if not is_recent(request):
        raise ReauthenticationRequired


def demand_before_secrets(request: HttpRequest) -> None:
    """The same for a form with a password in it, which is not kept: the form opens anew."""
    if not is_recent(request):
        page = get_adapter().get_reauthentication_methods(request.user)[0]["url"]
        where = urlencode({"next": request.path})
        raise ImmediateHttpResponse(redirect(f"{page}?{where}"))
