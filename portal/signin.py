"""Sign-in by django-allauth, with the few answers that are ours."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import get_adapter as get_sessions_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents import roles
from portal import audit, reauthentication, second_factor, signin_limits, signin_mails
from portal.models import User


class Adapter(DefaultAccountAdapter):
    """Accounts are made by the administrator: nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where one lands who wanted to go nowhere else: those with a role in the console."""
        return reverse("admin:index") if roles.of(request.user) else reverse("start")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:  # noqa: ARG002
        """The only mail of allauth left: to an address that has no account here."""
        signin_mails.request_unknown(email)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """That attempts are not even looked at any more is written down, once in a while."""
        try:
            if signin_limits.is_besieged(request, audit.name_typed(credentials)):
                raise self.validation_error("too_many_login_attempts")
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            if signin_limits.is_first_refusal(request, audit.name_typed(credentials)):
                audit.failed(credentials, request, detail="too many attempts")
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        signin_limits.note_failure(request, audit.name_typed(credentials))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """allauth counts by name alone: a stranger could keep anybody out."""
        return signin_limits.key_here(request, audit.name_typed(credentials))

    def is_safe_url(self, url: str) -> bool:
        """Whoever comes in goes on to a path of ours, never to an address with a host in it."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who signed in a moment ago is not asked again."""
        is_required = super().is_reauthentication_required(app=app, **kwargs)
        return is_required and not reauthentication.is_recent(context.request)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Who has neither password nor second factor here signs in there again."""
        methods = super().get_reauthentication_methods(user)
        if methods or not user.is_authenticated:
            return methods
        url = reverse("openid_connect_login", args=["sso"])
        return [{"id": "sso", "description": _("Sign in again"), "url": url}]

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:  # noqa: ARG002
        signin_mails.request_reset(user)


def not_here(request: HttpRequest, **_keys: str) -> HttpResponse:  # noqa: ARG001
    """Stands before pages of allauth that would undo what the administrator keeps.

    Whoever could add an address could sign in with it, and have a password reset sent to it.
    Accounts of the identity provider get no second way in, and nobody connects identities.
    """
    raise Http404


def readable_codes(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Stands before pages of allauth that show recovery codes: without the key they were kept
    under, it would show codes that work nowhere.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if Authenticator.Type.RECOVERY_CODES in second_factor.unreadable(request.user):
            return redirect("mfa_index")
        return view(request, *args, **kwargs)

    return guarded


@require_POST
@login_required
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one of one's own sessions out."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    get_sessions_adapter().end_sessions([session])
    return redirect("usersessions_list")
