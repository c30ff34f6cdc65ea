"""By when a reporter hears from us, by priority (DOMAIN.md 9)."""

from datetime import datetime, timedelta

from incidents.models import Incident
from incidents.states import Priority
from workflows import working_hours

LOOK = {Priority.P1: timedelta(minutes=15), Priority.P2: timedelta(minutes=30)}
LOOK_BUSINESS_HOURS = 4
ANSWER = {Priority.P1: timedelta(hours=1), Priority.P2: timedelta(hours=2)}


def looked_at_by(incident: Incident) -> datetime:
    """When a person has looked at it at the latest."""
    if incident.priority in LOOK:
        return incident.reported_at + LOOK[Priority(incident.priority)]
    if incident.priority == Priority.P3:
        return working_hours.calendar().add_business_hours(
            incident.reported_at, LOOK_BUSINESS_HOURS
        )
    return answered_by(incident)


def answered_by(incident: Incident) -> datetime:
    """When the reporter has the first word from us at the latest."""
    if incident.priority in ANSWER:
        return incident.reported_at + ANSWER[Priority(incident.priority)]
    return working_hours.calendar().add_working_days(incident.reported_at, 1)
