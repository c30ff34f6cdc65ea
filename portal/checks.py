"""Start-up checks: combinations of settings that would do harm later. Each has an id and a cure."""

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Warning
from django.utils import timezone

from incidents.roles import ROLE_OF
from workflows import working_hours
from workflows.mail import is_outbox

Check = Callable[..., list[CheckMessage]]


def register_all() -> None:
    """Make Django run the checks below with its own."""
    for check in CHECKS:
        checks.register(check, "portal")


def is_loopback(host: str) -> bool:
    """True when only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def demo_stays_at_home(**_: Any) -> list[CheckMessage]:
    """Everybody knows the demo's passwords."""
    if not settings.DEMO or is_loopback(settings.HOST):
        return []
    problem = f"HOST: {settings.HOST!r} is not loopback, and DEMO=1 has well-known passwords."
    return [Error(problem, hint="Set DEMO=0, or HOST=127.0.0.1.", id="portal.E001")]


def lease_outlasts_the_longest_wait(**_: Any) -> list[CheckMessage]:
    """A job whose lease ends while it still waits or runs is run twice."""
    jobs = settings.Q_CLUSTER
    longest = jobs["timeout"] * (jobs["queue_limit"] / jobs["workers"] + 1)
    if jobs["retry"] > longest:
        return []
    hint = f"Set retry above timeout x (queue_limit / workers + 1) = {longest:g} seconds."
    return [Error("Q_CLUSTER: retry is too short.", hint=hint, id="portal.E002")]


def evidence_is_not_public(**_: Any) -> list[CheckMessage]:
    """Everything below STATIC_ROOT is served to anybody."""
    evidence = Path(settings.STORAGES["evidence"].get("OPTIONS", {}).get("location", "/")).resolve()
    if settings.STATIC_ROOT.resolve() not in {evidence, *evidence.parents}:
        return []
    hint = "Keep the evidence storage outside STATIC_ROOT."
    return [Error("STORAGES: evidence would be public.", hint=hint, id="portal.E003")]


def sqlite_takes_turns(**_: Any) -> list[CheckMessage]:
    """Measured: without IMMEDIATE and WAL nine in ten concurrent writers fail at once."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] != "django.db.backends.sqlite3":
        return []
    options = database.get("OPTIONS", {})
    is_immediate = options.get("transaction_mode") == "IMMEDIATE"
    if is_immediate and "journal_mode=WAL" in options.get("init_command", ""):
        return []
    hint = "Set transaction_mode to IMMEDIATE and journal_mode to WAL."
    return [Error("DATABASES: SQLite would lose writes.", hint=hint, id="portal.E004")]


def jobs_share_the_transaction(**_: Any) -> list[CheckMessage]:
    """Measured: with another alias, queueing a job silently loses the open transaction."""
    if settings.Q_CLUSTER.get("orm") == "default":
        return []
    hint = "Set orm to 'default'."
    problem = "Q_CLUSTER: jobs must live in the default database."
    return [Error(problem, hint=hint, id="portal.E005")]


def working_day_has_hours(**_: Any) -> list[CheckMessage]:
    """Due times in working hours would never come."""
    if settings.WORKDAY_START_HOUR < settings.WORKDAY_END_HOUR:
        return []
    problem = "WORKDAY_END_HOUR: the working day ends before it starts."
    return [Error(problem, hint="Set it after WORKDAY_START_HOUR.", id="portal.E006")]


def holidays_are_known(**_: Any) -> list[CheckMessage]:
    """Without working days no task would get its due time, and no playbook would start."""
    try:
        working_hours.calendar().add_working_days(timezone.now(), 1)
    except ValueError as problem:
        line = f"WORKING_COUNTRY, WORKING_SUBDIVISION: {problem}"
        return [Error(line, hint="Use codes such as NL, or DE with BY.", id="portal.E007")]
    return []


def data_is_private(**_: Any) -> list[CheckMessage]:
    """Files are made for their owner alone; an older or copied one may not be.

    A warning: a directory that somebody else made must not cost the start of the bell.
    """
    if not settings.DATA_DIR.stat().st_mode & 0o077:
        return []
    problem = f"DATA_DIR: {settings.DATA_DIR} is open to other users of this machine."
    hint = f"Run: chmod -R go-rwx '{settings.DATA_DIR}'"
    return [Warning(problem, hint=hint, id="portal.W003")]


def mail_goes_out(**_: Any) -> list[CheckMessage]:
    """Files in a directory ring nobody."""
    if settings.DEMO or not is_outbox():
        return []
    problem = "EMAIL_URL: no mail server is set, so alerts are only written to files."
    return [Warning(problem, hint="Set EMAIL_URL, such as smtp+tls://host:587.", id="portal.W001")]


def secrets_travel_encrypted(**_: Any) -> list[CheckMessage]:
    """Sessions, tokens and reports would cross the network in the clear."""
    address = urlsplit(settings.BASE_URL)
    if address.scheme == "https" or is_loopback(address.hostname or ""):
        return []
    hint = "Put a proxy with a certificate before it, and set BASE_URL to its https address."
    return [Warning("BASE_URL: is not https.", hint=hint, id="portal.W002")]


def single_signon_is_whole(**_: Any) -> list[CheckMessage]:
    """Half of it would be a button that leads to an error."""
    if settings.OIDC_SERVER_URL is None or settings.OIDC_CLIENT_ID:
        return []
    problem = "OIDC_CLIENT_ID: is not set, but OIDC_SERVER_URL is."
    return [Error(problem, hint="Set it as the provider knows this portal.", id="portal.E008")]


def groups_map_to_roles(**_: Any) -> list[CheckMessage]:
    """A role that does not exist would be given to nobody, unseen."""
    unknown = sorted({role for _value, role in settings.OIDC_GROUP_MAP} - set(ROLE_OF))
    if not unknown:
        return []
    problem = f"OIDC_GROUP_MAP: no such role: {', '.join(unknown)}."
    return [Error(problem, hint=f"Use: {', '.join(ROLE_OF)}.", id="portal.E009")]


CHECKS: list[Check] = [
    demo_stays_at_home,
    lease_outlasts_the_longest_wait,
    evidence_is_not_public,
    sqlite_takes_turns,
    jobs_share_the_transaction,
    working_day_has_hours,
    holidays_are_known,
    data_is_private,
    single_signon_is_whole,
    groups_map_to_roles,
    mail_goes_out,
    secrets_travel_encrypted,
]
