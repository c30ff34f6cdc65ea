"""Evidence: files up as multipart, down as attachments that no browser runs or shows."""

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from incidents import downloads, evidence, rights
from incidents.api import inputs, sight
from incidents.api.endpoints import READ, WRITE, Endpoint, ListEndpoint
from incidents.api.serializers import EvidenceShape
from incidents.api.views import link
from incidents.models import Evidence, Incident
from incidents.rights import Right


def readable(user, incident: sight.Seen) -> QuerySet[Evidence]:
    """The files of an incident that `user` knows of: all from inside, else one's own."""
    if incident.is_inside:
        return incident.evidence.all()
    is_theirs = incident.reporter_id == user.pk
    return incident.evidence.filter(from_reporter=True) if is_theirs else Evidence.objects.none()


class EvidenceList(ListEndpoint):
    required_scopes = {"GET": READ, "POST": WRITE}
    parser_classes = [MultiPartParser]

    @extend_schema(responses=EvidenceShape(many=True))
    def get(self, request, reference: str) -> Response:
        """The files of an incident; a reporter gets those of the report."""
        incident = sight.find(request.user, reference)
        rows = readable(request.user, incident).select_related("added_by").order_by("pk")
        return self.page(rows, EvidenceShape, **self._context(incident))

    @extend_schema(
        request={"multipart/form-data": inputs.EvidenceBody}, responses={201: EvidenceShape}
    )
    def post(self, request, reference: str) -> Response:
        """Add one file, as the part `file`. It is kept as it is, with its SHA-256."""
        incident = sight.find(request.user, reference)
        is_theirs = not incident.is_inside and incident.reporter_id == request.user.pk
        if not is_theirs:
            # from inside the right is asked below, by incidents/evidence.py
            rights.require(request.user, Right.ADD_EVIDENCE, incident)
        upload = self.read(inputs.EvidenceBody)["file"]
        stored = evidence.store(incident, upload, by=request.user, from_reporter=is_theirs)
        shape = EvidenceShape(stored, context={"user": request.user, **self._context(incident)})
        return Response(shape.data, status=201, headers={"Location": shape.data["content"]})

    def _context(self, incident: Incident) -> dict:
        return {
            "link": lambda each: link(self.request, "api-evidence-content", each.pk),
            "unnamed": not sight.shows_reporter(self.request.user, incident),
        }


class EvidenceContent(Endpoint):
    required_scopes = {"GET": READ}

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)}
    )
    def get(self, request, id: int) -> FileResponse:
        """The bytes as they came in. Every download is noted in the chain of custody."""
        found = Evidence.objects.select_related("incident").get(pk=id)
        incident = sight.find(request.user, found.incident.reference)
        found = readable(request.user, incident).get(pk=id)
        if incident.is_inside:
            rights.require(request.user, Right.OPEN_EVIDENCE, incident)
        return downloads.attachment(found, by=request.user, purpose="API")
