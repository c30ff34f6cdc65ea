from django.core.management.base import BaseCommand, CommandError

from workflows import matching, playbook_format, reference


class Command(BaseCommand):
    help = "Load the shipped categories, groups, playbooks and phrase lists. Safe to repeat."

    def handle(self, *args, **options) -> None:
        try:
            fresh = reference.sync()
        except (
            playbook_format.PlaybookError,
            matching.PhraseError,
            reference.VersionReused,
        ) as problem:
            raise CommandError(str(problem)) from problem
        news = ", ".join(f"{count} {name}" for name, count in fresh.items() if count)
        self.stdout.write(f"Reference data: {news or 'nothing new'}.")
