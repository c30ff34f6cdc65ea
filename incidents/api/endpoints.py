"""What the addresses of the API have in common."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from incidents import records
from incidents.models import Incident

PAGING = frozenset({"cursor", "page_size"})
READ, WRITE, TASKS, ALERTS, ADMIN = (
    "incidents:read",
    "incidents:write",
    "tasks:write",
    "alerts:write",
    "admin:read",
)
WHOLE = 200  # what belongs to one incident mostly fits on one page


class Endpoint(GenericAPIView):
    """One address. Refuses query parameters that it does not know.

    `required_scopes` maps each method to the scope of the token, or to several that will do.
    """

    required_scopes: Mapping[str, str | Iterable[str]] = {}
    query_parameters: frozenset[str] = frozenset()
    filter_backends: list = []

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        known = self.query_parameters if request.method in {"GET", "HEAD"} else frozenset()
        if strange := sorted(set(request.query_params) - known):
            raise ValidationError(
                {name: [_("There is no such parameter here.")] for name in strange}
            )

    def finalize_response(self, request, response, *args, **kwargs):
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    def read(self, shape: type[serializers.Serializer]) -> dict[str, Any]:
        """The body as `shape` understands it. Raises ValidationError naming every field."""
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return given.validated_data

    def page(self, rows: QuerySet, shape: type[serializers.BaseSerializer], **context) -> Response:
        """One page of `rows`, which must be ordered by a column and by the key, or by the key."""
        found = self.paginate_queryset(rows)
        return self.get_paginated_response(
            shape(found, many=True, context={"user": self.request.user, **context}).data
        )


class ListEndpoint(Endpoint):
    query_parameters = PAGING
    page_size = WHOLE


def check_match(header: str | None, incident: Incident) -> None:
    """Raise records.Stale unless an If-Match header, if there is one, names this version."""
    if header is None or header.strip() == "*":
        return
    named = {each.strip().removeprefix("W/").strip('"') for each in header.split(",")}
    if str(incident.version) not in named:
        raise records.Stale(incident.version)
