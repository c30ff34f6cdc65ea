"""What happens to every request: it is logged, measured against a limit, and read in local time."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from portal import errors, languages, second_factor, session_life
from portal.logs import mask_secrets

USABLE_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)
ROUTINE_PATHS = ("/healthz", "/readyz", "/metrics", "/static/")

Answer = Callable[[HttpRequest], HttpResponse]

log = structlog.get_logger("portal.requests")


class RequestLog:
    """Gives each request an id that all its log lines carry, and writes one line about it.

    The line has no query string, and no part of the path that is a secret.
    """

    def __init__(self, get_response: Answer):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request_id = identify(request)
        request.request_id = request_id  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            write = log.debug if request.path.startswith(ROUTINE_PATHS) else log.info
            write(
                "request",
                method=request.method,
                path=mask_secrets(request.path),
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )
        response["X-Request-Id"] = request_id
        return response


def identify(request: HttpRequest) -> str:
    """The id that a proxy gave the request, when it is usable; else a fresh one."""
    given = request.headers.get("X-Request-Id", "")
    return given if USABLE_ID.fullmatch(given) else uuid.uuid4().hex


class BodyLimit:
    """Refuses a body that is too large by its own account, before any of it is read.

    Only an upload may be larger than what is held in memory.
    """

    def __init__(self, get_response: Answer):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_upload = request.content_type == "multipart/form-data"
        limit = settings.BODY_MAX_BYTES if is_upload else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        length = request.headers.get("Content-Length", "")
        if length.isascii() and length.isdigit() and int(length) > limit:
            return errors.too_large(request)
        return self.get_response(request)


class SessionLife:
    """Ends sessions that were left alone; whoever comes back signs in and finds their answers.

    The browser forgets too: pages about the account at once, all others at signing out. Those stay
    in its memory until then, so that going back finds what one had typed.
    """

    def __init__(self, get_response: Answer):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        session_life.keep(request)
        response = self.get_response(request)
        if request.path.startswith("/accounts/"):
            add_never_cache_headers(response)
        if was_signed_in and SESSION_KEY not in request.session:
            response["Clear-Site-Data"] = '"cache"'
        return response


class SecondFactor:
    """Who lacks the one that their role asks for is a person without a role, at every door."""

    def __init__(self, get_response: Answer):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        second_factor.lay_down_roles(request)
        return self.get_response(request)


class ReaderLanguage:
    """Speaks the reader's language. Stands behind the sign-in, for it is kept with the person."""

    def __init__(self, get_response: Answer):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = languages.of_page(request)
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


class ReaderTimeZone:
    """Shows times as the clock of the signed-in reader does."""

    def __init__(self, get_response: Answer):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(getattr(request.user, "time_zone", "") or None):
            return self.get_response(request)
