"""Keyword rules: what they found, trying them out, and the phrases in use."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from incidents import rights, roles
from incidents.api import sight
from incidents.api.endpoints import ADMIN, READ, WRITE, Endpoint, ListEndpoint
from workflows import rules
from workflows.api.serializers import (
    HitShape,
    MatchShape,
    RuleShape,
    TrialBody,
    TrialShape,
)
from workflows.models import RuleVersion


def require_role(user) -> None:
    """How we work is for those who work here. Raises rights.Denied for a mere reporter."""
    if not roles.of(user):
        raise rights.Denied("see_how_the_team_works")


class Matches(ListEndpoint):
    required_scopes = {"GET": READ}

    @extend_schema(responses=MatchShape(many=True))
    def get(self, request, reference: str) -> Response:
        """Every phrase that was found, in the report and in later messages."""
        incident = sight.find_inside(request.user, reference)
        return self.page(incident.matches.select_related("run").order_by("pk"), MatchShape)


class Trial(Endpoint):
    required_scopes = {"POST": (READ, WRITE, ADMIN)}

    @extend_schema(request=TrialBody, responses=TrialShape)
    def post(self, request) -> Response:
        """What would match. Nothing is stored, and no length is refused."""
        result = rules.try_out(**self.read(TrialBody))
        hits = HitShape(result.hits, many=True).data
        return Response({"matches": result.verdicts, "hits": hits, "cut": result.cut})


class Rules(ListEndpoint):
    required_scopes = {"GET": (READ, ADMIN)}

    @extend_schema(responses=RuleShape(many=True))
    def get(self, request) -> Response:
        """The phrases in use, one rule for each playbook."""
        require_role(request.user)
        return self.page(RuleVersion.objects.filter(is_active=True).order_by("pk"), RuleShape)
