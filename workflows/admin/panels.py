"""What the machinery adds to the incident's page: why it fired, its playbooks, its alerts."""

from collections import defaultdict

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents import access, rights, tasks
from incidents.admin.panels import MARKERS, PANELS, QUEUE_FILTERS, TASK_FORMS, Mark, Panel
from incidents.models import Incident, Task
from incidents.rights import Right
from workflows import ledger, playbooks, rules
from workflows.models import Alert, Match, PlaybookRun


def marks_of(incident: Incident) -> list[Mark]:
    """The words that fired, where they still stand."""
    texts = {"subject": incident.subject, "description": incident.description}
    return [
        Mark(match.field, match.start, match.end, match.text, match.is_negated)
        for match in rules.highlights(incident)
        if texts.get(match.field, "")[match.start : match.end] == match.text
    ]


def why_it_fired(incident: Incident, user) -> dict | None:
    """The matches by playbook, each with the words and what became of it."""
    by_playbook: dict[str, list[Match]] = defaultdict(list)
    for match in Match.objects.filter(incident=incident).order_by("pk"):
        by_playbook[match.playbook].append(match)
    runs = incident.playbook_runs.select_related("playbook", "started_by")
    found = [_run(run, by_playbook.pop(run.code, []), user) for run in runs]
    return {
        "runs": found,
        "others": [(code, _words(matches)) for code, matches in by_playbook.items()],
        "is_pressing": any(each["decide_url"] for each in found),
        "fact": ", ".join(each["run"].code for each in found),
        "attach_url": reverse("admin:workflows_attach", args=[incident.pk])
        if rights.allowed(user, Right.ATTACH_PLAYBOOK, incident) and not incident.is_closed
        else "",
    }


def _run(run: PlaybookRun, matches: list[Match], user) -> dict:
    asks = run.mode == PlaybookRun.Mode.CONFIRM
    task = playbooks.confirm_task(run) if asks else None
    return {
        "run": run,
        "words": _words(matches),
        "tone": {"full": "good", "confirm": "warm"}.get(run.mode, ""),
        "decide_url": reverse("admin:workflows_decide", args=[run.pk])
        if task and tasks.may_work_on(user, task)
        else "",
    }


def _words(matches: list[Match]) -> list[Match]:
    """Each phrase once, at most eight: the page is no index."""
    seen: dict[tuple[str, bool], Match] = {}
    for match in matches:
        seen.setdefault((match.text.casefold(), match.is_negated), match)
    return list(seen.values())[:8]


def alert_ledger(incident: Incident, user) -> dict | None:
    """Who was told, on which channel, with every attempt."""
    if not rights.allowed(user, Right.SEE_ALERTS, incident):
        return None
    rows = incident.alerts.select_related("recipient").prefetch_related("attempts").order_by("pk")
    knows = access.may_know_reporter(user, incident)
    own = [row for row in rows if row.kind == Alert.Kind.ALERT]
    rest = [row for row in rows if row.kind != Alert.Kind.ALERT]
    escalation = getattr(incident, "escalation", None)
    return {
        "is_pressing": escalation is not None and escalation.stopped_at is None,
        "alerts": [_told(row, knows) for row in own],
        "notices": [_told(row, knows) for row in rest],
        "rung": len(own),
        "acknowledged": sum(row.acknowledged_at is not None for row in own),
        "escalation": escalation,
        "user_id": user.pk,
    }


def _told(row: Alert, knows: bool) -> dict:
    return {"row": row, "who": who(row, knows_reporter=knows)}


def who(alert: Alert, *, knows_reporter: bool) -> str:
    """The recipient as this reader may know them."""
    is_of_team = alert.kind == Alert.Kind.ALERT or alert.template == "mention"
    if not is_of_team and not knows_reporter:
        return str(_("Reporter"))
    return str(alert.recipient or alert.address)


def decide_url(task: Task) -> str:
    """A task that asks whether a playbook applies is decided, not finished."""
    run = playbooks.asked_about(task)
    return reverse("admin:workflows_decide", args=[run.pk]) if run else ""


class AlarmFilter(admin.SimpleListFilter):
    """Incidents whose alarm nobody has answered."""

    title = _("alarm")
    parameter_name = "alarm"

    def lookups(self, request, model_admin):
        return [("unanswered", _("Not acknowledged"))]

    def queryset(self, request, queryset):
        return ledger.unanswered(queryset) if self.value() else queryset


PANELS += [
    Panel("why", _("Why it fired"), "admin/workflows/why_panel.html", why_it_fired),
    Panel("alerts", _("Alerts"), "admin/workflows/alerts_panel.html", alert_ledger),
]
MARKERS.append(marks_of)
QUEUE_FILTERS.append(AlarmFilter)
TASK_FORMS.append(decide_url)
