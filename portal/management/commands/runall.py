import errno
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import keeper, preparation
from portal.stuck import THREADS
from portal.supervisor import Child, Supervisor

PORT_PATIENCE_SECONDS = 3.0  # a portal that was killed a moment ago may still be letting go
DEMO_ACCOUNTS = ("reporter reporter2", "agent handler manager", "ciso dpo auditor", "admin")


class Command(BaseCommand):
    """Prepares everything, then runs web and worker until it is told to stop."""

    help = "Prepare the database, then run web and worker together until Ctrl-C or SIGTERM."
    requires_system_checks = []  # handle() runs them, and ends in one line instead of a list

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--only", choices=["prepare", "web", "worker"], help="do one of the three and no more"
        )
        parser.add_argument(
            "--with-parent", action="store_true", help="stop when the parent process dies"
        )

    def handle(self, *, only: str | None, with_parent: bool, **_: Any) -> None:
        if with_parent:
            keeper.prctl(keeper.PR_SET_PDEATHSIG, signal.SIGTERM)
        preparation.check_settings()
        if only in {None, "web"}:
            wait_for_port(time.monotonic() + PORT_PATIENCE_SECONDS)
        preparation.prepare(self.say)
        if only == "prepare":
            return
        children = [child for child in (web(), worker()) if only in {None, child.name}]
        self.say("Starting ...\n")
        Supervisor(children, on_ready=self.welcome).run()

    def say(self, words: str) -> None:
        """Tell the person who waits, at once."""
        self.stdout.write(words, ending="")
        self.stdout.flush()

    def welcome(self) -> None:
        """Where to go now, and as whom."""
        lines = ["", f"Tocsin runs at {settings.BASE_URL}/"]
        if settings.DEMO:
            lines += ["Demo accounts, each with the password demo-<username>:"]
            lines += [f"  {names}" for names in DEMO_ACCOUNTS]
        lines += ["Ctrl-C stops it.", "", ""]
        self.say("\n".join(lines))


def web() -> Child:
    """The web server: measured best of six, at the least processor time a request."""
    options = {
        "--interface": "wsgi",
        "--http": "1",
        "--host": settings.HOST,
        "--port": settings.PORT,
        "--workers": settings.WEB_WORKERS,
        "--blocking-threads": THREADS,
        # A thread takes its database connection with it when it ends.
        "--blocking-threads-idle-timeout": 600,
        "--respawn-interval": 0.5,
        "--workers-kill-timeout": 5,
        "--log-level": "warning",
    }
    words = [str(word) for option in options.items() for word in option]
    switches = ["--respawn-failed-workers", "--no-ws"]
    command = [sys.executable, "-m", "granian", *words, *switches, "portal.wsgi:application"]
    return Child("web", command)


def worker() -> Child:
    """The job cluster of django-q2."""
    program = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    return Child("worker", [*program, "qcluster", "--skip-checks"])


def wait_for_port(deadline: float) -> None:
    """Return when the address is free; else stop with one line that says what to change."""
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    while True:
        try:
            return socket.create_server((settings.HOST, settings.PORT), family=family).close()
        except socket.gaierror:
            raise CommandError(f"HOST: {settings.HOST!r} is no address of this machine.") from None
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise CommandError(explain(problem)) from None
        time.sleep(0.1)


def explain(problem: OSError) -> str:
    """What to change when the address cannot be had."""
    if problem.errno == errno.EADDRINUSE:
        return f"PORT: {settings.PORT} is taken by another program. Set PORT to a free one."
    if problem.errno == errno.EACCES:
        return f"PORT: {settings.PORT} needs root. Set PORT to one above 1023."
    return f"HOST: {settings.HOST!r} is no address of this machine."
