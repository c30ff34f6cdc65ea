"""Calling the API as a program does: with a token, over the whole middleware."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from portal.api import tokens
from portal.models.tokens import Scope

ROOT = "/api/v1/"
REPORT = {
    "subject": "A door stood open",
    "description": "The door of the server room stood open this morning.",
}


class Caller:
    """One token. Without scopes named it has them all; without a user there is no token."""

    def __init__(self, user=None, *scopes: str):
        self.client = Client(raise_request_exception=False)
        self.headers: dict[str, str] = {}
        if user is not None:
            token, secret = tokens.issue(user, "tests", scopes or Scope.values, 30)
            self.token, self.headers = token, {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.client.get(address(path), headers=self.headers | named(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.send("post", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.send("patch", path, body, **headers)

    def upload(self, path: str, **parts: Any) -> HttpResponse:
        return self.client.post(address(path), parts, headers=self.headers)

    def send(self, method: str, path: str, body: Any, **headers: str) -> HttpResponse:
        """`body` as JSON; text and bytes go as they are."""
        raw = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        return getattr(self.client, method)(
            address(path),
            raw,
            content_type=headers.pop("content_type", "application/json"),
            headers=self.headers | named(headers),
        )


def address(path: str) -> str:
    return path if path.startswith(("/", "http")) else ROOT + path


def named(headers: dict[str, str]) -> dict[str, str]:
    """idempotency_key="x" as the header Idempotency-Key."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


def problem(answer: HttpResponse, status: int) -> dict[str, Any]:
    """The body of a refusal, which must have this status and the shape of RFC 9457."""
    assert answer.status_code == status, (answer.status_code, answer.content[:2000])
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert set(body) >= {"type", "title", "status", "detail"}
    assert body["status"] == status
    assert body["detail"]
    return body


def refused_fields(answer: HttpResponse) -> set[str]:
    """The fields that a 400 names."""
    return set(problem(answer, 400)["errors"])


def told(answer: HttpResponse, status: int = 200) -> Any:
    """The body of an answer that must have this status."""
    assert answer.status_code == status, (answer.status_code, answer.content[:2000])
    return answer.json()
