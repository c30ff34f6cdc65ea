"""Every refusal of the API as problem+json (RFC 9457), in the words of the domain."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import singledispatch
from http import HTTPStatus
from itertools import islice
from typing import Any

import structlog
from django.core import exceptions as django
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django_fsm import ConcurrentTransition
from rest_framework import exceptions as drf
from rest_framework.response import Response

from incidents import records, rights
from incidents.guards import Reason, Refused

MEDIA_TYPE = "application/problem+json"
MESSAGE_MOST = 500
FIELDS_MOST = 100
WHOLE = "non_field_errors"

log = structlog.get_logger("portal.api")


@dataclass
class Problem:
    """What went wrong, for a person and for a program."""

    status: int
    detail: str
    errors: dict[str, list[str]] = field(default_factory=dict)
    reasons: list[dict[str, str]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        body = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": int(self.status),
            "detail": self.detail,
        }
        parts = {"errors": self.errors, "reasons": self.reasons, **self.more}
        return _printable(body | {name: part for name, part in parts.items() if part})


def problem(exc: Exception, _context: dict[str, Any]) -> Response:
    """DRF's exception handler: every exception of a view ends here, none becomes a page."""
    found = describe(exc)
    return Response(
        found.body(), status=found.status, headers=found.headers, content_type=MEDIA_TYPE
    )


def refusal(found: Problem) -> JsonResponse:
    """The same answer, given outside of a view."""
    return JsonResponse(
        found.body(), status=found.status, headers=found.headers, content_type=MEDIA_TYPE
    )


def unknown_address(_request: HttpRequest) -> JsonResponse:
    """Under /api/ nothing is redirected: a POST that is sent elsewhere would arrive as a GET."""
    return refusal(describe(Http404()))


@singledispatch
def describe(exc: Exception) -> Problem:
    """What to answer. An exception that is not registered below is our fault: logged, not shown."""
    log.error("unexpected", exc_info=exc)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, _("The fault is ours, and it is logged."))


@describe.register
def refused_by_framework(exc: drf.APIException) -> Problem:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return Problem(exc.status_code, str(exc.detail), headers=headers)


@describe.register
def invalid_shape(exc: drf.ValidationError) -> Problem:
    return _invalid(dict(_flat(exc.detail)))


@describe.register
def invalid_value(exc: django.ValidationError) -> Problem:
    if hasattr(exc, "error_dict"):
        return _invalid(exc.message_dict)
    return _invalid({WHOLE: exc.messages})


@describe.register(OverflowError)
@describe.register(DataError)
def unstorable_value(_exc: Exception) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, _("A value is out of range."))


@describe.register
def malformed_upload(_exc: MultiPartParserError) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, _("The body is no multipart/form-data."))


@describe.register
def forged(_exc: django.SuspiciousOperation) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, _("The request was malformed."))


@describe.register(django.RequestDataTooBig)
@describe.register(django.TooManyFilesSent)
@describe.register(django.TooManyFieldsSent)
def too_large(_exc: Exception) -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("This is more than one request may bring.")
    )


@describe.register(rights.Denied)
@describe.register(django.PermissionDenied)
def denied(exc: Exception) -> Problem:
    detail = str(exc) or _("Your account does not have the right to do this.")
    return Problem(HTTPStatus.FORBIDDEN, detail)


@describe.register(Http404)
@describe.register(drf.NotFound)
@describe.register(django.ObjectDoesNotExist)
def not_found(_exc: Exception) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, _("It does not exist, or it is not yours to see."))


@describe.register
def refused(exc: Refused) -> Problem:
    return _conflict(exc.reasons)


@describe.register
def closed(exc: records.Closed) -> Problem:
    return _conflict([Reason(exc.code, str(exc))])


@describe.register
def changed_meanwhile(_exc: ConcurrentTransition) -> Problem:
    return _conflict([Reason("changed_meanwhile", _("Somebody else took a step meanwhile."))])


@describe.register
def refused_by_database(exc: IntegrityError) -> Problem:
    """The last line of defence held; a guard before it should have spoken first."""
    log.warning("refused by the database", exc_info=exc)
    return _conflict([Reason("conflict", _("This would leave the record in a wrong state."))])


@describe.register
def stale(exc: records.Stale) -> Problem:
    return Problem(HTTPStatus.PRECONDITION_FAILED, str(exc), more={"current_version": exc.current})


@describe.register
def busy(exc: OperationalError) -> Problem:
    log.error("database unavailable", exc_info=exc)
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        _("The database does not answer. Nothing was stored; try again."),
        headers={"Retry-After": "5"},
    )


def _conflict(reasons: Iterable[Reason]) -> Problem:
    listed = [{"code": each.code, "message": str(each.message)} for each in reasons]
    detail = " ".join(each["message"] for each in listed)
    return Problem(HTTPStatus.CONFLICT, detail, reasons=listed)


def _invalid(errors: dict[str, list[str]]) -> Problem:
    whole = errors.pop(WHOLE, [])
    errors = dict(islice(errors.items(), FIELDS_MOST))
    told = [*whole, *(f"{name}: {' '.join(messages)}" for name, messages in errors.items())]
    return Problem(HTTPStatus.BAD_REQUEST, " ".join(told), errors)


def _flat(detail: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """DRF's nested errors as paths such as milestones.contained_at."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    elif all(isinstance(each, str) for each in detail):
        yield path or WHOLE, [str(each) for each in detail]
    else:
        for position, inner in enumerate(detail):
            if inner:
                yield from _flat(inner, f"{path}.{position}" if path else str(position))


def _printable(value: Any) -> Any:
    """`value` without what UTF-8 cannot hold, every text cut: messages quote what was sent."""
    if isinstance(value, dict):
        return {_printable(name): _printable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_printable(inner) for inner in value]
    if not isinstance(value, str):
        return value
    return value[:MESSAGE_MOST].encode("utf-8", "backslashreplace").decode()
