"""Idempotency-Key: a POST that is sent again gets its first answer again, and does nothing.

The record of the answer and the effects of the request are one transaction, so that a crash
leaves both or neither. A second request with the same key waits for the first. A refused request
leaves no record: mend it and send it with the same key.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from http import HTTPStatus

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed

from incidents import evidence
from portal.api import errors
from portal.api.authentication import token_of
from portal.models import ApiToken, IdempotencyRecord

PATHS = "/api/"
USABLE_KEY = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ("Content-Type", "Location", "ETag")
CHUNK = 1024 * 1024

Answer = Callable[[HttpRequest], HttpResponse]


class Idempotency:
    """Middleware; the innermost, so that the others dress a repeated answer too."""

    def __init__(self, get_response: Answer):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method != "POST" or not request.path_info.startswith(PATHS):
            return self.get_response(request)
        if not USABLE_KEY.fullmatch(key):
            message = _("Use 1 to 255 printable ASCII characters.")
            return errors.refusal(
                errors.Problem(
                    HTTPStatus.BAD_REQUEST, message, errors={"Idempotency-Key": [message]}
                )
            )
        token = _usable_token(request)
        if token is None:
            return self.get_response(request)  # ends as 401
        # Reads the body: a slow sender must not hold a transaction.
        digest = digest_of(request, token.scopes)
        with evidence.whole():
            return self._answer_once(request, token.user, key, digest)

    def _answer_once(self, request: HttpRequest, user, key: str, digest: str) -> HttpResponse:
        record, is_first = _claim(user, key, digest)
        if not is_first:
            return _again(record, digest)
        response = self.get_response(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            transaction.set_rollback(True)
        else:
            _keep(record, response)
        return response


def digest_of(request: HttpRequest, scopes: Iterable[str]) -> str:
    """A hash of what is asked: method, address, body, and the scopes it is asked with.

    So a token gets the answer that another token of its user got only if it holds the same scopes.
    Of an upload the parts are hashed, since a client that repeats it draws another boundary.
    """
    asked = f"{request.method} {request.get_full_path()}\n{sorted(scopes)}\n"
    digest = hashlib.sha256(asked.encode())
    if request.content_type != "multipart/form-data":
        digest.update(request.body)
        return digest.hexdigest()
    for name, values in sorted(request.POST.lists()):
        digest.update(repr((name, values)).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(repr((name, file.name, file.size)).encode())
            file.seek(0)
            for chunk in file.chunks(CHUNK):
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


def _usable_token(request: HttpRequest) -> ApiToken | None:
    try:
        return token_of(request)
    except AuthenticationFailed:
        return None


def _claim(user, key: str, digest: str) -> tuple[IdempotencyRecord, bool]:
    """The record of this key, and whether this request is the one to fill it."""
    IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    return IdempotencyRecord.objects.get_or_create(
        user=user, key=key, defaults={"request_digest": digest}
    )


def _keep(record: IdempotencyRecord, response: HttpResponse) -> None:
    record.status = response.status_code
    record.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    record.body = response.content
    record.save(update_fields=["status", "headers", "body"])


def _again(record: IdempotencyRecord, digest: str) -> HttpResponse:
    if record.request_digest != digest:
        message = _("This key was used for another request. Take a new one.")
        return errors.refusal(
            errors.Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY, message, errors={"Idempotency-Key": [message]}
            )
        )
    headers = {**record.headers, "Idempotency-Replayed": "true"}
    return HttpResponse(bytes(record.body), status=record.status, headers=headers)
