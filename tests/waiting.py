"""Waiting with a deadline, and telling what was waited for. No test sleeps and hopes."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def eventually(
    look: Callable[[], Found], what: str, *, seconds: float = 30, every: float = 0.05
) -> Found:
    """Call `look` until it gives something true, and return that; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"After {seconds:g} s still not so: {what}.")
        time.sleep(every)
    return found
