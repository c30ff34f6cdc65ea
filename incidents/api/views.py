"""Incidents: the list, one of them, its steps and its timeline.

Reporting is in workflows/api/reports.py, for its answer tells what the rules made of the report.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework.response import Response

from incidents import (
    conversation,
    duplicates,
    lifecycle,
    need_to_know,
    rights,
    risk,
    signatures,
)
from incidents.api import changes, inputs, sight
from incidents.api.endpoints import PAGING, READ, WRITE, Endpoint, ListEndpoint, check_match
from incidents.api.filters import IncidentFilters, order_of, tells_of_the_inside
from incidents.api.serializers import (
    AssessmentShape,
    EntryShape,
    FullShape,
    IncidentShape,
    OfferShape,
    PublicEntryShape,
    SignatureShape,
    TicketShape,
)
from incidents.models import Incident
from incidents.rights import Right
from incidents.steps import STEPS

EITHER_SHAPE = PolymorphicProxySerializer(
    component_name="Incident",
    serializers=[FullShape, TicketShape],
    resource_type_field_name=None,
    many=False,
)
EITHER_SHAPES = PolymorphicProxySerializer(
    component_name="Incident",
    serializers=[FullShape, TicketShape],
    resource_type_field_name=None,
    many=True,
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that was read; another version answers 412.",
)


def shown(incident: sight.Seen, request, *, status: int = 200, **more) -> Response:
    """The incident as the caller sees it; from inside with its version as ETag."""
    body = IncidentShape(incident, context={"user": request.user}).data
    headers = {"ETag": f'"{incident.version}"'} if incident.is_inside else {}
    return Response({**body, **more}, status=status, headers=headers)


def link(request: HttpRequest, name: str, *args) -> str:
    """The whole address of something."""
    return request.build_absolute_uri(reverse(name, args=args))


class IncidentList(Endpoint):
    queryset = Incident.objects.none()
    filterset_class = IncidentFilters
    filter_backends = [DjangoFilterBackend]
    query_parameters = PAGING | set(IncidentFilters.base_filters) | {"ordering"}
    required_scopes = {"GET": READ}

    @extend_schema(
        responses=EITHER_SHAPES,
        parameters=[
            OpenApiParameter(
                "ordering",
                str,
                description="reported_at, updated_at, priority or severity; - for the reverse.",
            )
        ],
    )
    def get(self, request) -> Response:
        """The incidents that you may see. Filters and orderings by what only the team knows look
        only at those that you see from inside.
        """
        order = order_of(request.query_params.get("ordering"))
        rows = self.filter_queryset(sight.readable(request.user))
        if tells_of_the_inside(request.query_params):
            rows = rows.filter(is_inside=True)
        return self.page(rows.order_by(order, "-pk"), IncidentShape)

    def paginate_queryset(self, queryset):
        """A row tells as much as the incident's own address, so it counts as looking at it."""
        found = super().paginate_queryset(queryset)
        inside = [row for row in found or [] if row.is_inside]
        need_to_know.note_views(inside, self.request.user)
        return found


class IncidentDetail(Endpoint):
    required_scopes = {"GET": READ, "PATCH": WRITE}

    @extend_schema(responses=EITHER_SHAPE)
    def get(self, request, reference: str) -> Response:
        return shown(sight.find(request.user, reference), request)

    @extend_schema(
        request=inputs.ChangeBody,
        responses={200: FullShape, 202: SignatureShape},
        parameters=[IF_MATCH],
    )
    def patch(self, request, reference: str) -> Response:
        """Change facts, grades, breach status and milestones; all that is named, or nothing.

        Lowering P1 or P2 takes two people: with `ask_second`, and nothing but grades, it is asked
        for, and done when somebody else agrees in the console.
        """
        incident = sight.find_inside(request.user, reference)
        match = request.headers.get("If-Match")
        if request.data.get("ask_second") is True:
            asked = changes.ask_to_lower(incident, request.data, by=request.user, match=match)
            return Response(SignatureShape(asked).data, status=202)
        changes.apply(incident, request.data, by=request.user, match=match)
        return shown(sight.again(incident), request)


