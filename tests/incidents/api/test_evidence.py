"""Files: up as they are, down as attachments that nothing runs, and only for whom may."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents.models import CustodyEvent, Evidence
from tests.calling import Caller, problem, refused_fields, told
from tests.factories import make_incident

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
HTML = b"<script>alert(1)</script>"


@pytest.fixture
def incident(reporter):
    return make_incident("triage", reporter=reporter)


def send(user, incident, content: bytes = b"What I saw", name: str = "note.txt", **more):
    file = SimpleUploadedFile(name, content, content_type="text/html")
    return Caller(user).upload(f"incidents/{incident.reference}/evidence/", file=file, **more)


def body_of(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_file_goes_up_and_comes_down_as_it_was(handler, incident):
    answer = send(handler, incident)
    stored = told(answer, 201)

    down = Caller(handler).get(stored["content"])

    assert stored["sha256"] == hashlib.sha256(b"What I saw").hexdigest()
    assert (stored["name"], stored["size"], stored["added_by"]) == ("note.txt", 10, "handler")
    assert answer["Location"] == stored["content"]
    assert body_of(down) == b"What I saw"


def test_what_comes_down_runs_nowhere(handler, incident):
    stored = told(send(handler, incident, HTML, "page.txt"), 201)

    down = Caller(handler).get(stored["content"])

    assert down["Content-Type"] == "application/octet-stream"
    assert down["Content-Disposition"] == 'attachment; filename="page.txt"'
    assert down["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert down["X-Content-Type-Options"] == "nosniff"
    assert down["Cache-Control"] == "no-store"
    assert body_of(down) == HTML


def test_a_reporter_sends_no_more_files_than_a_report_takes(reporter, handler, incident, settings):
    settings.UPLOAD_MAX_FILES = 2
    for _time in range(2):
        told(send(reporter, incident), 201)

    answer = send(reporter, incident)

    assert refused_fields(answer) == {"file"}
    assert Evidence.objects.count() == 2
    assert send(handler, incident).status_code == 201


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ('quo"te.txt', 'quo"te.txt'),
        ("naïve – déjà.txt", "naïve – déjà.txt"),
        ("x" * 400 + ".txt", "x" * 180 + ".txt"),
        ("evil\u202etxt.png.txt", "eviltxt.png.txt"),
    ],
)
def test_a_name_is_shown_safely(handler, incident, name, kept):
    stored = told(send(handler, incident, name=name), 201)

    down = Caller(handler).get(stored["content"])

    assert stored["name"] == kept
    assert down["Content-Disposition"].startswith("attachment; filename")
    assert down["Content-Disposition"].isascii()
    assert "\n" not in down["Content-Disposition"]


def test_every_download_is_noted(handler, incident):
    stored = told(send(handler, incident), 201)
    Caller(handler).get(stored["content"])

    acts = CustodyEvent.objects.values_list("act", "by__username")

    assert list(acts) == [("received", "handler"), ("opened", "handler")]


def test_a_reporter_adds_to_their_own_ticket_and_sees_only_that(reporter, handler, incident):
    told(send(handler, incident, name="internal.txt"), 201)
    mine = told(send(reporter, incident, PNG, "shot.png"), 201)

    listed = told(Caller(reporter).get(f"incidents/{incident.reference}/evidence/"))["results"]

    assert [each["name"] for each in listed] == ["shot.png"]
    assert mine["from_reporter"] is True
    assert body_of(Caller(reporter).get(mine["content"])) == PNG


def test_evidence_of_others_does_not_exist_for_a_reporter(reporter, outsider, handler, incident):
    internal = told(send(handler, incident), 201)
    theirs = told(send(reporter, incident), 201)
    nothing = problem(Caller(outsider).get("evidence/999999/content/"), 404)

    assert problem(Caller(reporter).get(internal["content"]), 404) == nothing
    assert problem(Caller(outsider).get(internal["content"]), 404) == nothing
    assert problem(Caller(outsider).get(theirs["content"]), 404) == nothing
    problem(send(outsider, incident), 404)
    problem(Caller(outsider).get(f"incidents/{incident.reference}/evidence/"), 404)


def test_an_agent_adds_but_does_not_open_and_an_auditor_reads_the_list(agent, auditor, incident):
    stored = told(send(agent, incident), 201)

    problem(Caller(agent).get(stored["content"]), 403)
    problem(Caller(auditor).get(stored["content"]), 403)
    problem(send(auditor, incident), 403)
    assert told(Caller(auditor).get(f"incidents/{incident.reference}/evidence/"))["results"]


def test_a_closed_incident_takes_late_evidence(handler, reporter):
    incident = make_incident("closed", reporter=reporter)

    told(send(handler, incident), 201)


BAD = {
    "a lying name": (b"MZ\x90\x00 not a picture", "holiday.png"),
    "another lying name": (HTML, "scan.pdf"),
    "an ending that is not taken": (b"MZ", "setup.exe"),
    "no ending": (b"What I saw", "note"),
    "an archive": (b"PK\x03\x04", "all.zip"),
    "nothing in it": (b"", "note.txt"),
    "a text with null bytes": (b"a\x00b", "note.txt"),
    "a page": (HTML, "page.html"),
}


@pytest.mark.parametrize(("content", "name"), BAD.values(), ids=BAD.keys())
def test_a_file_that_is_not_what_it_says_is_refused(handler, reporter, incident, content, name):
    for user in (handler, reporter):
        assert refused_fields(send(user, incident, content, name)) == {"file"}

    assert not Evidence.objects.exists()


def test_a_file_over_the_limit_is_refused(handler, incident, settings):
    settings.UPLOAD_MAX_BYTES = 100

    assert refused_fields(send(handler, incident, b"x" * 101)) == {"file"}


def test_a_body_over_the_limit_is_413_before_it_is_read(handler, incident, settings):
    settings.BODY_MAX_BYTES = 100

    problem(send(handler, incident, b"x" * 500), 413)

    assert not Evidence.objects.exists()


def test_no_file_or_text_for_a_file_is_named(handler, incident):
    path = f"incidents/{incident.reference}/evidence/"

    assert refused_fields(Caller(handler).upload(path)) == {"file"}
    assert refused_fields(Caller(handler).upload(path, file="text")) == {"file"}


def test_json_is_415(handler, incident):
    problem(Caller(handler).post(f"incidents/{incident.reference}/evidence/", {"file": "x"}), 415)


def test_a_broken_multipart_body_is_400(handler, incident):
    kind = "multipart/form-data; boundary=x"
    answer = Caller(handler).send(
        "post", f"incidents/{incident.reference}/evidence/", b"--x\r\nnonsense", content_type=kind
    )

    problem(answer, 400)


def test_what_was_rolled_back_leaves_no_bytes(handler, incident, monkeypatch, settings):
    def broken(*args, **kwargs):
        raise ZeroDivisionError

    kept = set((settings.DATA_DIR / "evidence").rglob("*"))
    monkeypatch.setattr("incidents.evidence.records.save", broken)

    problem(send(handler, incident), 500)

    assert not Evidence.objects.exists()
    assert {each for each in (settings.DATA_DIR / "evidence").rglob("*") if each.is_file()} <= kept
