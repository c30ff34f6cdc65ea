"""Sign-in by django-allauth, with the few answers that are ours."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import Http404, HttpRequest, HttpResponse


class Adapter(DefaultAccountAdapter):
    """Accounts are made by the administrator: nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False


def not_here(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Stands before allauth's page for adding mail addresses: the administrator keeps them.

    Whoever could add an address could sign in with it, and have a password reset sent to it.
    """
    raise Http404
