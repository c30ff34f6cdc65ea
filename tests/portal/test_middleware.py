"""What happens to every request, and what a refused one is told."""

import json
import logging

import pytest
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from structlog.stdlib import ProcessorFormatter

from incidents import rights
from portal import errors, logs, middleware

MEGABYTE = 1024 * 1024


def passes(request) -> HttpResponse:
    return HttpResponse("passed")


def announce(path: str, size: int, content_type: str) -> HttpResponse:
    """A request that says how large its body is."""
    request = RequestFactory().post(path, data=b"x", content_type=content_type)
    request.META["CONTENT_LENGTH"] = str(size)
    return middleware.BodyLimit(passes)(request)


@pytest.mark.parametrize(
    ("content_type", "size", "status"),
    [
        ("multipart/form-data; boundary=x", 260 * MEGABYTE, 200),
        ("multipart/form-data; boundary=x", 260 * MEGABYTE + 1, 413),
        ("application/json", 10 * MEGABYTE, 200),
        ("application/json", 10 * MEGABYTE + 1, 413),
    ],
)
def test_a_body_may_be_as_large_as_its_kind_allows(content_type, size, status):
    assert announce("/report/", size, content_type).status_code == status


def test_a_program_is_refused_in_its_own_language():
    answer = announce("/api/v1/incidents/", 11 * MEGABYTE, "application/json")

    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["status"] == 413


@pytest.mark.parametrize(
    ("exception", "status"),
    [
        (RequestDataTooBig(), 413),
        (TooManyFilesSent(), 413),
        (TooManyFieldsSent(), 400),
        (None, 400),
    ],
)
def test_too_much_of_anything_is_a_clear_answer(exception, status):
    answer = errors.bad_request(RequestFactory().post("/report/"), exception)

    assert answer.status_code == status
    assert b"<h1>" in answer.content


@pytest.mark.parametrize(
    ("handler", "status"),
    [(errors.permission_denied, 403), (errors.page_not_found, 404), (errors.csrf_failure, 403)],
)
def test_each_refusal_has_its_page(handler, status):
    assert handler(RequestFactory().get("/nowhere/")).status_code == status


def test_a_fault_tells_the_reference_of_its_log_lines():
    request = RequestFactory().get("/report/")
    request.request_id = "0123456789abcdef"

    answer = errors.server_error(request)

    assert answer.status_code == 500
    assert b"0123456789abcdef" in answer.content


def test_an_id_from_the_proxy_is_kept_and_returned():
    request = RequestFactory().get("/", headers={"X-Request-Id": "from-the-proxy-1"})

    assert middleware.RequestLog(passes)(request)["X-Request-Id"] == "from-the-proxy-1"


@pytest.mark.parametrize("forged", ["short", "a" * 65, "line\nbreak-0123", "tëst-0123456"])
def test_an_unusable_id_is_replaced(forged):
    request = RequestFactory().get("/", headers={"X-Request-Id": forged})

    given = middleware.RequestLog(passes)(request)["X-Request-Id"]

    assert given != forged
    assert len(given) == 32


@pytest.mark.parametrize(
    "path", ["/in/s3cret/", "/a/s3cret:sig/", "/accounts/password/reset/key/s3cret/"]
)
def test_no_secret_reaches_the_log(path, caplog):
    caplog.set_level(logging.DEBUG)
    request = RequestFactory().get(path, {"q": "s3cret"})

    middleware.RequestLog(passes)(request)

    assert caplog.records
    assert "s3cret" not in caplog.text


def test_what_django_says_about_a_path_is_masked_too():
    event = logs.mask_event(None, "warning", {"event": "Not Found: /in/s3cret/v1/"})

    assert event["event"] == "Not Found: /in/***/v1/"


@pytest.mark.parametrize(
    ("fault", "is_traced"),
    [
        (PermissionDenied(), False),
        (rights.Denied("edit"), False),
        (DisallowedHost("evil.test"), False),
        (ValueError("a bug"), True),
    ],
)
def test_a_refusal_is_one_line_and_a_bug_has_its_traceback(fault, is_traced):
    dictionary = logs.configuration("json", "INFO")["formatters"]["line"]
    line = ProcessorFormatter(
        foreign_pre_chain=dictionary["foreign_pre_chain"], processors=dictionary["processors"]
    )
    told = (type(fault), fault, fault.__traceback__)
    record = logging.LogRecord("django.request", logging.WARNING, "", 1, "Refused: /x", (), told)

    written = json.loads(line.format(record))

    assert written["event"] == "Refused: /x"
    assert ("exception" in written) is is_traced


@pytest.mark.parametrize(
    ("zone", "name"), [("America/New_York", "America/New_York"), ("", "Europe/Amsterdam")]
)
def test_times_are_shown_by_the_reader_s_clock(zone, name):
    seen = []
    request = RequestFactory().get("/")
    request.user = type("Reader", (), {"time_zone": zone})()

    middleware.ReaderTimeZone(lambda _: seen.append(timezone.get_current_timezone_name()))(request)

    assert seen == [name]
