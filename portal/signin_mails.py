"""The mails of a forgotten password. They leave by the queue, so that neither the time an answer
takes nor a mail server that is down tells who has an account here.
"""

from datetime import timedelta

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from portal import languages
from portal.models import User
from portal.patience import patiently
from workflows import letters

WANTED_FOR = timedelta(hours=2)  # whoever still waits then has asked again, or called


def request_reset(user: User) -> None:
    """Have the link sent to whoever has a password here. The queue never holds the link."""
    async_task("portal.signin_mails.send_reset", user.pk)


def request_unknown(address: str) -> None:
    """Have an address that has no account told so: people forget which one they gave."""
    language = languages.now()
    async_task("portal.signin_mails.send_unknown", address, language)


@patiently(WANTED_FOR)
def send_reset(user_id: int) -> None:
    """Mail the link. Accounts of the identity provider get no password here, so no mail."""
    user = User.objects.get(pk=user_id)
    if not (user.is_active and user.has_usable_password()):
        return
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
    hours = {"hours": settings.PASSWORD_RESET_TIMEOUT // 3600}
    with translation.override(user.reads):
        lines = [
            _("Somebody, probably you, wants a new password for “%(account)s”.")
            % {"account": user.get_username()},
            _("Choose it here, within %(hours)s hours:") % hours + f"\n{settings.BASE_URL}{path}",
            _("Was it not you? Then do nothing: your password stays as it is."),
        ]
        _send(user.email, _("A new password"), lines)


@patiently(WANTED_FOR)
def send_unknown(address: str, language: str) -> None:
    """Say that there is no such account, and who makes them."""
    with translation.override(language):
        lines = [
            _("Somebody, probably you, wants a new password, but no account has this address."),
            _("Try another address of yours. Accounts are made by your organisation:")
            + f"\n{settings.BASE_URL}{reverse('account_login')}",
            _("Was it not you? Then do nothing."),
        ]
        _send(address, _("A new password"), lines)


def _send(address: str, subject: str, lines: list[str]) -> None:
    text = "\n\n".join(lines) + f"\n\n-- \n{settings.ORGANISATION_NAME}\n"
    letters.compose(address, f"Tocsin: {subject}", text).send()
