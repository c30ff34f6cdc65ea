"""Reporting: the list of incidents, and the way to add one to it."""

from django.db import transaction
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.response import Response

from incidents import intake
from incidents.api import inputs, sight
from incidents.api.endpoints import READ, WRITE
from incidents.api.views import IncidentList, link, shown
from incidents.models import Incident
from incidents.states import Door
from workflows.api.serializers import ReceivedShape
from workflows.models import MatchRun


class Reports(IncidentList):
    required_scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(
        request=inputs.ReportBody,
        responses={
            201: OpenApiResponse(ReceivedShape, description="The incident, with these beside it.")
        },
    )
    def post(self, request) -> Response:
        """Report an incident. The keyword rules run, tasks and alerts are laid out, all or
        nothing; the answer says what matched.
        """
        given = inputs.read_report(request.data, by=request.user)
        with transaction.atomic():  # with the answer: whoever is told 500 may safely send it again
            incident = intake.report(by=request.user, door=Door.API, **given)
            answer = shown(
                as_seen(incident, request.user),
                request,
                status=201,
                matches=verdicts(incident),
                tasks={"total": incident.tasks.count()},
            )
        answer["Location"] = link(request, "api-incident", incident.reference)
        return answer


def as_seen(incident: sight.Seen, user) -> sight.Seen:
    """The new incident; one that its playbook hid from its own sender is shown as a ticket."""
    found = sight.readable(user).filter(pk=incident.pk).first()
    if found is None:
        incident.is_inside = incident.is_own = False
        found = sight.again(incident)
    return found


def verdicts(incident: Incident) -> dict[str, str]:
    """What the rules made of the report; nothing when they were broken."""
    run = MatchRun.objects.filter(incident=incident, entry=None).order_by("pk").first()
    return run.verdicts if run else {}
