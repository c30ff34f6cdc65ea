"""What drf-spectacular cannot see by itself: the token, the key for repeats, the refusals."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Send the same key again and get the same answer again; kept for 24 hours.",
)
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "reasons": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "portal.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class Described(AutoSchema):
    """DEFAULT_SCHEMA_CLASS: every POST takes an Idempotency-Key; scopes stand in the text."""

    def get_override_parameters(self) -> list[Any]:
        given = super().get_override_parameters()
        return [*given, IDEMPOTENCY_KEY] if self.method == "POST" else given

    def get_description(self) -> str:  # type: ignore[override]
        wanted = getattr(self.view, "required_scopes", {}).get(self.method, ())
        scopes = [wanted] if isinstance(wanted, str) else list(wanted)
        told = f"Scope: {' or '.join(scopes)}." if scopes else ""
        return "\n\n".join(part for part in (super().get_description(), told) if part)


def add_problems(result: dict[str, Any], **_about: Any) -> dict[str, Any]:
    """A postprocessing hook: every operation may answer with a problem."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    answer = {
        "description": "Refused (RFC 9457).",
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
    for methods in result["paths"].values():
        for operation in methods.values():
            operation["responses"]["default"] = answer
    return result
