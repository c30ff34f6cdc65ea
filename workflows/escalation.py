"""Who is rung next when nobody acknowledges (DOMAIN.md 9)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils.dateparse import parse_datetime

from incidents import clock, records, timeline
from incidents.models import Incident
from incidents.models.timeline import Kind
from incidents.roles import Role
from incidents.states import Priority
from workflows import paging
from workflows.models import Escalation
from workflows.working_hours import calendar

logger = structlog.get_logger(__name__)

AT_MOST = 200  # escalations moved in one round


@dataclass(frozen=True, slots=True)
class Level:
    """Ring these roles when so much time has passed without an acknowledgement.

    `after` is clock time; office hours and working days count instead where they are set.
    """

    roles: tuple[Role, ...]
    after: timedelta = timedelta(0)
    office_hours: int = 0
    working_days: int = 0

    def moment(self, start: datetime) -> datetime:
        """When this level is due, in UTC."""
        if self.working_days:
            return calendar().add_working_days(start, self.working_days)
        if self.office_hours:
            return calendar().add_business_hours(start, self.office_hours)
        return start + self.after


# The first of these is level 2: level 1 are those who are alerted at once. Handlers and service
# desk stand for the backup on call. MIM is the lead of the team.
BACKUP, LEADS, DECIDERS = (Role.IH, Role.SDA), (Role.MIM, Role.CISO), (Role.MGT,)
POLICY: dict[int, tuple[Level, ...]] = {
    Priority.P1: (
        Level(BACKUP, timedelta(minutes=15)),
        Level(LEADS, timedelta(minutes=30)),
        Level(DECIDERS, timedelta(minutes=60)),
    ),
    Priority.P2: (
        Level(BACKUP, timedelta(minutes=30)),
        Level(LEADS, timedelta(minutes=60)),
        Level(DECIDERS, timedelta(minutes=120)),
    ),
    Priority.P3: (Level((Role.MIM,), office_hours=4),),
    Priority.P4: (Level((Role.MIM,), working_days=2),),
}


@transaction.atomic
def start(incident: Incident, priority: int) -> Escalation:
    """Start counting for alerts that have just been asked for.

    One that runs is replaced only by a higher priority; one that was stopped starts afresh, for
    somebody is being rung anew.
    """
    incident = records.lock(incident)
    row = Escalation.objects.filter(incident=incident).first()
    if row is None:
        row = Escalation(incident=incident)
    elif row.stopped_at is None and row.priority <= priority:
        return row
    now = clock.now()
    row.priority = priority
    row.policy = freeze(priority, now)
    row.started_at = now
    row.next_level, row.next_at = row.policy[0]["level"], read_moment(row.policy[0])
    row.stopped_at, row.stopped_why = None, ""
    row.save()
    return row


def freeze(priority: int, moment: datetime) -> list[dict[str, Any]]:
    """The levels of `priority` with their moments, counted from `moment`."""
    return [
        {"level": number, "at": level.moment(moment).isoformat(), "roles": list(level.roles)}
        for number, level in enumerate(POLICY[priority], start=2)
    ]


def stop(incident: Incident, why: str) -> None:
    """Somebody has taken it: ring nobody else. One query."""
    Escalation.objects.filter(incident=incident, stopped_at=None).update(
        stopped_at=clock.now(), stopped_why=why[:200]
    )


def advance(now: datetime) -> None:
    """Ring every level that is due, each once. Safe to repeat, and on several nodes at a time."""
    due = Escalation.objects.filter(stopped_at=None, next_at__lte=now).order_by("next_at")
    for row in due.select_related("incident")[:AT_MOST]:
        try:
            ring_due(row.incident, now)
        except Exception:  # one broken incident must not keep the others from being rung
            logger.exception("escalation_failed", incident=row.incident.reference)


@transaction.atomic
def ring_due(incident: Incident, now: datetime) -> None:
    """Ring the due levels of one incident; after an outage that may be several."""
    locked = records.lock(incident)
    row = Escalation.objects.get(incident=locked)
    while row.stopped_at is None and row.next_at is not None and row.next_at <= now:
        ring_next(row, locked)


@transaction.atomic
def hasten(incident: Incident, level: int) -> None:
    """An alert of `level` reached nobody: that is a missing acknowledgement, now.

    Several failures on one level move it on once.
    """
    locked = records.lock(incident)
    row = Escalation.objects.filter(incident=locked, stopped_at=None, next_level=level + 1).first()
    if row is not None and row.next_at is not None:
        ring_next(row, locked)


def ring_next(row: Escalation, incident: Incident) -> None:
    """Ring the next level and set the moment of the one after it. The incident is locked."""
    levels = {each["level"]: each for each in row.policy}
    level = row.next_level
    paging.page(
        incident,
        called=levels[level]["roles"],
        why=f"Nobody has acknowledged: level {level}",
        cause=f"escalation-{row.started_at.timestamp():.0f}-{level}",
        priority=row.priority,
        level=level,
        template="escalation",
    )
    logger.warning("escalated", incident=incident.reference, level=level)
    following = levels.get(level + 1)
    row.next_level = level + 1
    row.next_at = read_moment(following) if following else None
    row.save(update_fields=["next_level", "next_at"])
    if following is None:
        note_the_end(incident, level)


def note_the_end(incident: Incident, level: int) -> None:
    """After the last level nobody is rung any more, and that must be seen."""
    logger.error("escalation_at_its_end", incident=incident.reference, level=level)
    timeline.append(
        incident,
        Kind.PROBLEM,
        by=None,
        text="Nobody has acknowledged, and the last level has now been alerted.",
        data={"level": level},
    )


def read_moment(level: dict[str, Any]) -> datetime | None:
    """The moment of a frozen level."""
    return parse_datetime(level["at"])
