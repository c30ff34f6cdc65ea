"""The list of tasks as one's work: what may be finished in its row, and tasks given to somebody."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents import held_work, tasks
from incidents.admin import bulk
from incidents.admin.permissions import ConsoleList
from incidents.models import Task

Row = Any  # a task with what WorkList adds to it


class WorkList(ConsoleList):
    """Says for each row of the page whether this person may finish it there."""

    def get_results(self, request) -> None:
        super().get_results(request)
        rows: list[Row] = list(self.result_list)
        for task in rows:
            task.may_finish = may_finish_here(request.user, task)
            task.may_decide = is_open_question(task) and tasks.may_work_on(request.user, task)
        self.result_list = rows


def may_finish_here(user, task: Task) -> bool:
    """Not what asks for a decision: that has a page of its own. No query for each task."""
    if task.is_settled or task.incident.is_closed or is_open_question(task):
        return False
    return tasks.may_work_on(user, task)


def is_open_question(task: Task) -> bool:
    return task.dedupe_key.startswith(tasks.QUESTION) and not task.is_settled


def _decide_link(task: Row) -> str:
    url = reverse("admin:incidents_task_change", args=[task.pk])
    return format_html(
        '<a class="btn" href="{}">{}<span class="visually-hidden"> {}</span></a>',
        url,
        _("Decide"),
        held_work.name_of(task),
    )


def finish_form(task: Row) -> str:
    """A folded form for the result; it belongs to a form beside the list: none can hold another."""
    if not task.may_finish:
        return _decide_link(task) if task.may_decide else ""
    key = f"finish-{task.pk}"
    return format_html(
        '<details class="adder finish"><summary class="btn">{}<span class="visually-hidden"> {}'
        '</span></summary><div><label for="{key}-result">{}</label><textarea id="{key}-result"'
        ' name="result" rows="3" form="{key}"></textarea><button class="btn primary" form="{key}">'
        "{}</button></div></details>",
        _("Finish"),
        held_work.name_of(task),
        _("Result: %s") % task.result_needed if task.result_needed else _("Result"),
        _("Finish task"),
        key=key,
    )


def give(model_admin, request, rows: list[Task], form: Any, title: str):
    """Assign each of `rows` to whom the form names; None once that was done."""
    if "apply" in request.POST and form.is_valid():
        give_to(request, rows, form.cleaned_data["assignee"])
        return None
    return bulk.asking(
        model_admin, request, rows, form, title, template="admin/incidents/task/bulk.html"
    )


def give_to(request, rows: list[Task], person) -> None:
    """Each by itself; what was refused is told with its reasons."""
    outcome = bulk.do(
        rows, lambda task: tasks.assign(task, person, by=request.user), named=held_work.name_of
    )
    n = len(outcome.refused)
    done = ngettext(
        "%(n)d task is given to %(person)s.", "%(n)d tasks are given to %(person)s.", outcome.done
    )
    head = ngettext(
        "%(n)d task was refused and stays as it was:",
        "%(n)d tasks were refused and stay as they were:",
        n,
    )
    bulk.tell_in(request, outcome, done % {"n": outcome.done, "person": person}, head % {"n": n})
