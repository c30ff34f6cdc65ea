"""What other packages add to the console's incident pages.

The record does not know who acts on it. Whoever does (rules, playbooks, alerts) registers here:
a panel of the incident page, words to mark in the description, a filter of the queue, or a form
that takes the place of a task's own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ListFilter
from django.utils.functional import Promise

from incidents.models import Incident, Task


@dataclass(frozen=True, slots=True)
class Panel:
    """One part of the page's side; shown when `context` returns something."""

    name: str
    title: str | Promise
    template: str
    context: Callable[[Incident, Any], dict | None]


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of a field that fired a rule, from `start` to before `end`."""

    field: str
    start: int
    end: int
    text: str
    is_negated: bool = False


PANELS: list[Panel] = []
MARKERS: list[Callable[[Incident], list[Mark]]] = []
QUEUE_FILTERS: list[type[ListFilter]] = []
TASK_FORMS: list[Callable[[Task], str]] = []


def shown(incident: Incident, user) -> list[dict[str, Any]]:
    """The registered panels that have something to show to `user` about this incident."""
    filled = [(panel, panel.context(incident, user)) for panel in PANELS]
    return [
        {"name": panel.name, "title": panel.title, "template": panel.template, **context}
        for panel, context in filled
        if context is not None
    ]


def marks(incident: Incident) -> list[Mark]:
    """Every registered mark of this incident's own words."""
    return [mark for find in MARKERS for mark in find(incident)]


def task_form_url(task: Task) -> str:
    """Where this task is decided instead of finished, or nothing."""
    return next((url for find in TASK_FORMS if (url := find(task))), "")
