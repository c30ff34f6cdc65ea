from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from portal import demo


class Command(BaseCommand):
    help = "Fill an empty database with demo accounts and a fortnight of incidents (DEMO=1 only)."

    def handle(self, **options) -> None:
        try:
            told = demo.seed()
        except PermissionDenied:
            raise CommandError(
                "DEMO: is 0, and the demo has well-known passwords. Set DEMO=1."
            ) from None
        if not options["verbosity"]:
            return
        if told:
            self.stdout.write(f"{told} incidents, and the accounts {', '.join(demo.usernames())}.")
        else:
            self.stdout.write("Nothing to do: there are users or incidents already.")
