"""Mails about accounts are tried for long: a mail server may be down for hours.

django-q2 tries a job five times within ten minutes and then drops it. So a job that meets a mail
server which does not answer is put into the queue again, each time for later.
"""

import smtplib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from itertools import accumulate

import structlog
from django.core.cache import cache
from django_q import tasks

from workflows.broker import Later

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 40, *[60] * 23))
GIVEN_UP = "portal.patience.given_up"
SHOWN_FOR = timedelta(days=1)

log = structlog.get_logger(__name__)


def patiently(most: timedelta) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Have a job that mails tried again for `most`; then it is given up, loudly."""
    waits = [
        pause for pause, total in zip(PAUSES, accumulate(PAUSES), strict=True) if total <= most
    ]

    def decorate(job: Callable[..., None]) -> Callable[..., None]:
        @wraps(job)
        def attempt(*args: int | str, tries: int = 0) -> None:
            name = f"{job.__module__}.{job.__name__}"
            try:
                job(*args)
            except smtplib.SMTPRecipientsRefused as problem:
                if is_for_good(problem):
                    log.warning("mail_refused", job=name, answers=codes(problem))
                else:
                    put_off(name, args, tries, waits, problem)
            except OSError as problem:
                put_off(name, args, tries, waits, problem)

        return attempt

    return decorate


def put_off(
    name: str, args: tuple[int | str, ...], tries: int, waits: list[timedelta], problem: OSError
) -> None:
    """Queue the job for later, or say that nobody will try any more."""
    what = type(problem).__name__  # its words may name addresses of mail
    if tries < len(waits):
        log.warning("mail_put_off", job=name, problem=what, tries=tries + 1)
        tasks.async_task(name, *args, tries=tries + 1, broker=Later(waits[tries]))
        return
    log.error("mail_given_up", job=name, problem=what, tries=tries + 1)
    cache.set(GIVEN_UP, given_up() + 1, timeout=SHOWN_FOR.total_seconds())


def given_up() -> int:
    """How many mails about accounts were given up, until a day passes without one."""
    count: int = cache.get(GIVEN_UP, 0)
    return count


def is_for_good(problem: smtplib.SMTPRecipientsRefused) -> bool:
    """True when the server will not take it later either: there is no such mailbox."""
    return all(code >= 500 for code in codes(problem))


def codes(problem: smtplib.SMTPRecipientsRefused) -> list[int]:
    return sorted(code for code, _words in problem.recipients.values())
