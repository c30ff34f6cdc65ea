"""Sign-in by django-allauth, with the few answers that are ours."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.usersessions.adapter import get_adapter as get_sessions_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents import roles
from portal import audit, reauthentication
from portal.models import User


class Adapter(DefaultAccountAdapter):
    """Accounts are made by the administrator: nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where one lands who wanted to go nowhere else: those with a role in the console."""
        return reverse("admin:index") if roles.of(request.user) else reverse("start")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Every link of a mail begins with BASE_URL, whatever host the request gave itself."""
        asked, ours = self.request.build_absolute_uri("/"), f"{settings.BASE_URL}/"
        links = {
            name: ours + value.removeprefix(asked)
            for name, value in context.items()
            if isinstance(value, str) and value.startswith(asked)
        }
        site = SimpleNamespace(
            name=settings.ORGANISATION_NAME, domain=urlsplit(settings.BASE_URL).hostname
        )
        super().send_mail(template_prefix, email, {**context, **links, "current_site": site})

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Attempts that are not even looked at any more are still written down."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            audit.failed(credentials, request, detail="too many attempts")
            raise

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

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Accounts of the identity provider get no password here."""
        if user.has_usable_password():
            super().send_password_reset_mail(user, email, context)


def not_here(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Stands before pages of allauth that would undo what the administrator keeps.

    Whoever could add an address could sign in with it, and have a password reset sent to it.
    Accounts of the identity provider get no second way in, and nobody connects identities.
    """
    raise Http404


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one of one's own sessions out."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    get_sessions_adapter().end_sessions([session])
    return redirect("usersessions_list")