class Transitions(Endpoint):
    required_scopes = {"GET": READ, "POST": WRITE}
    pagination_class = None

    @extend_schema(responses=OfferShape(many=True))
    def get(self, request, reference: str) -> Response:
        """The steps that you may take, with what each asks for and what it still lacks."""
        incident = sight.find(request.user, reference)
        offers = lifecycle.steps_for(incident, request.user) if incident.is_inside else []
        return Response(OfferShape(offers, many=True).data)

    @extend_schema(request=inputs.StepBody, responses={200: EITHER_SHAPE, 202: SignatureShape})
    def post(self, request, reference: str) -> Response:
        """Take a step. 409 lists everything that it lacks.

        A step that takes two people is refused with `second_signature`; with `ask_second` it is
        asked for instead, and done when somebody else agrees in the console.
        """
        incident = sight.find_inside(request.user, reference)
        body = self.read(inputs.StepBody)
        if body["transition"] not in STEPS:
            raise ValidationError({"transition": [_("Use one of: %s.") % ", ".join(STEPS)]})
        with transaction.atomic():
            inputs_given = body.get("inputs") or {}
            held = duplicates.hold(incident, body["transition"], inputs_given)
            check_match(request.headers.get("If-Match"), held)
            if body.get("ask_second"):
                return self._ask(held, body, inputs_given)
            lifecycle.transition(incident, body["transition"], by=request.user, inputs=inputs_given)
        return shown(sight.again(incident), request)

    def _ask(self, incident: Incident, body: dict[str, Any], given: dict[str, Any]) -> Response:
        act = signatures.ACT_OF.get(body["transition"])
        if act is None:
            raise ValidationError({"ask_second": [_("One person is enough for this.")]})
        reason = body.get("reason") or given.get("reason", "")
        asked = signatures.ask(incident, act, given, by=self.request.user, reason=reason)
        return Response(SignatureShape(asked).data, status=202)


class Timeline(ListEndpoint):
    required_scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(responses=EntryShape(many=True))
    def get(self, request, reference: str) -> Response:
        """What happened, oldest first. A reporter gets the public entries, without hashes.

        The hashes are null for those who may not know a reporter who stays unnamed.
        """
        incident = sight.find(request.user, reference)
        rows = incident.timeline.select_related("actor").order_by("pk")
        if not incident.is_inside:
            return self.page(rows.filter(is_public=True), PublicEntryShape)
        return self.page(rows, EntryShape, unnamed=self._unnamed(incident))

    @extend_schema(request=inputs.EntryBody, responses={201: EntryShape})
    def post(self, request, reference: str) -> Response:
        """Add a note, or with `public` a message to the reporter; on your own ticket a message to
        the team.
        """
        incident = sight.find(request.user, reference)
        body = self.read(inputs.EntryBody)
        if not incident.is_inside:
            entry = self._receive(incident, body)
            return Response(PublicEntryShape(entry).data, status=201)
        say = conversation.reply if body.get("public") else conversation.note
        entry = say(incident, body["text"], by=request.user)
        told = EntryShape(entry, context={"unnamed": self._unnamed(incident)})
        return Response(told.data, status=201)

    def _unnamed(self, incident: sight.Seen) -> Incident | None:
        """The incident, if its reporter is to stay unnamed for the caller."""
        return None if sight.shows_reporter(self.request.user, incident) else incident

    def _receive(self, incident: Incident, body: dict):
        if incident.reporter_id != self.request.user.pk or body.get("public") is False:
            raise rights.Denied(Right.NOTE)
        return conversation.receive(incident, body["text"], by=self.request.user)


class Assessments(ListEndpoint):
    required_scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(responses=AssessmentShape(many=True))
    def get(self, request, reference: str) -> Response:
        """The risk assessments, the first version first."""
        incident = sight.find_inside(request.user, reference)
        people = incident.assessments.select_related("made_by", "accepted_by")
        return self.page(people.order_by("pk"), AssessmentShape)

    @extend_schema(request=inputs.AssessmentBody, responses={201: AssessmentShape})
    def post(self, request, reference: str) -> Response:
        """Save the next version of the risk assessment. A saved one never changes."""
        incident = sight.find_inside(request.user, reference)
        saved = risk.assess(incident, by=request.user, **self.read(inputs.AssessmentBody))
        return Response(AssessmentShape(saved).data, status=201)
