"""Every refusal is problem+json (RFC 9457), whatever went wrong and wherever."""

import pytest
from django.core import exceptions as django
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from django_fsm import ConcurrentTransition
from rest_framework import exceptions as drf

from incidents import lifecycle, records, rights, tasks
from incidents.guards import Reason
from incidents.models import Incident
from incidents.steps import STEPS
from portal.api import errors
from tests.calling import ROOT, Caller, problem
from workflows import playbooks

REASON = Reason("resolution_missing", "Write a resolution.")
STATUSES = [
    (drf.ValidationError({"subject": ["No."]}), 400),
    (django.ValidationError({"subject": ["No."]}), 400),
    (django.ValidationError("No."), 400),
    (playbooks.NoSuchPlaybook("XX"), 400),
    (drf.ParseError("No."), 400),
    (MultiPartParserError("No."), 400),
    (django.SuspiciousOperation("No."), 400),
    (OverflowError("No."), 400),
    (DataError("No."), 400),
    (drf.NotAuthenticated(), 401),
    (drf.AuthenticationFailed(), 401),
    (rights.Denied("close"), 403),
    (django.PermissionDenied(), 403),
    (drf.PermissionDenied(), 403),
    (Http404(), 404),
    (drf.NotFound(), 404),
    (Incident.DoesNotExist(), 404),
    (drf.MethodNotAllowed("PUT"), 405),
    (lifecycle.TransitionRefused(STEPS["close"], [REASON]), 409),
    (tasks.TaskRefused([REASON]), 409),
    (records.Closed(), 409),
    (ConcurrentTransition("No."), 409),
    (IntegrityError("No."), 409),
    (records.Stale(7), 412),
    (django.RequestDataTooBig(), 413),
    (django.TooManyFilesSent(), 413),
    (drf.UnsupportedMediaType("text/xml"), 415),
    (drf.Throttled(wait=3), 429),
    (OperationalError("No."), 503),
    (ZeroDivisionError("secret internals"), 500),
]


@pytest.mark.parametrize(("exception", "status"), STATUSES, ids=lambda each: type(each).__name__)
def test_each_exception_has_its_status_and_the_one_shape(exception, status):
    answer = errors.problem(exception, {})

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert set(answer.data) >= {"type", "title", "status", "detail"}
    assert answer.data["detail"]


def test_fields_are_named_with_their_path():
    nested = {"milestones": {"contained_at": ["Too early."]}, "tags": [{}, {"name": ["No."]}]}

    found = errors.describe(drf.ValidationError(nested))

    assert found.errors == {"milestones.contained_at": ["Too early."], "tags.1.name": ["No."]}


def test_a_refused_step_lists_every_reason():
    refused = lifecycle.TransitionRefused(
        STEPS["close"], [REASON, Reason("outcome_missing", "Say.")]
    )

    body = errors.describe(refused).body()

    assert body["reasons"] == [
        {"code": "resolution_missing", "message": "Write a resolution."},
        {"code": "outcome_missing", "message": "Say."},
    ]


def test_a_stale_change_tells_the_version_there_is():
    assert errors.describe(records.Stale(7)).body()["current_version"] == 7


def test_a_brake_tells_how_long_to_wait():
    assert errors.describe(drf.Throttled(wait=3)).headers == {"Retry-After": "4"}


def test_our_own_fault_is_told_without_its_inside():
    body = errors.describe(ZeroDivisionError("secret internals")).body()

    assert "secret" not in str(body)
    assert body["status"] == 500


def test_a_message_that_quotes_a_million_characters_is_cut():
    found = errors.describe(drf.ValidationError({"about": ["x" * 1_000_000]}))

    assert len(str(found.body())) < 2000


def test_broken_characters_in_a_message_can_be_sent():
    found = errors.describe(drf.ValidationError({"\ud800": ["\udfff"]}))

    assert str(found.body()).encode()


@pytest.mark.parametrize("path", ["nonsense/", "incidents", "incidents/INC-1/nonsense/", "", "../"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_address_is_a_problem_and_no_redirect(client, path, method):
    answer = getattr(client, method)(ROOT + path)

    problem(answer, 404)


def test_an_unknown_version_of_the_api_is_a_problem(client):
    problem(client.get("/api/v2/incidents/"), 404)


@pytest.mark.django_db
def test_a_bug_in_a_view_is_no_page(handler, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("secret internals")

    monkeypatch.setattr("incidents.api.sight.readable", broken)

    assert "secret" not in str(problem(Caller(handler).get("incidents/"), 500))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "application/problem+json", "*"]
)
def test_the_accept_header_never_stands_in_the_way(handler, accept):
    answer = Caller(handler).get("incidents/", accept=accept)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.django_db
def test_answers_stay_in_no_cache(handler):
    assert Caller(handler).get("incidents/")["Cache-Control"] == "no-store"
