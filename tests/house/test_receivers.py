"""Signals hide what follows. So every receiver stands in a table, and the tables are true."""

import gc
import re
import weakref

from django.dispatch import Signal

from incidents import signals as of_incidents
from portal import signals as of_portal
from tests.house.tree import PACKAGES, ROOT, read
from workflows import signals as of_workflows

NAME_IN_README = re.compile(r"`((?:incidents|workflows|portal)\.signals\.\w+)`")


def name_of(receiver: object) -> str:
    return f"{receiver.__module__}.{receiver.__qualname__}"


def live_receivers() -> set[tuple[int, str]]:
    """Every receiver of our packages, on any signal that exists in this process."""
    found = set()
    for signal in [thing for thing in gc.get_objects() if issubclass(type(thing), Signal)]:
        for entry in signal.receivers:
            receiver = entry[1]() if isinstance(entry[1], weakref.ReferenceType) else entry[1]
            if receiver is not None and receiver.__module__.split(".")[0] in PACKAGES:
                found.add((id(signal), name_of(receiver)))
    return found


def tabled_receivers() -> set[tuple[int, str]]:
    tables = [*of_incidents.RECEIVERS, *of_workflows.RECEIVERS, *of_portal.RECEIVERS]
    return {(id(row[0]), name_of(row[1])) for row in tables}


def test_every_live_receiver_stands_in_a_table_and_every_row_is_live():
    assert live_receivers() == tabled_receivers()


def test_the_readme_names_every_receiver_and_no_other():
    named = set(NAME_IN_README.findall(read(ROOT / "README.md")))

    assert named == {name for _signal, name in tabled_receivers()}
