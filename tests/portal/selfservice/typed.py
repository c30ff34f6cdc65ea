"""What a reporter types on the pages of the report, and the files they choose."""

import re
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

PNG = bytes.fromhex("89504e470d0a1a0a 0000000d49484452 0000000100000001 0806000000 1f15c489")
STORY = "The door of the server room stood open this morning."
REFERENCE = re.compile(r"INC-\d{6,}")
# An answer for every field of every question that concerns a data breach, in their order.
EVERYTHING: dict[str, dict[str, Any]] = {
    "noticed": {
        "noticed": "date",
        "noticed_day": (timezone.localdate() - timedelta(days=3)).isoformat(),
        "noticed_time": "14:00",
        "occurred_from": "2026-01-01T10:00",
        "occurred_to": "2026-01-01T11:00",
    },
    "ongoing": {"ongoing": "no"},
    "about": {"about": "data_breach"},
    "personal-data": {"personal_data": "yes"},
    "data": {
        "data_kinds": ["health", "contact"],
        "data_kinds_text": "of patients",
        "people_affected": "about 340",
        "data_location": "inside_workspace",
        "data_recipient": "known_trusted",
        "data_recipient_text": "a colleague",
    },
    "where": {
        "workspaces": ["ws-cardio"],
        "workspaces_text": "the old one, ws-of-others",
        "virtual_machines": ["vm-cardio-01"],
        "virtual_machines_text": "vm-9",
    },
    "users": {"users_affected": "2-10"},
    "already-done": {
        "already_done": ["password"],
        "already_done_text": "locked the door",
        "reported_elsewhere": "police",
        "reported_elsewhere_reference": "PL-1",
    },
    "files": {},
    "reach": {
        "contact_phone": "+31 85 000 01 42",
        "safe_channel": "my own phone",
        "on_behalf_of": "Jan",
        "is_name_confidential": "on",
    },
}


def answers(**changes: Any) -> dict[str, Any]:
    """The one answer that must be given, and whatever else is said on that page."""
    return {"description": STORY, **changes}


def reported(client: Client, **changes: Any) -> str:
    """Report through the first page; gives the reference."""
    response = client.post("/report/", answers(**changes))
    found = REFERENCE.search(response["Location"])
    assert found
    return found[0]


def question(reference: str, name: str) -> str:
    """The address of a question about this report."""
    return f"/report/{reference}/{name}/"


def without(*names: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in answers(**changes).items() if name not in names}


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def picture(name: str = "screen.png", content: bytes = PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def pictures(count: int) -> list[SimpleUploadedFile]:
    """So many, each with a content of its own."""
    return [picture(f"screen-{number}.png", PNG + bytes([number])) for number in range(count)]


def form_key(client: Client, path: str = "/report/") -> str:
    found = re.search(r'name="form_key" value="(\w+)"', client.get(path).content.decode())
    assert found
    return found[1]


def summary(response) -> list[tuple[str, str]]:
    """The lines of the error summary: the id that each leads to, and its words."""
    page = response.content.decode()
    box = re.search(r'<div class="error-summary".*?</div>', page, re.DOTALL)
    return re.findall(r'<a href="#([^"]+)">([^<]+)</a>', box[0]) if box else []
