"""What a reporter types, and the files they choose."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

PNG = bytes.fromhex("89504e470d0a1a0a 0000000d49484452 0000000100000001 0806000000 1f15c489")
QUIET = "A door stood open"


def answers(**changes: Any) -> dict[str, Any]:
    """The five answers that must be given, and whatever else is said."""
    return {
        "subject": QUIET,
        "description": "The door of the server room stood open this morning.",
        "noticed": "now",
        "ongoing": "no",
        "personal_data": "no",
        **changes,
    }


def without(*names: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in answers(**changes).items() if name not in names}


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def picture(name: str = "screen.png", content: bytes = PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def form_key(client: Client, path: str = "/report/") -> str:
    found = re.search(r'name="form_key" value="(\w+)"', client.get(path).content.decode())
    assert found
    return found[1]


def summary(response) -> list[tuple[str, str]]:
    """The lines of the error summary: the id that each leads to, and its words."""
    page = response.content.decode()
    box = re.search(r'<div class="error-summary".*?</div>', page, re.DOTALL)
    return re.findall(r'<a href="#([^"]+)">([^<]+)</a>', box[0]) if box else []
