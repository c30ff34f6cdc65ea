from django.core.management.base import BaseCommand, CommandError

from incidents import evidence
from incidents.models import Evidence


class Command(BaseCommand):
    help = "Hash every stored file anew, and name those that are missing or were changed."

    def handle(self, *args, **options) -> None:
        bad = 0
        for item in Evidence.objects.select_related("incident").iterator():
            if problem := self._problem(item):
                bad += 1
                self.stdout.write(f"{item.incident.reference}: file {item.pk}: {problem}")
        if bad:
            raise CommandError(f"{bad} file(s) are not what was received.")
        self.stdout.write("Every file is what was received.")

    def _problem(self, item: Evidence) -> str:
        try:
            return "" if evidence.is_intact(item) else "its content was changed"
        except OSError:
            return "its content is missing"
