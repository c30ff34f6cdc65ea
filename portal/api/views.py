"""The API about itself: who am I, the OpenAPI document, and its pages."""

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_page
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.response import Response

from incidents import roles
from incidents.api.endpoints import Endpoint
from incidents.api.fields import Moment
from portal.models.tokens import Scope

HOUR = 3600


class MeShape(serializers.Serializer):
    username = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    token = serializers.CharField(help_text="Its name.")
    scopes = serializers.ListField(child=serializers.CharField())
    expires_at = Moment()


class Me(Endpoint):
    required_scopes = {"GET": tuple(Scope.values)}

    @extend_schema(responses=MeShape)
    def get(self, request) -> Response:
        """For whom this token acts, and what it may be used for."""
        user, token = request.user, request.auth
        me = {
            "username": user.username,
            "name": str(user),
            "email": user.email,
            "roles": sorted(roles.of(user)),
            "token": token.name,
            "scopes": token.scopes,
            "expires_at": token.expires_at,
        }
        return Response(MeShape(me).data)


@method_decorator(
    cache_page(HOUR, cache="process"), name="dispatch"
)  # making it takes a second, and it is public
class Schema(SpectacularAPIView):
    """OpenAPI 3.1: JSON, or YAML when asked for by Accept or ?format=yaml."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    content_negotiation_class = DefaultContentNegotiation
    renderer_classes = [
        OpenApiJsonRenderer2,
        OpenApiJsonRenderer,
        OpenApiYamlRenderer2,
        OpenApiYamlRenderer,
    ]


# Swagger UI's own style sheet holds its icons as data: addresses.
@method_decorator(csp_update({"img-src": ["'self'", "data:"]}), name="dispatch")
class Docs(SpectacularSwaggerSplitView):
    """The same for people, without inline script or style."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    template_name = "portal/api_docs.html"
    url_name = "api-schema"
