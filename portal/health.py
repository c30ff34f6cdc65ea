"""Is it alive (/healthz), and would a report be handled now (/readyz)?"""

from collections.abc import Callable
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from workflows import heartbeat
from workflows.alerts import oldest_waiting

LONGEST_WAIT = timedelta(minutes=2)  # an alert that waits longer does not reach anybody in time

Check = Callable[[], str]


@never_cache
@require_safe
def alive(_request: HttpRequest) -> HttpResponse:
    """This process answers. Nothing else is looked at: a restart would not mend anything else."""
    return HttpResponse("alive\n", content_type="text/plain")


@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """200 when all is well, else 503; each check says "ok" or what is wrong."""
    findings = examine()
    is_ready = all(finding == "ok" for finding in findings.values())
    return JsonResponse({"ready": is_ready, **findings}, status=200 if is_ready else 503)


def examine() -> dict[str, str]:
    """What each check found. The first database error ends it: the rest could say nothing else."""
    findings: dict[str, str] = {}
    for name, check in CHECKS.items():
        try:
            findings[name] = check() or "ok"
        except Error as problem:
            # The words of the driver may name hosts and accounts; they are for the log.
            findings[name] = f"the database does not answer ({type(problem).__name__})"
            connection.close()
            break
    return findings


def check_database() -> str:
    """It answers a question."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def check_migrations() -> str:
    """Its tables are those that this version knows."""
    return "" if is_migrated() else "migrations are missing: run manage.py migrate"


def is_migrated() -> bool:
    """True once every migration is applied; a process that has seen that looks no more."""
    if not known_migrated():
        known_migrated.cache_clear()
        return False
    return True


@cache
def known_migrated() -> bool:
    """True when nothing is left to migrate."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def check_worker() -> str:
    """Some worker has run a tick not long ago."""
    age = heartbeat.youngest_age()
    if age is None:
        return "no worker has run yet"
    if age > timedelta(seconds=settings.STALL_SECONDS):
        return f"the last sign of life of a worker is {age.seconds} s old"
    return ""


def check_alerts() -> str:
    """No alert waits for long."""
    oldest = oldest_waiting()
    if oldest is None or timezone.now() - oldest < LONGEST_WAIT:
        return ""
    return f"an alert waits since {oldest.isoformat(timespec='seconds')}"


CHECKS: dict[str, Check] = {
    "database": check_database,
    "migrations": check_migrations,
    "worker": check_worker,
    "alerts": check_alerts,
}
