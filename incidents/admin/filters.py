"""Filters of the queue and of the task list. Each says in its address what it shows."""

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.admin.forms import team
from incidents.models import Task
from incidents.states import (
    OPEN_STATES,
    OPEN_TASK_STATES,
    SETTLED_TASK_STATES,
    BreachStatus,
    State,
    WaitingOn,
)

EVERYTHING = "all"


class DefaultFilter(admin.SimpleListFilter):
    """A filter whose first choice is a real one and holds when none is named."""

    default_label: str | Promise = ""

    def choices(self, changelist):
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": self.default_label,
        }
        for lookup, title in self.lookup_choices:
            yield {
                "selected": self.value() == str(lookup),
                "query_string": changelist.get_query_string({self.parameter_name: lookup}),
                "display": title,
            }


class StateFilter(DefaultFilter):
    title = _("state")
    parameter_name = "state"
    default_label = _("Not closed")

    def lookups(self, request, model_admin):
        return [*State.choices, (EVERYTHING, _("All"))]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset.filter(state__in=OPEN_STATES)
        return queryset if self.value() == EVERYTHING else queryset.filter(state=self.value())


class OwnerFilter(admin.SimpleListFilter):
    title = _("owner")
    parameter_name = "owner"

    def lookups(self, request, model_admin):
        named = [(person.username, str(person)) for person in team()]
        return [("me", _("Me")), ("none", _("Nobody")), *named]

    def queryset(self, request, queryset):
        match self.value():
            case None:
                return queryset
            case "me":
                return queryset.filter(owner=request.user)
            case "none":
                return queryset.filter(owner=None)
            case name:
                return queryset.filter(owner__username=name)


class WaitingFilter(admin.SimpleListFilter):
    title = _("waiting for")
    parameter_name = "waiting_on"

    def lookups(self, request, model_admin):
        return [(value, label) for value, label in WaitingOn.choices if value]

    def queryset(self, request, queryset):
        return queryset.filter(waiting_on=self.value()) if self.value() else queryset


class BreachFilter(admin.SimpleListFilter):
    title = _("personal data breach")
    parameter_name = "breach"

    def lookups(self, request, model_admin):
        return BreachStatus.choices

    def queryset(self, request, queryset):
        return queryset.filter(breach_status=self.value()) if self.value() else queryset


class OverdueFilter(admin.SimpleListFilter):
    """Incidents with a task that is late."""

    title = _("tasks")
    parameter_name = "tasks"

    def lookups(self, request, model_admin):
        return [("overdue", _("Overdue"))]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        late = Task.objects.filter(incident=OuterRef("pk"), due_at__lt=timezone.now())
        return queryset.filter(Exists(late.filter(state__in=OPEN_TASK_STATES)))


class TaskStateFilter(DefaultFilter):
    title = _("state")
    parameter_name = "state"
    default_label = _("Open")

    def lookups(self, request, model_admin):
        return [("settled", _("Settled")), (EVERYTHING, _("All"))]

    def queryset(self, request, queryset):
        match self.value():
            case None:
                return queryset.filter(state__in=OPEN_TASK_STATES)
            case "settled":
                return queryset.filter(state__in=SETTLED_TASK_STATES)
            case _other:
                return queryset


class AssigneeFilter(admin.SimpleListFilter):
    title = _("who")
    parameter_name = "who"

    def lookups(self, request, model_admin):
        return [("me", _("Me")), ("none", _("Nobody"))]

    def queryset(self, request, queryset):
        if self.value() == "me":
            return queryset.filter(assignee=request.user)
        return queryset.filter(assignee=None) if self.value() == "none" else queryset


class DueFilter(admin.SimpleListFilter):
    title = _("due")
    parameter_name = "due"

    def lookups(self, request, model_admin):
        return [("overdue", _("Overdue")), ("today", _("Today or overdue"))]

    def queryset(self, request, queryset):
        if self.value() == "overdue":
            return queryset.filter(due_at__lt=timezone.now())
        if self.value() == "today":
            end = timezone.localtime().replace(hour=23, minute=59, second=59)
            return queryset.filter(due_at__lte=end)
        return queryset
