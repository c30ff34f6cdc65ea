from django.core.management.base import BaseCommand, CommandError

from portal import second_factor
from portal.models import User


class Command(BaseCommand):
    help = "Take every second factor from a person who lost them. Make sure who asks for it."

    def add_arguments(self, parser) -> None:
        parser.add_argument("username")

    def handle(self, *args, username: str, **options) -> None:
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"There is no user {username!r}.")
        taken = second_factor.reset(person)
        self.stdout.write(f"{taken} taken. The next sign-in asks to set one up.")
