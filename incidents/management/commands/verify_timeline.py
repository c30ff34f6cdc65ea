from django.core.management.base import BaseCommand, CommandError

from incidents import access, timeline
from incidents.models import Incident


class Command(BaseCommand):
    help = (
        "Check the hash chain of every timeline, and name the first bad entry of each broken one."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("references", nargs="*", help="Only these, such as INC-000123.")

    def handle(self, *args, references: list[str], **options) -> None:
        problems = list(timeline.breaks(self._keys(references) if references else None))
        for problem in problems:
            reference = f"INC-{problem.incident_id:06d}"
            self.stdout.write(f"{reference}: entry {problem.sequence}: {problem.problem}")
        if problems:
            raise CommandError(f"{len(problems)} timeline(s) are broken.")
        self.stdout.write("Every timeline is whole.")

    def _keys(self, references: list[str]) -> list[int]:
        return [self._key(reference) for reference in references]

    def _key(self, reference: str) -> int:
        try:
            return Incident.objects.get(pk=access.key_of(reference)).pk
        except Incident.DoesNotExist:
            raise CommandError(
                f"There is no incident {reference}; use a reference such as INC-000123."
            ) from None
