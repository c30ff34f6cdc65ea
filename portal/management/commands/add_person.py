import secrets

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from incidents.roles import GROUP_OF


class Command(BaseCommand):
    help = "Add a person who can sign in; prints a fresh password once, alone on standard output."

    def add_arguments(self, parser) -> None:
        parser.add_argument("username")
        parser.add_argument("mail")
        parser.add_argument("--name", default="", help="Full name.")
        parser.add_argument(
            "--role",
            action="append",
            default=[],
            choices=sorted(GROUP_OF.values()),
            help="May be repeated. Without one the person reports and follows their own tickets.",
        )

    @transaction.atomic
    def handle(
        self, *args, username: str, mail: str, name: str, role: list[str], **options
    ) -> None:
        first, _space, last = name.partition(" ")
        person = get_user_model()(
            username=username, email=mail, first_name=first, last_name=last, is_staff=bool(role)
        )
        password = secrets.token_urlsafe(15)
        person.set_password(password)
        try:
            person.full_clean()
        except ValidationError as problem:
            reasons = "; ".join(f"{k}: {' '.join(v)}" for k, v in problem.message_dict.items())
            raise CommandError(reasons) from None
        person.save()
        person.groups.set([Group.objects.get_or_create(name=each)[0] for each in role])
        self.stdout.write(password)
