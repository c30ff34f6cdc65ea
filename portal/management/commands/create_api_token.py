from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from portal.api import tokens
from portal.models.tokens import Scope


class Command(BaseCommand):
    help = "Make an API token and print it, once, alone on standard output."

    def add_arguments(self, parser):
        parser.add_argument("user", help="User name of the person it acts for.")
        parser.add_argument(
            "--scope",
            nargs="+",
            action="extend",
            required=True,
            metavar="S",
            help=f"One or more of: {', '.join(Scope.values)}. May be repeated.",
        )
        parser.add_argument("--days", type=int, default=90, help="How long it works (90).")
        parser.add_argument("--name", default="command line", help="Which program uses it.")

    def handle(self, *args, user, scope, days, name, **options):
        person = get_user_model().objects.filter(username=user).first()
        if person is None:
            raise CommandError(f"There is no user {user!r}.")
        try:
            _token, secret = tokens.issue(person, name, scope, days)
        except ValidationError as problem:
            raise CommandError("\n".join(problem.messages)) from None
        self.stdout.write(secret)
