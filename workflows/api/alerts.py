"""The alert ledger: who was told, through what, and who has it."""

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from incidents import rights
from incidents.api import sight
from incidents.api.endpoints import ALERTS, READ, Endpoint, ListEndpoint
from incidents.rights import Right
from workflows import alerts, ledger
from workflows.api.serializers import AlertShape
from workflows.models import Alert


class Ledger(ListEndpoint):
    required_scopes = {"GET": READ}

    @extend_schema(responses=AlertShape(many=True))
    def get(self, request, reference: str) -> Response:
        """Every alert of an incident with its delivery attempts, oldest first."""
        incident = sight.find_inside(request.user, reference)
        rights.require(request.user, Right.SEE_ALERTS, incident)
        unnamed = not sight.shows_reporter(request.user, incident)
        rows = incident.alerts.select_related("recipient", "acknowledged_by")
        return self.page(
            rows.prefetch_related("attempts").order_by("pk"), AlertShape, unnamed=unnamed
        )


class Acknowledge(Endpoint):
    required_scopes = {"POST": ALERTS}

    @extend_schema(request=None, responses=AlertShape)
    def post(self, request, id: int) -> Response:
        """I have it: nobody else is rung. Only the recipient can say so; again changes nothing."""
        alert = Alert.objects.select_related("incident").get(
            Q(recipient=request.user, kind=Alert.Kind.ALERT)
            | Q(pk__in=ledger.visible_to(request.user).values("pk")),
            pk=id,
        )
        return Response(AlertShape(alerts.acknowledge(alert, by=request.user)).data)
