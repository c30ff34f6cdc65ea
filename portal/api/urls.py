"""The whole API on one screen: each package brings the addresses of its own rows."""

from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from portal.api import errors, schema, views

__all__ = ["schema", "urlpatterns"]  # importing schema is what tells drf-spectacular of the token

urlpatterns = [
    path("me/", views.Me.as_view()),
    path("schema/", views.Schema.as_view(), name="api-schema"),
    path("docs/", views.Docs.as_view(), name="api-docs"),
    path("", include("incidents.api.urls")),
    path("", include("workflows.api.urls")),
    re_path(r"^.*$", csrf_exempt(errors.unknown_address)),
]
