"""What needs this person first: one list of everything that waits for them, as it burns.

What rings comes first, then what is late, then what is soon due and where somebody waits; among
equals the higher priority, then the older. Each has the button that settles it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents import access, ages, conversation, rights, signatures, tasks
from incidents.models import Incident, Task
from incidents.rights import Right
from portal import rail
from workflows import ledger

SHOWN = 6  # of each kind: no backlog of one hides another, or somebody who waits
SIGNATURES_SHOWN = 20  # they stand in no other list
TASKS_READ = 100
HEATS = ("hot", "warm")
QUOTED = 60


@dataclass(frozen=True, slots=True)
class Need:
    """One line of the list; `is_done_here` when the button itself does it, by POST."""

    icon: str
    incident: Incident
    what: str
    why: str
    when: str
    heat: str
    moment: datetime
    verb: str
    url: str
    is_ringing: bool = False
    is_done_here: bool = False
    about: str = ""


def seen_by(user) -> tuple[list[Need], bool]:
    """The first of each kind, and whether there are more. A fixed number of queries, second
    signatures apart.
    """
    kinds = [
        (_rung(user), SHOWN),
        (_signatures(user), SIGNATURES_SHOWN),
        (_reopenings(user), SHOWN),
        (_answers(user), SHOWN),
        (_tasks(user), SHOWN),
    ]
    shown = [need for needs, most in kinds for need in sorted(needs, key=_burning)[:most]]
    return sorted(shown, key=_burning), any(len(needs) > most for needs, most in kinds)


def _burning(need: Need) -> tuple:
    return not need.is_ringing, HEATS.index(need.heat), need.incident.priority, need.moment


def _rung(user) -> list[Need]:
    """One's own alerts, then what nobody has answered in time: each incident once."""
    own = ledger.open_for(user).select_related("incident__escalation")
    # One is rung on several channels and levels, so a few rows may be about one incident.
    alerts = own.order_by("incident__priority", "created_at")[: 4 * SHOWN]
    may_take = rights.allowed(user, Right.ACKNOWLEDGE)
    needs = {alert.incident_id: _alert(alert, may_take) for alert in reversed(alerts)}
    for incident in _unanswered(user) if may_take else []:
        needs.setdefault(incident.pk, _late(incident))
    return list(needs.values())


def _alert(alert, may_take: bool) -> Need:
    """Whoever may take the incident does so at once: that answers the alert too."""
    by = ledger.answer_by(alert.incident)
    answer = reverse("admin:workflows_alert_acknowledge", args=[alert.pk])
    return Need(
        icon="bell",
        incident=alert.incident,
        what=alert.incident.subject,
        why=_("alert not acknowledged"),
        when=ages.due(by) or ages.since(alert.created_at),
        heat="hot" if by is None or by < timezone.now() else "warm",
        moment=by or alert.created_at,
        verb=_("Acknowledge"),
        url=_acknowledging(alert.incident) if may_take else answer,
        is_ringing=True,
        is_done_here=True,
    )


def _unanswered(user) -> list[Incident]:
    late = ledger.unanswered_in_time(rail.open_incidents(user)).select_related("escalation")
    return list(late.order_by("priority", "reported_at")[: SHOWN + 1])


def _late(incident: Incident) -> Need:
    by = ledger.answer_by(incident) or incident.reported_at
    return Need(
        icon="bell",
        incident=incident,
        what=incident.subject,
        why=_("nobody has acknowledged in time"),
        when=ages.due(by),
        heat="hot",
        moment=by,
        verb=_("Acknowledge"),
        url=_acknowledging(incident),
        is_ringing=True,
        is_done_here=True,
    )


def _signatures(user) -> list[Need]:
    """What waits for this person as the second one."""
    return [
        Need(
            icon="person",
            incident=asked.incident,
            what=signatures.sentence(asked),
            why=asked.incident.subject,
            when=_("for %s") % ages.since(asked.asked_at),
            heat="hot",  # a colleague cannot go on before
            moment=asked.asked_at,
            verb=_("Decide"),
            url=_page(asked.incident),
        )
        for asked in signatures.waiting_for(user)[: SIGNATURES_SHOWN + 1]
    ]


def _reopenings(user) -> list[Need]:
    """Closed incidents whose reporter waits for a decision, for whoever may take it."""
    seen = access.visible_to(user)
    mine = seen if rights.allowed(user, Right.REOPEN) else seen.filter(owner=user)
    rows = conversation.asking_to_reopen(mine).order_by("priority", "asked_at")[: SHOWN + 1]
    return [
        Need(
            icon="reply",
            incident=row,
            what=row.subject,
            why=_("the reporter asks to reopen it"),
            when=_("for %s") % ages.since(row.asked_at),
            heat="warm",
            moment=row.asked_at,
            verb=_("Decide"),
            url=_page(row),
        )
        for row in rows
    ]


def _answers(user) -> list[Need]:
    """What reporters wrote on one's own incidents, and nobody has taken up."""
    rows = conversation.answered(rail.open_incidents(user).filter(owner=user))
    return [
        Need(
            icon="reply",
            incident=row,
            what=row.subject,
            why=_("the reporter wrote: “%s”") % Truncator(row.answer).chars(QUOTED),
            when=_("for %s") % ages.since(row.answered_at),
            heat="warm",
            moment=row.answered_at,
            verb=_("Answer"),
            url=_page(row) + "#compose",
        )
        for row in rows.order_by("priority", "answered_at")[: SHOWN + 1]
    ]


def _tasks(user) -> list[Need]:
    """One's own tasks that are late or soon due: of each incident the first one."""
    soon = rail.open_tasks(user).filter(assignee=user, due_at__lt=timezone.now() + ages.SOON)
    rows = soon.select_related("incident").order_by("incident__priority", "due_at", "pk")
    of_each: dict[int, list[Task]] = {}
    for task in rows[:TASKS_READ]:
        of_each.setdefault(task.incident_id, []).append(task)
    return [_task(first, len(more)) for first, *more in list(of_each.values())[: SHOWN + 1]]


def _task(task: Task, more: int) -> Need:
    words = {"subject": task.incident.subject, "more": more}
    others = ngettext("%(subject)s, and %(more)d more", "%(subject)s, and %(more)d more", more)
    return Need(
        icon="check",
        incident=task.incident,
        what=str(task),
        why=others % words if more else task.incident.subject,
        when=ages.due(task.due_at),
        heat=ages.heat(task.due_at),
        moment=task.due_at or timezone.now(),
        verb=_("Decide") if task.dedupe_key.startswith(tasks.QUESTION) else _("Finish"),
        url=reverse("admin:incidents_task_change", args=[task.pk]),
        about=task.code,
    )


def _acknowledging(incident: Incident) -> str:
    return reverse("admin:incidents_incident_transition", args=[incident.pk, "acknowledge"])


def _page(incident: Incident) -> str:
    return reverse("admin:incidents_incident_change", args=[incident.pk])
