"""The agent console for tests: signed in, by short paths, without any kindness to bad requests."""

import re
import time
from html import unescape
from typing import Any

from django.test import Client

from incidents.models import Incident, Task

TAGS = re.compile(r"<[^>]+>")


class Console:
    """One person at the console. Paths begin below /admin/."""

    def __init__(self, user=None):
        self.client = Client()
        self.user = user
        if user is not None:
            self.client.force_login(user)
            note_proof(self.client, user)

    def get(self, path: str = "", **query: Any):
        return self.client.get(f"/admin/{path}", query)

    def post(self, path: str, **words: Any):
        return self.client.post(f"/admin/{path}", words)


def note_proof(client: Client, user, *, seconds_ago: float = 0) -> None:
    """What a sign-in by password leaves in the session, and force_login() does not."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time() - seconds_ago}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def on(incident: Incident, page: str = "change") -> str:
    return f"incidents/incident/{incident.pk}/{page}/"


def about(task: Task, page: str = "change") -> str:
    return f"incidents/task/{task.pk}/{page}/"


def words_of(response) -> str:
    """What a reader of the page sees, tags taken away."""
    return " ".join(unescape(TAGS.sub(" ", response.content.decode())).split())
