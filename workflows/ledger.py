"""The alert ledger as it is read: whose alerts, and what nobody has answered yet."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from incidents import access, rights, roles
from incidents.models import Incident
from incidents.rights import Right
from incidents.states import State
from workflows import escalation, paging
from workflows.models import Alert

FIRST_ESCALATION = 2  # level 1 are those who are rung at once


def visible_to(user) -> QuerySet[Alert]:
    """The alerts of the incidents that `user` may see, for those who may see alerts at all."""
    incidents = access.visible_to(user)
    if not rights.allowed(user, Right.SEE_ALERTS):
        if not roles.of(user) & rights.ON_OWN[Right.SEE_ALERTS]:
            return Alert.objects.none()
        incidents = incidents.filter(tasks__assignee=user) | incidents.filter(owner=user)
    # One by one: a list of all these incidents would be gathered before the first alert is read.
    return Alert.objects.filter(Exists(incidents.filter(pk=OuterRef("incident"))))


def open_for(user) -> QuerySet[Alert]:
    """The alerts that wait for this person's acknowledgement, most urgent first."""
    return visible_to(user).filter(
        recipient=user, kind=Alert.Kind.ALERT, acknowledged_at=None, incident__state=State.NEW
    )


def unanswered(incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    """Those of `incidents` for which people were rung and nobody has acknowledged."""
    rung = paging.pages().filter(incident=OuterRef("pk"))
    return incidents.filter(
        Exists(rung), ~Exists(rung.filter(acknowledged_at__isnull=False)), state=State.NEW
    )


def unanswered_in_time(incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    """Those of the unanswered for which more people are rung by now."""
    return unanswered(incidents).filter(
        escalation__stopped_at=None, escalation__next_level__gt=FIRST_ESCALATION
    )


def answer_by(incident: Incident) -> datetime | None:
    """When more people are rung, or were: the first who were rung should answer before.

    No query where the escalation was selected along; None where nothing escalates.
    """
    row = getattr(incident, "escalation", None)
    return escalation.read_moment(row.policy[0]) if row and row.policy else None
