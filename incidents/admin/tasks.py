"""Tasks in the console: the list across incidents, and the page on which a task is settled."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, F, OuterRef
from django.http import Http404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import access, ages, rights, roles, tasks
from incidents.admin import badges, chips, my_work, panels, thread
from incidents.admin.acts import ActPage, incident_for
from incidents.admin.chips import ChipsMixin
from incidents.admin.clashes import ClashPage, ReadForm
from incidents.admin.filters import AssigneeFilter, DueFilter, TaskStateFilter
from incidents.admin.forms import Line, Lines, Moment, choice, holders, person
from incidents.admin.permissions import ReadOnlyAdmin
from incidents.models import Task, TimelineEntry
from incidents.models.timeline import Kind
from incidents.plain_text import TEXT_MOST
from incidents.rights import Right
from incidents.roles import Role
from incidents.states import SETTLED_TASK_STATES, Phase, TaskState


class FinishForm(ReadForm):
    result = Lines(5, label=gettext_lazy("Result"), max_length=TEXT_MOST)


class WaiveForm(ReadForm):
    reason = Lines(3, label=gettext_lazy("Why it is not needed"), max_length=TEXT_MOST)


class BlockForm(ReadForm):
    reason = Line(label=gettext_lazy("What blocks it"), max_length=500)


class AssignForm(ReadForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        people = holders([role for role in roles.GROUP_OF if role not in {Role.ADM, Role.AUD}])
        self.people = {each.username: each for each in people}
        self.fields["assignee"] = person(people, label=gettext_lazy("Who does it"))

    def clean_assignee(self):
        found = self.people.get(self.cleaned_data["assignee"])
        if found is None:
            raise forms.ValidationError(_("Choose who does it."))
        return found


class AddTaskForm(forms.Form):
    title = Line(label=gettext_lazy("Title"), max_length=200)
    instruction = Lines(3, label=gettext_lazy("What to do"), max_length=TEXT_MOST)
    result_needed = Line(label=gettext_lazy("Result to record"), max_length=500)
    phase = choice(Phase.choices, label=gettext_lazy("Phase"), blank=False)
    role = choice(
        [(role, label) for role, label in Role.choices if role in roles.GROUP_OF],
        label=gettext_lazy("Role"),
        blank=False,
    )
    due_at = Moment(label=gettext_lazy("Due"))
    is_mandatory = forms.BooleanField(
        label=gettext_lazy("Must be done before closing"), required=False
    )

    def clean_due_at(self):
        return read_due(self.cleaned_data["due_at"])


def shown_task(task: Task) -> dict[str, Any]:
    """What the forms about a task may change, as they show it."""
    assignee = task.assignee.username if task.assignee else ""
    return {"result": task.result, "reason": task.reason, "assignee": assignee}


def read_due(raw: str):
    """A moment that may lie ahead. Raises ValidationError for what is no time."""
    field = forms.DateTimeField(
        required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    )
    return field.clean(raw)


class AddTaskPage(ActPage):
    title = gettext_lazy("Add a task")
    verb = gettext_lazy("Add")
    anchor = "tasks"
    form_class = AddTaskForm
    done = gettext_lazy("Task added.")

    def is_allowed(self) -> bool:
        return rights.allowed(self.request.user, Right.ADD_TASK, self.incident)

    def initial(self) -> dict[str, Any]:
        return {"role": Role.IH, "phase": Phase.ASSESS}

    def act(self, form) -> None:
        tasks.add(self.incident, by=self.request.user, **form.cleaned_data)


class TaskPage(ClashPage):
    """One task: what to do, what must be recorded, and the forms that settle or move it."""

    template_name = "admin/incidents/task/page.html"
    form_class: type[forms.Form] = FinishForm
    verb = gettext_lazy("Finish task")
    done = gettext_lazy("Task finished.")
    anchor = "tasks"
    kinds = (Kind.TASK,)

    def find(self, **keys: Any) -> None:
        visible = access.visible_to(self.request.user).values("pk")
        found = Task.objects.select_related("assignee", "settled_by").filter(incident__in=visible)
        task = found.filter(pk=keys["pk"]).first()
        if task is None:
            raise Http404
        self.task = task
        self.incident = incident_for(self.request.user, task.incident_id)
        task.incident = self.incident

    def is_allowed(self) -> bool:
        return True

    def may_work(self) -> bool:
        return tasks.may_work_on(self.request.user, self.task)

    def form(self, data=None, files=None) -> forms.Form:
        form = super().form(data, files)
        if isinstance(form, ReadForm):
            form.remember(self.incident.version, shown_task(self.task))
        return form

    def is_from_list(self) -> bool:
        return "tasks" in (self.request.POST.get("back"), self.request.GET.get("back"))

    def back(self) -> str:
        """Finished in the list of tasks, it leads back there, filters and all."""
        if self.is_from_list():
            return chips.as_left(self.request, reverse("admin:incidents_task_changelist"))
        return super().back()

    def tells_of(self, entry: TimelineEntry, name: str) -> bool:
        is_assigned = entry.data.get("act") == "assigned"
        return entry.data.get("task") == self.task.code and (name == "assignee") == is_assigned

    def act(self, form) -> None:
        tasks.finish(self.task, by=self.request.user, result=form.cleaned_data["result"])

    def heading(self) -> str:
        return str(self.task)

    def log(self) -> list[TimelineEntry]:
        """What happened to this task, the newest first."""
        of_task = self.incident.timeline.filter(kind=Kind.TASK, data__task=self.task.code)
        return list(of_task.order_by("-sequence")[:20])

    def more(self, form) -> dict[str, Any]:
        task, user = self.task, self.request.user
        return {
            **super().more(form),
            "task": task,
            "due": ages.due(task.due_at),
            "heat": "" if task.is_settled else ages.heat(task.due_at),
            "severity": badges.severity(self.incident),
            "priority": badges.priority(self.incident),
            "state": badges.state(self.incident),
            "waits_for": tasks.waiting_for(task),
            "waiting": _followers(task),
            "log": [(entry, thread.task_told(entry)[0]) for entry in self.log()],
            "decide_url": panels.task_form_url(task),
            "may_work": self.may_work() and not task.is_settled and not self.incident.is_closed,
            "may_waive": rights.may_waive(user, task) and not task.is_settled,
            "may_assign": rights.allowed(user, Right.ASSIGN_TASK, self.incident)
            and not task.is_settled,
            "is_finish": isinstance(form, FinishForm),
            "is_from_list": self.is_from_list(),
        }


class TaskActPage(TaskPage):
    """Another act on the same page; what is refused is shown beside the task."""

    template_name = "admin/incidents/task/act.html"


class WaivePage(TaskActPage):
    form_class = WaiveForm
    title = verb = gettext_lazy("Waive task")
    done = gettext_lazy("Task waived.")

    def is_allowed(self) -> bool:
        return rights.may_waive(self.request.user, self.task)

    def act(self, form) -> None:
        tasks.waive(self.task, by=self.request.user, reason=form.cleaned_data["reason"])


class AssignPage(TaskActPage):
    form_class = AssignForm
    title = verb = gettext_lazy("Assign")
    done = gettext_lazy("Task assigned.")

    def is_allowed(self) -> bool:
        return rights.allowed(self.request.user, Right.ASSIGN_TASK, self.incident)

    def initial(self) -> dict[str, Any]:
        return {"assignee": self.task.assignee.username if self.task.assignee else ""}

    def act(self, form) -> None:
        tasks.assign(self.task, form.cleaned_data["assignee"], by=self.request.user)


class MovePage(TaskActPage):
    """Start, block or put back."""

    state: str = TaskState.IN_PROGRESS
    form_class = forms.Form
    title = verb = gettext_lazy("Start")
    done = gettext_lazy("Task started.")

    def is_allowed(self) -> bool:
        return self.may_work()

    def act(self, form) -> None:
        tasks.set_state(
            self.task,
            self.state,
            by=self.request.user,
            reason=form.cleaned_data.get("reason", ""),
        )

    def back(self) -> str:
        return reverse("admin:incidents_task_change", args=[self.task.pk])


class BlockPage(MovePage):
    state = TaskState.BLOCKED
    form_class = BlockForm
    title = verb = gettext_lazy("Mark as blocked")
    done = gettext_lazy("Task blocked.")


class PutBackPage(MovePage):
    state = TaskState.TODO
    title = verb = gettext_lazy("Put back")
    done = gettext_lazy("Task put back.")


def _followers(task: Task) -> list[Task]:
    """The tasks that wait for this one."""
    open_tasks = Task.objects.filter(incident=task.incident_id).exclude(
        state__in=SETTLED_TASK_STATES
    )
    return [each for each in open_tasks if task.dedupe_key in each.after]


@admin.register(Task)
class TaskAdmin(ChipsMixin, ReadOnlyAdmin):
    """All tasks of the incidents that one may see, by due time."""

    list_display = [
        "code_badge", "title_line", "priority_badge", "incident_line", "who_line", "state",
        "due_line", "row_actions",
    ]  # fmt: skip
    list_display_links = None
    list_select_related = ["incident", "assignee"]
    list_filter = [TaskStateFilter, AssigneeFilter, DueFilter, "phase", "role", "is_mandatory"]
    search_fields = ["title", "code"]
    ordering = [F("due_at").asc(nulls_last=True), "pk"]
    sortable_by = ["due_line"]
    actions = ["take", "assign"]

    def has_view_permission(self, request, obj=None) -> bool:
        if not roles.of(request.user) - {Role.ADM}:
            return False
        return obj is None or access.may_see(request.user, obj.incident)

    def has_take_permission(self, request) -> bool:
        return rights.allowed(request.user, Right.ASSIGN_TASK)

    def changelist_view(self, request, extra_context=None):
        more = {"may_hand_over": bool(roles.of(request.user) & roles.WORKING)}
        return super().changelist_view(request, {**more, **(extra_context or {})})

    def get_changelist(self, request, **kwargs):
        return my_work.WorkList

    def get_queryset(self, request):
        # One by one: a list of all these incidents would be gathered before the first task is read.
        seen = Exists(access.visible_to(request.user).filter(pk=OuterRef("incident")))
        return super().get_queryset(request).filter(seen)

    def get_urls(self):
        site = self.admin_site
        acts = {
            "waive": WaivePage,
            "assign": AssignPage,
            "start": MovePage,
            "block": BlockPage,
            "back": PutBackPage,
        }
        return [
            path("", site.admin_view(self.changelist_view), name="incidents_task_changelist"),
            path("<int:pk>/change/", TaskPage.at(site), name="incidents_task_change"),
            *(
                path(f"<int:pk>/{name}/", act.at(site), name=f"incidents_task_{name}")
                for name, act in acts.items()
            ),
        ]

    @admin.display(description=gettext_lazy("Code"))
    def code_badge(self, task: Task) -> str:
        return format_html('<span class="code">{}</span>', task.code)

    @admin.display(description=gettext_lazy("Task"))
    def title_line(self, task: Task) -> str:
        url = reverse("admin:incidents_task_change", args=[task.pk])
        return format_html('<a href="{}">{}</a>', url, task.title)

    @admin.display(description=gettext_lazy("Incident"))
    def incident_line(self, task: Task) -> str:
        url = reverse("admin:incidents_incident_change", args=[task.incident_id])
        return format_html(
            '<a class="ref" href="{}">{}</a> <span class="quiet">{}</span>',
            url,
            task.incident.reference,
            task.incident.subject,
        )

    @admin.display(description=gettext_lazy("Prio"))
    def priority_badge(self, task: Task) -> str:
        return badges.priority(task.incident)

    @admin.display(description=gettext_lazy("Who"))
    def who_line(self, task: Task) -> str:
        return task.who

    @admin.display(description=gettext_lazy("Due"), ordering="due_at")
    def due_line(self, task: Task) -> str:
        heat = "" if task.is_settled else ages.heat(task.due_at)
        return format_html('<span class="{}">{}</span>', heat or "plain", ages.due(task.due_at))

    @admin.display(description=gettext_lazy("Acts"), empty_value="")
    def row_actions(self, task: my_work.Row) -> str:
        return my_work.finish_form(task)

    @admin.action(description=gettext_lazy("Give to me"), permissions=["take"])
    def take(self, request, queryset) -> None:
        """Assign each to oneself."""
        my_work.give_to(request, self._chosen(queryset), request.user)

    @admin.action(description=gettext_lazy("Assign to…"), permissions=["take"])
    def assign(self, request, queryset):
        """Ask for the person, then assign each to them."""
        form = AssignForm(request.POST if "apply" in request.POST else None)
        return my_work.give(self, request, self._chosen(queryset), form, _("Assign"))

    def _chosen(self, queryset) -> list[Task]:
        rows = queryset.select_related("incident", "assignee")
        return list(rows[: self.list_max_show_all])
