"""What has to be in place before web and worker start. Each step is safe and quick to repeat."""

import fcntl
import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import connection

from incidents.models import Incident
from portal import demo

ADVISORY_LOCK = 0x70C51  # any number that no other program uses on this database

Step = tuple[str, Callable[[], None]]

log = structlog.get_logger(__name__)


def prepare(say: Callable[[str], None]) -> None:
    """Run all steps, telling `say` which and how long. Other nodes wait for their turn."""
    steps = list_steps()
    with one_at_a_time():
        for number, (title, step) in enumerate(steps, 1):
            started = time.monotonic()
            say(f"[{number}/{len(steps)}] {title} ...")
            step()
            say(f" {time.monotonic() - started:.1f} s\n")


def list_steps() -> list[Step]:
    """The steps in their order; the demo only where it is wanted."""
    steps: list[Step] = [
        ("Bringing the database up to date", lambda: run_quietly("migrate", interactive=False)),
        ("Loading playbooks, rules, categories and roles", lambda: run_quietly("sync_reference")),
        ("Collecting static files", collect_static),
    ]
    if settings.DEMO:
        steps.append(("Making a demo to look at", seed_demo))
    else:
        steps.append(("Looking for accounts of the demo", refuse_demo_accounts))
    return steps


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Several nodes may start together: one prepares, the others find it done."""
    with open(settings.DATA_DIR / "preparation.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        yield
        # A failed step ends the process, and PostgreSQL frees the lock with the connection.
        connection.close()


def run_quietly(command: str, **options: object) -> None:
    """Run a management command without its usual talk."""
    call_command(command, verbosity=0, stdout=io.StringIO(), **options)


def check_settings() -> None:
    """Stop at the first error of the start-up checks, in one line; mention the warnings."""
    found = [problem for problem in checks.run_checks() if not problem.is_silenced()]
    for problem in sorted(found, key=lambda problem: -problem.level):
        line = f"{problem.msg} {problem.hint or ''} ({problem.id})"
        if problem.is_serious():
            raise CommandError(line)
        log.warning(line)


def collect_static() -> None:
    """Collect and compress the static files, if any of them changed since the last time."""
    stamp = settings.DATA_DIR / "static-files.sha256"
    now = static_fingerprint()
    collected = (settings.STATIC_ROOT / "staticfiles.json").exists()
    if collected and stamp.exists() and stamp.read_text() == now:
        return
    run_quietly("collectstatic", interactive=False)
    stamp.write_text(now)


def static_fingerprint() -> str:
    """Changes when a static file of any application is added, removed or written."""
    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = os.stat(storage.path(path))
            seen.update(f"{storage.location}/{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def seed_demo() -> None:
    """Fill an empty database with the demo; one that is in use stays as it is."""
    if not get_user_model().objects.exists() and not Incident.objects.exists():
        run_quietly("seed_demo")


def refuse_demo_accounts() -> None:
    """Stop before anybody can sign in with a password that stands in the README."""
    people = get_user_model().objects.filter(username__in=demo.usernames(), is_active=True)
    known = sorted(
        each.username for each in people if each.check_password(demo.password_of(each.username))
    )
    if known:
        raise CommandError(
            "DATA_DIR: the database holds the demo, whose passwords everybody knows "
            f"({', '.join(known)}). Name another DATA_DIR, or set DEMO=1."
        )
