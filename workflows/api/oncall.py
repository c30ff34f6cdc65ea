"""Who is there: the roles and the people who hold them, until there are rotas."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from incidents import roles
from incidents.api.endpoints import ADMIN, READ, Endpoint
from incidents.roles import Role
from workflows.api.rules import require_role
from workflows.api.serializers import PostShape

POSTS = [role for role in roles.GROUP_OF if role not in {Role.AUD, Role.ADM}]


class OnCall(Endpoint):
    required_scopes = {"GET": (READ, ADMIN)}

    @extend_schema(responses=PostShape(many=True))
    def get(self, request) -> Response:
        """Who is rung for each role, the first in each list first."""
        require_role(request.user)
        holders = roles.holders(POSTS)
        posts = [post(role, holders[role]) for role in POSTS]
        return Response(
            {"next": None, "previous": None, "results": PostShape(posts, many=True).data}
        )


def post(role: Role, people: list) -> dict:
    held = {group.name for person in people for group in person.groups.all()}
    return {
        "role": role.value,
        "label": role.label,
        "stands_in": bool(people) and roles.GROUP_OF[role] not in held,
        "people": people,
    }
