"""Reference data of the record: departments and categories."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from incidents.api.endpoints import ADMIN, READ, WRITE, ListEndpoint
from incidents.api.serializers import CategoryShape, DepartmentShape
from incidents.models import Category, Department


class Departments(ListEndpoint):
    required_scopes = {"GET": (READ, WRITE, ADMIN)}

    @extend_schema(responses=DepartmentShape(many=True))
    def get(self, request) -> Response:
        """Where reports go to. Report with its code, or its name."""
        return self.page(Department.objects.order_by("pk"), DepartmentShape)


class Categories(ListEndpoint):
    required_scopes = {"GET": (READ, WRITE, ADMIN)}

    @extend_schema(responses=CategoryShape(many=True))
    def get(self, request) -> Response:
        """The Reference Security Incident Taxonomy. Use `path` to name a category."""
        return self.page(Category.objects.order_by("pk"), CategoryShape)
