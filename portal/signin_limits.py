"""How often one may be wrong: for each account and address, and for an account from everywhere.

allauth counts by name alone, so that anybody could lock anybody out. Here a stranger's attempts
count for the stranger's address; those of many addresses together close the account's password only
to addresses from which its owner never came in. Passkeys and single sign-on stay open.
"""

import hashlib
from datetime import timedelta

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from incidents import roles
from portal import audit
from portal.models import SignInEvent, User

FROM_EVERYWHERE = {"failed_everywhere": "50/h/key"}
REMEMBERED_DAYS = 90
WINDOW = timedelta(minutes=5)  # so long is a row of wrong passwords remembered


def key_here(request: HttpRequest, name: str) -> str:
    """What attempts on one account from one address are counted by."""
    return f"{_subject(roles.person_named(name), name)} {audit.address_of(request)}"


def is_besieged(request: HttpRequest, name: str) -> bool:
    """True when too many failed from everywhere, and this is no address of its owner."""
    account = roles.person_named(name)
    if _count(request, _subject(account, name), dry_run=True):
        return False
    since = timezone.now() - timedelta(days=REMEMBERED_DAYS)
    came = SignInEvent.objects.filter(
        kind=SignInEvent.Kind.SIGNED_IN, address=audit.address_of(request), at__gt=since
    )
    return account is None or not came.filter(who=account).exists()


def is_first_refusal(request: HttpRequest, name: str) -> bool:
    """True once in a window for each account and address: the audit forgets nothing, and whoever
    goes on and on would fill it.
    """
    asked = hashlib.sha256(key_here(request, name).encode()).hexdigest()
    return cache.add(f"sign-in-refused:{asked}", 1, timeout=WINDOW.total_seconds())


def note_failure(request: HttpRequest, name: str) -> None:
    """Count one wrong password for the account, wherever it came from."""
    _count(request, _subject(roles.person_named(name), name), dry_run=False)


def _count(request: HttpRequest, key: str, *, dry_run: bool) -> bool:
    if settings.ACCOUNT_RATE_LIMITS is False:
        return True
    usage = ratelimit.consume(
        request,
        app="portal",
        action="failed_everywhere",
        config=FROM_EVERYWHERE,
        key=key,
        dry_run=dry_run,
    )
    return usage is not None


def _subject(account: User | None, name: str) -> str:
    """User name and mail address are the same account."""
    return f"account {account.pk}" if account else f"name {name.lower()}"
