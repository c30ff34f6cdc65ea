"""The alert ledger: who was told, on which channel, with what proof. Read-only, for ever."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from incidents import access, ages, rights, roles
from incidents.admin.permissions import ReadOnlyAdmin
from incidents.roles import Role
from workflows import alerts, ledger
from workflows.admin.panels import who
from workflows.models import Alert, Heartbeat


class AcknowledgedFilter(admin.SimpleListFilter):
    title = gettext_lazy("acknowledgement")
    parameter_name = "acknowledged"

    def lookups(self, request, model_admin):
        return [("no", gettext_lazy("Not acknowledged")), ("yes", gettext_lazy("Acknowledged"))]

    def queryset(self, request, queryset):
        if self.value() == "no":
            return queryset.filter(kind=Alert.Kind.ALERT, acknowledged_at=None)
        return queryset.filter(acknowledged_at__isnull=False) if self.value() else queryset


class RecipientFilter(admin.SimpleListFilter):
    title = gettext_lazy("recipient")
    parameter_name = "to"

    def lookups(self, request, model_admin):
        return [("me", gettext_lazy("Me"))]

    def queryset(self, request, queryset):
        return queryset.filter(recipient=request.user) if self.value() else queryset


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = [
        "number", "incident_line", "kind", "recipient", "channel", "created", "proof",
    ]  # fmt: skip
    list_display_links = ["number"]
    list_select_related = ["incident", "recipient"]
    list_filter = [AcknowledgedFilter, RecipientFilter, "state", "kind", "channel", "priority"]
    ordering = ["-pk"]

    def has_view_permission(self, request, obj=None) -> bool:
        if not roles.of(request.user) - {Role.ADM}:
            return False
        return obj is None or ledger.visible_to(request.user).filter(pk=obj.pk).exists()

    def get_queryset(self, request):
        return ledger.visible_to(request.user)

    def get_list_display(self, request):
        """Bind the reader, who decides whether a reporter is named."""
        user = request.user

        @admin.display(description=gettext_lazy("To"))
        def recipient_line(alert: Alert) -> str:
            return who(alert, knows_reporter=access.may_know_reporter(user, alert.incident))

        return [recipient_line if name == "recipient" else name for name in self.list_display]

    def get_urls(self):
        site = self.admin_site
        return [
            path("", site.admin_view(self.changelist_view), name="workflows_alert_changelist"),
            path(
                "<int:pk>/change/",
                site.admin_view(require_safe(self.page_view)),
                name="workflows_alert_change",
            ),
            path(
                "<int:pk>/acknowledge/",
                site.admin_view(require_POST(self.acknowledge_view)),
                name="workflows_alert_acknowledge",
            ),
        ]

    def page_view(self, request, pk: int):
        alert = self._find(request, pk)
        knows = access.may_know_reporter(request.user, alert.incident)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Alert %(number)d for %(reference)s")
            % {"number": alert.pk, "reference": alert.incident.reference},
            "opts": self.opts,
            "alert": alert,
            "who": who(alert, knows_reporter=knows),
            "knows_address": knows or alert.kind == Alert.Kind.ALERT,
            "attempts": alert.attempts.order_by("pk"),
            "is_mine": alert.recipient_id == request.user.pk and alert.kind == Alert.Kind.ALERT,
        }
        return TemplateResponse(request, "admin/workflows/alert.html", context)

    def acknowledge_view(self, request, pk: int):
        """One POST of the recipient; whoever else tries is told that it is not theirs."""
        alert = self._find(request, pk)
        try:
            alerts.acknowledge(alert, by=request.user)
        except rights.Denied:
            messages.error(request, _("Only its recipient acknowledges an alert."))
        else:
            messages.success(request, _("Acknowledged: nobody else is rung."))
        return redirect(reverse("admin:incidents_incident_change", args=[alert.incident_id]))

    def _find(self, request, pk: int) -> Alert:
        visible = ledger.visible_to(request.user).select_related("incident", "recipient")
        alert = visible.filter(pk=pk).first()
        if alert is None:
            raise Http404
        return alert

    @admin.display(description=gettext_lazy("Alert"), ordering="pk")
    def number(self, alert: Alert) -> str:
        return str(alert.pk)

    @admin.display(description=gettext_lazy("Incident"))
    def incident_line(self, alert: Alert) -> str:
        url = reverse("admin:incidents_incident_change", args=[alert.incident_id])
        return format_html('<a class="ref" href="{}">{}</a>', url, alert.incident.reference)

    @admin.display(description=gettext_lazy("Created"), ordering="created_at")
    def created(self, alert: Alert) -> str:
        return date_format(localtime(alert.created_at), "D j M H:i:s")

    @admin.display(description=gettext_lazy("Proof"))
    def proof(self, alert: Alert) -> str:
        if alert.acknowledged_at:
            words = _("acknowledged after %s") % ages.span(alert.acknowledged_at - alert.created_at)
            return format_html('<span class="good">{}</span>', words)
        if alert.state == Alert.State.FAILED:
            return format_html('<span class="hot">{}</span>', alert.get_state_display())
        return alert.get_state_display()


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    """The last sign of life of each node's worker."""

    readers = frozenset({Role.ADM, Role.CISO, Role.MIM, Role.IH, Role.SDA, Role.DPO, Role.AUD})
    list_display = ["name", "beat_at", "age"]
    fields = ["name", "beat_at"]

    @admin.display(description=gettext_lazy("Age"))
    def age(self, heartbeat: Heartbeat) -> str:
        return ages.since(heartbeat.beat_at)
