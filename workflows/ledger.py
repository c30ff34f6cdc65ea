"""The alert ledger as it is read: whose alerts, and what nobody has answered yet."""

from django.db.models import Exists, OuterRef, QuerySet

from incidents import access, rights, roles
from incidents.models import Incident
from incidents.rights import Right
from incidents.states import State
from workflows.models import Alert


def visible_to(user) -> QuerySet[Alert]:
    """The alerts of the incidents that `user` may see, for those who may see alerts at all."""
    incidents = access.visible_to(user)
    if not rights.allowed(user, Right.SEE_ALERTS):
        if not roles.of(user) & rights.ON_OWN[Right.SEE_ALERTS]:
            return Alert.objects.none()
        incidents = incidents.filter(tasks__assignee=user) | incidents.filter(owner=user)
    return Alert.objects.filter(incident__in=incidents.values("pk"))


def open_for(user) -> QuerySet[Alert]:
    """The alerts that wait for this person's acknowledgement, most urgent first."""
    return visible_to(user).filter(
        recipient=user, kind=Alert.Kind.ALERT, acknowledged_at=None, incident__state=State.NEW
    )


def unanswered(incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    """Those of `incidents` for which people were rung and nobody has acknowledged."""
    rung = Alert.objects.filter(incident=OuterRef("pk"), kind=Alert.Kind.ALERT)
    return incidents.filter(
        Exists(rung), ~Exists(rung.filter(acknowledged_at__isnull=False)), state=State.NEW
    )
