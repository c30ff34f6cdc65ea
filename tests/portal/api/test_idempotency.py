"""The same POST twice is one POST, with one answer."""

import json
import threading
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from incidents.models import Evidence, Incident, TimelineEntry
from portal.models import IdempotencyRecord
from portal.models.tokens import Scope
from tests.calling import REPORT, Caller, problem, told
from tests.factories import make_incident

pytestmark = pytest.mark.django_db


def test_the_same_report_again_gets_the_first_answer_and_makes_no_second(reporter, reference):
    caller = Caller(reporter)
    first = caller.post("incidents/", REPORT, idempotency_key="k1")

    again = caller.post("incidents/", REPORT, idempotency_key="k1")

    assert (again.status_code, again.content) == (201, first.content)
    assert (again["Location"], again["Content-Type"]) == (first["Location"], first["Content-Type"])
    assert again["Idempotency-Replayed"] == "true"
    assert Incident.objects.count() == 1


def test_the_same_key_with_another_body_is_422(reporter, reference):
    caller = Caller(reporter)
    told(caller.post("incidents/", REPORT, idempotency_key="k1"), 201)

    other = caller.post("incidents/", {**REPORT, "subject": "Something else"}, idempotency_key="k1")

    problem(other, 422)
    assert Incident.objects.count() == 1


def test_the_same_key_at_another_address_is_422(handler, reference):
    caller = Caller(handler)
    incident = make_incident()
    entry = {"text": "Called the reporter."}
    told(caller.post(f"incidents/{incident.reference}/timeline/", entry, idempotency_key="k1"), 201)

    problem(
        caller.post(
            f"incidents/{make_incident().reference}/timeline/", entry, idempotency_key="k1"
        ),
        422,
    )


def test_keys_belong_to_one_user(reporter, outsider, reference):
    told(Caller(reporter).post("incidents/", REPORT, idempotency_key="k1"), 201)

    told(Caller(outsider).post("incidents/", REPORT, idempotency_key="k1"), 201)

    assert Incident.objects.count() == 2


def test_another_token_of_the_same_user_gets_the_same_answer(reporter, reference):
    first = told(Caller(reporter).post("incidents/", REPORT, idempotency_key="k1"), 201)

    again = told(Caller(reporter).post("incidents/", REPORT, idempotency_key="k1"), 201)

    assert again == first


def test_a_token_of_fewer_scopes_gets_no_answer_that_it_could_not_have_asked_for(
    reporter, reference
):
    told(Caller(reporter).post("incidents/", REPORT, idempotency_key="k1"), 201)
    narrow = Caller(reporter, Scope.TASKS_WRITE)

    refused = problem(narrow.post("incidents/", REPORT, idempotency_key="k1"), 422)

    assert "INC-" not in str(refused)
    problem(narrow.post("incidents/", REPORT, idempotency_key="k2"), 403)


def test_a_refused_request_may_be_mended_and_sent_with_the_same_key(reporter, reference):
    caller = Caller(reporter)
    problem(caller.post("incidents/", {"subject": "x"}, idempotency_key="k1"), 400)

    told(caller.post("incidents/", REPORT, idempotency_key="k1"), 201)

    assert IdempotencyRecord.objects.count() == 1


def test_after_a_day_a_key_is_new_again(reporter, reference):
    caller = Caller(reporter)
    told(caller.post("incidents/", REPORT, idempotency_key="k1"), 201)

    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        told(caller.post("incidents/", REPORT, idempotency_key="k1"), 201)

    assert Incident.objects.count() == 2
    assert IdempotencyRecord.objects.count() == 1


def test_a_crash_leaves_neither_record_nor_rows(reporter, reference, monkeypatch):
    caller = Caller(reporter)

    def broken(*args, **kwargs):
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("workflows.api.reports.verdicts", broken)
        problem(caller.post("incidents/", REPORT, idempotency_key="k1"), 500)

    assert not Incident.objects.exists()
    assert not IdempotencyRecord.objects.exists()
    told(caller.post("incidents/", REPORT, idempotency_key="k1"), 201)


def test_without_a_key_two_posts_are_two(reporter, reference):
    caller = Caller(reporter)
    told(caller.post("incidents/", REPORT), 201)

    told(caller.post("incidents/", REPORT), 201)

    assert Incident.objects.count() == 2


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "schlüssel", "a b"])
def test_a_key_that_cannot_be_kept_is_refused(reporter, key):
    caller = Caller(reporter)

    body = problem(caller.post("incidents/", REPORT, idempotency_key=key), 400)

    assert set(body["errors"]) == {"Idempotency-Key"}
    assert not Incident.objects.exists()


def test_a_key_without_a_token_is_401(reporter):
    problem(Caller().post("incidents/", REPORT, idempotency_key="k1"), 401)


def test_an_upload_sent_again_is_stored_once(reporter, reference):
    caller = Caller(reporter)
    incident = make_incident(reporter=reporter)

    def send(content: bytes):
        caller.headers["Idempotency-Key"] = "k1"
        file = SimpleUploadedFile("note.txt", content)
        return caller.upload(f"incidents/{incident.reference}/evidence/", file=file)

    first, again = told(send(b"What I saw"), 201), told(send(b"What I saw"), 201)

    assert again == first
    assert Evidence.objects.count() == 1
    problem(send(b"Another"), 422)


@pytest.mark.parametrize("path", ["timeline/", "playbooks/", "transitions/"])
def test_every_post_takes_a_key(handler, manager, reference, path):
    incident = make_incident()
    bodies = {
        "timeline/": {"text": "A note."},
        "playbooks/": {"code": "PHISH", "reason": "By hand."},
        "transitions/": {"transition": "acknowledge"},
    }
    caller = Caller(handler)
    first = caller.post(f"incidents/{incident.reference}/{path}", bodies[path], idempotency_key="k")
    written = TimelineEntry.objects.count()

    again = caller.post(f"incidents/{incident.reference}/{path}", bodies[path], idempotency_key="k")

    assert first.status_code in {200, 201}
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert TimelineEntry.objects.count() == written


@pytest.mark.product
def test_ten_at_the_same_moment_make_one(live):
    secret = live.manage(
        "create_api_token", "reporter", "--scope", "incidents:write", "incidents:read"
    ).strip()
    headers = {
        "Authorization": f"Bearer {secret}",
        "Content-Type": "application/json",
        "Idempotency-Key": "ten-at-once",
    }
    answers: list[tuple[int, bytes]] = []

    def send() -> None:
        request = urllib.request.Request(
            f"{live.url}/api/v1/incidents/", json.dumps(REPORT).encode(), headers
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                answers.append((answer.status, answer.read()))
        except urllib.error.HTTPError as refused:
            answers.append((refused.code, refused.read()))

    threads = [threading.Thread(target=send) for _each in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {status for status, _body in answers} == {201}
    assert len({json.loads(body)["reference"] for _status, body in answers}) == 1
    assert len(answers) == 10
