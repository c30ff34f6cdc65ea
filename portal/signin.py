"""Sign-in by django-allauth, with the few answers that are ours."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from incidents import roles


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


def not_here(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Stands before allauth's page for adding mail addresses: the administrator keeps them.

    Whoever could add an address could sign in with it, and have a password reset sent to it.
    """
    raise Http404
