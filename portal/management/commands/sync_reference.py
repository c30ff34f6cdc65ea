from django.core.management.base import BaseCommand, CommandError

from portal import reference
from workflows import matching, playbook_format
from workflows.reference import VersionReused


class Command(BaseCommand):
    help = "Load the shipped categories, groups, playbooks, phrase lists and help articles."

    def handle(self, *args, **options) -> None:
        """Safe to repeat."""
        try:
            fresh = reference.sync()
        except (playbook_format.PlaybookError, matching.PhraseError, VersionReused) as problem:
            raise CommandError(str(problem)) from problem
        news = ", ".join(f"{count} {name}" for name, count in fresh.items() if count)
        self.stdout.write(f"Reference data: {news or 'nothing new'}.")
