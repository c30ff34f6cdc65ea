"""Trying something out and undoing it, so that one test can ask for many people."""

from collections.abc import Callable

from django.db import transaction

from incidents import rights


def is_allowed(act: Callable[[], object]) -> bool:
    """False if `act` raises Denied. Whatever it did is undone; other errors pass through."""
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    except rights.Denied:
        return False
    return True
