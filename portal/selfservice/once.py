"""A form that is sent twice is done once: the second click is shown what the first one made."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.db import IntegrityError
from django.http import HttpRequest

from incidents import evidence
from portal.models import IdempotencyRecord

TRIVIAL = {"csrfmiddlewaretoken"}
FORM_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)


def fresh_key() -> str:
    """The key that a new form carries."""
    return uuid4().hex


def only(request: HttpRequest, act: Callable[[], str]) -> str:
    """Run `act` unless this user has sent the same form before; gives what it gave the first time.

    The key goes with the content: a form that was changed and sent again is done again, and
    nothing of it is lost (made_before() knows that it is the same form). Key and rows are one
    transaction, so a failed act may be tried again.
    """
    given = request.POST.get("form_key", "")
    if not FORM_KEY.fullmatch(given):
        return act()
    user: Any = request.user
    key = f"form:{given}:{digest(request)}"
    try:
        with evidence.whole():
            record = IdempotencyRecord.objects.create(user=user, key=key, request_digest=key[-64:])
            record.body = act().encode()
            record.save(update_fields=["body"])
            return record.body.decode()
    except IntegrityError:
        first = IdempotencyRecord.objects.filter(user=user, key=key).first()
        if first is None:
            raise
        return bytes(first.body).decode()


def made_before(request: HttpRequest) -> str:
    """What an earlier sending of this form gave, also with other words in it; else nothing."""
    given = request.POST.get("form_key", "")
    if not FORM_KEY.fullmatch(given):
        return ""
    user: Any = request.user
    rows = IdempotencyRecord.objects.filter(user=user, key__startswith=f"form:{given}:")
    latest = rows.exclude(body=b"").order_by("-pk").first()
    return bytes(latest.body).decode() if latest else ""


def digest(request: HttpRequest) -> str:
    """What was sent, files and all, without the token that changes with each page."""
    fields = {name: values for name, values in request.POST.lists() if name not in TRIVIAL}
    sent = [file for _name, many in request.FILES.lists() for file in many]
    files = [(file.name, evidence.hash_of(file)) for file in sent]
    content = json.dumps([request.path, fields, files], sort_keys=True)
    return hashlib.sha256(content.encode("utf-8", "backslashreplace")).hexdigest()
