"""Tells people by mail what was changed on their own account, so that no theft of it stays unseen.

The mail has no link on purpose: whoever is used to such links follows a forged one too.
"""

from datetime import UTC, timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_q.tasks import async_task

from portal.models import SignInEvent, User
from portal.patience import patiently
from portal.templatetags import looks
from workflows import letters

ADDED, REMOVED = SignInEvent.Kind.SECOND_FACTOR_ADDED, SignInEvent.Kind.SECOND_FACTOR_REMOVED
CHANGED = SignInEvent.Kind.PASSWORD_CHANGED
CODES_ANEW = "recovery_codes, made anew"

# Recovery codes that come or go along with something else are told with that.
WHAT_HAPPENED: dict[tuple[str, str], Promise] = {
    (ADDED, Authenticator.Type.TOTP): gettext_lazy("An authenticator app was added to it."),
    (ADDED, Authenticator.Type.WEBAUTHN): gettext_lazy("A passkey was added to it."),
    (ADDED, CODES_ANEW): gettext_lazy("New recovery codes were made; the old ones ended."),
    (REMOVED, Authenticator.Type.TOTP): gettext_lazy("Its authenticator app was removed."),
    (REMOVED, Authenticator.Type.WEBAUTHN): gettext_lazy("A passkey was removed from it."),
    (CHANGED, ""): gettext_lazy("Its password was changed."),
}


def tell_owner(event: SignInEvent) -> None:
    """Have the owner told of one event of the audit, if it changed how one gets in."""
    if event.who is not None and event.who.email and (event.kind, event.detail) in WHAT_HAPPENED:
        async_task("portal.notices.send", event.pk)


@patiently(timedelta(days=1))
def send(event_id: int) -> None:
    """Mail one event. Its Message-ID stays the same, so a repeated one shows."""
    event = SignInEvent.objects.select_related("who", "by").get(pk=event_id)
    owner = event.who
    if owner is None:
        return
    with (
        translation.override(owner.reads),
        timezone.override(owner.time_zone or None),
    ):
        subject, text = _("Your account was changed"), text_of(event, owner)
    about = f"account.{event.pk}"
    letters.compose(owner.email, f"Tocsin: {subject}", text, about=about).send()


def text_of(event: SignInEvent, owner: User) -> str:
    """What, whose, when, from where, by whom, and what to do if it was somebody else."""
    lines = [
        _("Your account “%(account)s” was changed.") % {"account": owner.get_username()},
        str(WHAT_HAPPENED[event.kind, event.detail]),
        when(event),
        where(event),
        _("Was it you, or do you know of it? Then all is well."),
    ]
    if settings.EMERGENCY_PHONE:
        number = {"phone": settings.EMERGENCY_PHONE}
        lines.append(_("If not: call %(phone)s at once, at any hour.") % number)
    else:
        lines.append(_("If not: tell your response team at once, by phone or in person."))
    lines.append(_("This mail has no link. To look, open the portal as you always do."))
    return "\n\n".join(lines) + f"\n\n-- \n{settings.ORGANISATION_NAME}\n"


def when(event: SignInEvent) -> str:
    """The moment by the owner's clock, and in UTC."""
    words = {
        "here": date_format(timezone.localtime(event.at), "DATETIME_FORMAT"),
        "zone": timezone.get_current_timezone_name(),
        "exact": event.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M"),
    }
    return _("When: %(here)s (%(zone)s), which is %(exact)s UTC") % words


def where(event: SignInEvent) -> str:
    """From which address and program, and by whom if not by the owner."""
    if event.address is None:
        return _("By: the person who runs the portal, on its server")
    words = {
        "address": event.address,
        "program": looks.browser(event.user_agent),
        "person": str(event.by or ""),
    }
    if event.by is not None and event.by != event.who:
        return _("By: %(person)s, from the address %(address)s (%(program)s)") % words
    return _("From: the address %(address)s (%(program)s)") % words
