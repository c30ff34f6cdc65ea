"""Tools and people at the door of the real product: API calls with a token, pages with a cookie.

Standard library only, so that nothing between the test and the wire is kinder than a stranger.
"""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage, Message
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode
from urllib.request import (
    HTTPCookieProcessor,
    HTTPErrorProcessor,
    HTTPRedirectHandler,
    Request,
    build_opener,
)

from tests.live import Product
from tests.waiting import eventually

SCOPES = "incidents:read incidents:write tasks:write alerts:write".split()
TIMEOUT_SECONDS = 60
ACKNOWLEDGE_LINK = re.compile(r"https?://\S+(/a/\S+)")

Files = list[tuple[str, str, bytes]]  # field, file name, content


@dataclass(frozen=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    body: bytes
    headers: Message
    url: str

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Calm(HTTPErrorProcessor):
    """Follows redirects, and takes every other status for an answer like any other."""

    def http_response(self, request: Request, response: HTTPResponse) -> Any:
        if 300 <= response.status < 400:
            return super().http_response(request, response)
        return response

    https_response = http_response


class Stay(HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *_: Any) -> None:
        return None


def ask(opener: Any, request: Request) -> Answer:
    with opener.open(request, timeout=TIMEOUT_SECONDS) as response:
        return Answer(response.status, response.read(), response.headers, response.url)


TOKENS: dict[tuple[str, str], str] = {}  # by product and user: the command takes seconds


def token_of(product: Product, username: str) -> str:
    key = (str(product.data), username)
    if key not in TOKENS:
        TOKENS[key] = product.manage("create_api_token", username, "--scope", *SCOPES).strip()
    return TOKENS[key]


class Caller:
    """A tool with a token of `username`."""

    def __init__(self, product: Product, username: str):
        self.base = f"{product.url}/api/v1"
        self.token = token_of(product, username)
        self.opener = build_opener(Calm)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        files: Files | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """`path` below /api/v1, or a whole address such as `next` gives."""
        address = path if path.startswith("http") else self.base + path
        request = Request(address, headers=dict(headers or {}), method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if files is not None:
            request.data, kind = multipart(body or {}, files)
            request.add_header("Content-Type", kind)
        elif body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        return ask(self.opener, request)

    def get(self, path: str) -> Any:
        """The JSON of a 200."""
        answer = self.call("GET", path)
        assert answer.status == 200, (path, answer.status, answer.text[:500])
        return answer.json

    def all(self, path: str) -> list[dict[str, Any]]:
        """Every row of a paged list."""
        found, following = [], path
        while following:
            page = self.get(following)
            found += page["results"]
            following = page["next"]
        return found

    def post(self, path: str, body: Any = None, *, status: int = 200, **more: Any) -> Any:
        """The JSON of an answer that must have this status."""
        answer = self.call("POST", path, body if body is not None else {}, **more)
        assert answer.status == status, (path, answer.status, answer.text[:1000])
        return answer.json

    def report(self, subject: str, description: str, **answers: Any) -> dict[str, Any]:
        """The 201 of a new report."""
        words = {"subject": subject, "description": description, **answers}
        return self.post("/incidents/", words, status=201)


class Visitor:
    """Somebody with a browser that runs no script and shows no picture."""

    def __init__(self, product: Product, username: str = ""):
        self.base = product.url
        self.jar = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar), Calm)
        self.still = build_opener(HTTPCookieProcessor(self.jar), Stay, Calm)
        if username:
            self.sign_in(username)

    def get(self, path: str) -> Answer:
        return ask(self.opener, Request(self.base + path))

    def post(
        self, path: str, fields: Any = (), *, files: Files | None = None, shown_at: str = ""
    ) -> Answer:
        """Send a form. `fields` as a mapping or as pairs; the page `shown_at` gives the token."""
        if shown_at or "csrftoken" not in self.cookies():
            self.get(shown_at or path)
        pairs = list(fields.items()) if hasattr(fields, "items") else list(fields)
        pairs.append(("csrfmiddlewaretoken", self.cookies().get("csrftoken", "")))
        if files is None:
            data, kind = urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        else:
            data, kind = multipart(pairs, files)
        request = Request(self.base + path, data=data, headers={"Content-Type": kind})
        return ask(self.opener, request)

    def cookies(self) -> dict[str, str]:
        return {cookie.name: cookie.value or "" for cookie in self.jar}

    def sign_in(self, username: str) -> None:
        words = {"login": username, "password": f"demo-{username}"}
        self.post("/accounts/login/", words, shown_at="/accounts/login/")
        assert "sessionid" in self.cookies(), f"{username} could not sign in"


def multipart(fields: Any, files: Files) -> tuple[bytes, str]:
    """A body of multipart/form-data, and its content type."""
    mark = uuid.uuid4().hex
    parts = []
    for name, value in fields.items() if hasattr(fields, "items") else fields:
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts.append(head.encode() + str(value).encode() + b"\r\n")
    for name, filename, content in files:
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"


def mails_about(product: Product, reference: str, username: str = "") -> list[EmailMessage]:
    """The mails that name this incident, to anybody or to one person."""
    found = product.mailbox.to(f"{username}@") if username else list(product.mailbox.messages)
    return [mail for mail in found if reference in f"{mail['Subject']} {mail.get_content()}"]


def alert_mail(product: Product, reference: str, username: str) -> EmailMessage:
    """The first mail to this person that asks for an acknowledgement; waits for it."""

    def look() -> EmailMessage | None:
        mails = mails_about(product, reference, username)
        return next((mail for mail in mails if ACKNOWLEDGE_LINK.search(mail.get_content())), None)

    found = eventually(look, f"{username} is rung by mail about {reference}")
    assert found is not None
    return found


def link_in(mail: EmailMessage) -> str:
    """The path of the acknowledge page."""
    found = ACKNOWLEDGE_LINK.search(mail.get_content())
    assert found, mail.get_content()
    return found[1]
