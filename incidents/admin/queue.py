"""The queue: every incident that one may see, the most urgent first."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import BooleanField, Exists, OuterRef, Subquery, Value
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import access, ages, ownership, rights, roles, search
from incidents.admin import badges, bulk, export, panels
from incidents.admin.chips import ChipsMixin
from incidents.admin.filters import (
    BreachFilter,
    OverdueFilter,
    OwnerFilter,
    StateFilter,
    WaitingFilter,
)
from incidents.admin.permissions import ConsoleAdmin, ConsoleList
from incidents.models import Evidence, Incident, Task
from incidents.rights import Right
from incidents.roles import Role
from incidents.states import SETTLED_TASK_STATES, Confidentiality, State, WaitingOn

Row = Any  # an incident with what Queue.get_queryset() adds to it


class QueueList(ConsoleList):
    """Looks up what rows show for those of the page only: sorting would do it for all of them."""

    def get_results(self, request) -> None:
        super().get_results(request)
        keys = list(self.result_list.values_list("pk", flat=True))
        queue: Any = self.model_admin
        rows = queue.dressed(request, Incident.objects.filter(pk__in=keys))
        ordering = self.get_ordering(request, self.queryset)
        self.result_list = self.apply_select_related(rows).order_by(*ordering)


class Queue(ChipsMixin, ConsoleAdmin):
    """The list of incidents. Whoever holds a role has one; access.visible_to says what is in it."""

    list_display = [
        "reference", "severity_badge", "priority_badge", "subject_line", "state_badge",
        "owner_name", "next_due_line", "age", "row_actions",
    ]  # fmt: skip
    list_display_links = ["reference"]
    list_select_related = ["owner", "department"]
    ordering = ["priority", "-pk"]
    sortable_by = ["reference", "severity_badge", "priority_badge", "age"]
    search_fields = ["subject"]  # the box is shown for it; incidents/search.py does the work
    actions = ["take", "acknowledge", "assign", "severity", "tag", "wait"]

    def has_view_permission(self, request, obj=None) -> bool:
        if not roles.of(request.user) - {Role.ADM}:
            return False
        return obj is None or access.may_see(request.user, obj)

    def has_add_permission(self, request, obj=None) -> bool:
        return rights.allowed(request.user, Right.REPORT_FOR_OTHERS)

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_take_permission(self, request) -> bool:
        return rights.allowed(request.user, Right.ACKNOWLEDGE)

    def has_classify_permission(self, request) -> bool:
        return rights.allowed(request.user, Right.CLASSIFY)

    def has_edit_permission(self, request) -> bool:
        return rights.allowed(request.user, Right.EDIT)

    def get_list_filter(self, request):
        return [
            StateFilter, OwnerFilter, "priority", "severity", WaitingFilter, BreachFilter,
            OverdueFilter, *panels.QUEUE_FILTERS, ("reported_at", admin.DateFieldListFilter),
            "department", "reported_via", "is_exercise",
        ]  # fmt: skip

    def get_changelist(self, request, **kwargs):  # noqa: ARG002
        return QueueList

    def get_queryset(self, request):
        return access.visible_to(request.user)

    def dressed(self, request, incidents):
        """`incidents` with what a row shows besides: a few lookups for each."""
        open_tasks = (
            Task.objects.filter(incident=OuterRef("pk"), due_at__isnull=False)
            .exclude(state__in=SETTLED_TASK_STATES)
            .order_by("due_at")
        )
        return incidents.annotate(
            next_due=Subquery(open_tasks.values("due_at")[:1]),
            next_title=Subquery(open_tasks.values("title")[:1]),
            has_files=Exists(Evidence.objects.filter(incident=OuterRef("pk"))),
            may_take=Value(self.has_take_permission(request), BooleanField()),
            may_grade=Value(rights.allowed(request.user, Right.RAISE_PRIORITY), BooleanField()),
        )

    def changelist_view(self, request, extra_context=None):
        more = {"may_export": self.may_export(request), "exports_most": export.ROWS_MOST}
        return super().changelist_view(request, {**more, **(extra_context or {})})

    def may_export(self, request) -> str:
        """What of the list this person may take along: "all", their "own", or nothing."""
        if rights.allowed(request.user, Right.EXPORT):
            return "all"
        return "own" if roles.of(request.user) & rights.ON_OWN[Right.EXPORT] else ""

    def csv_view(self, request):
        return self._exported(request, "csv")

    def xlsx_view(self, request):
        return self._exported(request, "xlsx")

    def _exported(self, request, kind: str):
        try:
            shown = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return redirect("admin:incidents_incident_changelist")
        return export.answer(request, self.dressed(request, shown), kind)

    def get_search_results(self, request, queryset, search_term):
        found = search.matching(queryset, search_term) if search_term else queryset
        return found, False

    @admin.display(description=gettext_lazy("Reference"), ordering="pk")
    def reference(self, incident: Incident) -> str:
        return format_html('<span class="ref">{}</span>', incident.reference)

    @admin.display(description=gettext_lazy("Severity"), ordering="severity")
    def severity_badge(self, incident: Row) -> str:
        """It leads to the form that changes it: a grade always has a reason."""
        badge = badges.severity(incident, short=True)
        if not incident.may_grade or incident.state == State.CLOSED:
            return badge
        page = reverse("admin:incidents_incident_grade", args=[incident.pk])
        title = _("Change severity and priority")
        return format_html('<a href="{}?back=queue" title="{}">{}</a>', page, title, badge)

    @admin.display(description=gettext_lazy("Prio"), ordering="priority")
    def priority_badge(self, incident: Incident) -> str:
        return badges.priority(incident)

    @admin.display(description=gettext_lazy("Subject"))
    def subject_line(self, incident: Row) -> str:
        weight = "subject fresh" if incident.state == State.NEW else "subject"
        signs = [
            (incident.has_files, "paperclip", _("has files")),
            (incident.waiting_on == WaitingOn.REPORTER, "reply", _("waiting for the reporter")),
            (incident.confidentiality == Confidentiality.RESTRICTED, "lock", _("restricted")),
        ]
        shown = [badges.icon(name, label) for holds, name, label in signs if holds]
        exercise = format_html(' <span class="tag">{}</span>', _("exercise"))
        return format_html(
            '<a class="{}" href="{}">{}</a>{}{}',
            weight,
            reverse("admin:incidents_incident_change", args=[incident.pk]),
            incident.subject,
            format_html(" {}" * len(shown), *shown) if shown else "",
            exercise if incident.is_exercise else "",
        )

    @admin.display(description=gettext_lazy("State"))
    def state_badge(self, incident: Incident) -> str:
        return badges.state(incident)

    @admin.display(description=gettext_lazy("Owner"))
    def owner_name(self, incident: Incident) -> str:
        if incident.owner is None:
            return format_html('<span class="quiet">{}</span>', _("nobody"))
        return str(incident.owner)

    @admin.display(description=gettext_lazy("Next due"), empty_value="")
    def next_due_line(self, incident: Row) -> str:
        if incident.next_due is None or incident.state == State.CLOSED:
            return ""
        heat = ages.heat(incident.next_due)
        return format_html(
            '<span class="{}" title="{}">{}{} <span class="what">{}</span></span>',
            heat or "plain",
            incident.next_title,
            badges.icon("warning") if heat == "hot" else "",
            ages.due(incident.next_due),
            incident.next_title,
        )

    @admin.display(description=gettext_lazy("Age"), ordering="-reported_at")
    def age(self, incident: Incident) -> str:
        return ages.since(incident.reported_at)

    @admin.display(description=gettext_lazy("Acts"), empty_value="")
    def row_actions(self, incident: Row) -> str:
        """Buttons of the list's own form: one token for the page."""
        if not incident.may_take:
            return ""
        if incident.state == State.NEW:
            name, label = "acknowledge", _("Acknowledge")
            target = reverse("admin:incidents_incident_transition", args=[incident.pk, name])
        elif incident.owner_id is None and incident.state != State.CLOSED:
            label, target = _("Take"), reverse("admin:incidents_incident_take", args=[incident.pk])
        else:
            return ""
        return format_html(
            '<button class="btn" formaction="{}" name="back" value="queue">{}'
            '<span class="visually-hidden"> {}</span></button>',
            target,
            label,
            incident.reference,
        )

    @admin.action(description=gettext_lazy("Take"), permissions=["take"])
    def take(self, request, queryset) -> None:
        """Become the owner of each."""
        self._at_once(request, queryset, lambda row: ownership.take(row, by=request.user))

    @admin.action(description=gettext_lazy("Acknowledge"), permissions=["take"])
    def acknowledge(self, request, queryset) -> None:
        """The first step of the lifecycle for each."""
        self._at_once(request, queryset, lambda row: bulk.acknowledge(row, by=request.user))

    @admin.action(description=gettext_lazy("Assign to…"), permissions=["take"])
    def assign(self, request, queryset):
        """Ask for the owner, then give each to them."""
        return self._asked(request, queryset, bulk.AssignForm, _("Assign"))

    @admin.action(description=gettext_lazy("Severity…"), permissions=["classify"])
    def severity(self, request, queryset):
        """Ask for the severity and the reason, then grade each."""
        return self._asked(request, queryset, bulk.SeverityForm, _("Set the severity"))

    @admin.action(description=gettext_lazy("Tag…"), permissions=["classify"])
    def tag(self, request, queryset):
        """Ask for a tag, then add it to each."""
        return self._asked(request, queryset, bulk.TagForm, _("Add a tag"))

    @admin.action(description=gettext_lazy("Waiting for reporter"), permissions=["edit"])
    def wait(self, request, queryset) -> None:
        """Mark that each waits for its reporter's answer."""
        self._at_once(request, queryset, lambda row: bulk.wait_for_reporter(row, by=request.user))

    def _at_once(self, request, queryset, act: bulk.Act) -> None:
        bulk.tell(request, bulk.do(self._chosen(queryset), act))

    def _asked(self, request, queryset, form_class, title: str):
        return bulk.asked(self, request, self._chosen(queryset), form_class, title)

    def _chosen(self, queryset) -> list[Incident]:
        return list(queryset[: self.list_max_show_all])
