"""Files as evidence: taken by content, not by name; hashed, never changed, opened on record."""

import hashlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from incidents import evidence
from incidents.models import Evidence
from incidents.models.evidence import evidence_storage
from incidents.states import State
from tests.attempts import is_allowed
from tests.factories import make_incident

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 64 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    + b"\x00" * 32
    + b"\xff\xd9"
)
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00" + b"\x00" * 24
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 512
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 200
ZIP = b"PK\x03\x04\x14\x00\x00\x00" + b"\x00" * 40
ELF = b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 40
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
HTML = b"<html><script>alert(1)</script></html>"
MAIL = b"From: a@tocsin.test\r\nSubject: Hello\r\n\r\nClick here\r\n"


def upload(name: str, content: bytes = b"what I saw", kind: str = "image/png"):
    return SimpleUploadedFile(name, content, content_type=kind)


def stored_files() -> set[str]:
    storage = evidence_storage()
    folders = storage.listdir("")[0] if storage.exists("") else []
    return {f"{folder}/{name}" for folder in folders for name in storage.listdir(folder)[1]}


@pytest.fixture
def incident(reporter):
    return make_incident(State.TRIAGE, reporter=reporter)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("shot.png", PNG, "image/png"),
        ("SHOT.PNG", PNG, "image/png"),
        ("photo.jpg", JPEG, "image/jpeg"),
        ("photo.jpeg", JPEG, "image/jpeg"),
        ("photo.webp", WEBP, "image/webp"),
        ("letter.pdf", PDF, "application/pdf"),
        ("mail.msg", OLE, "application/vnd.ms-outlook"),
        ("mail.eml", MAIL, "message/rfc822"),
        ("note.txt", b"plain", "text/plain"),
        ("server.log", b"10:00 start\n", "text/plain"),
        ("list.csv", b"a;b\n1;2\n", "text/csv"),
        ("utf16.txt", "naïve".encode("utf-16"), "text/plain"),
        ("latin.txt", "naïve".encode("latin-1"), "text/plain"),
        # A page that calls itself a text is kept, as a text
        ("page.txt", HTML, "text/plain"),
        ("page.log", b"<svg onload='x()'/>", "text/plain"),
    ],
)
def test_a_file_is_taken_for_what_it_is_and_not_for_what_is_claimed(
    name, content, kind, incident, handler
):
    kept = evidence.store(incident, upload(name, content, "text/html"), by=handler)

    assert (kept.name, kept.content_type, kept.size) == (name, kind, len(content))
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    with evidence_storage().open(kept.content.name) as stored:
        assert stored.read() == content
    assert evidence.is_intact(kept)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cat.png", EXE),
        ("cat.png", JPEG),
        ("cat.jpg", PNG),
        ("cat.png", HTML),
        ("cat.webp", b"RIFF\x24\x00\x00\x00WAVEfmt "),
        ("letter.pdf", ZIP),
        ("letter.pdf", b"just text"),
        ("mail.msg", MAIL),
        ("note.txt", EXE),
        ("note.txt", ZIP),
        ("note.csv", ELF),
        ("note.log", PNG),
        ("mail.eml", PDF + b"\x00"),
        ("setup.exe", EXE),
        ("run.sh", b"#!/bin/sh\n"),
        ("page.html", HTML),
        ("logo.svg", b"<svg/>"),
        ("all.zip", ZIP),
        ("anim.gif", GIF),
        ("letter.docx", ZIP),
        ("photo.png.exe", PNG),
        ("photo.png ", EXE),
        ("README", b"text"),
        (".png", PNG),
        ("png", PNG),
        ("empty.txt", b""),
        ("evil\u202egnp.exe", PNG),
        ("evil.exe\x00.png", EXE),
    ],
)
def test_a_file_whose_name_and_content_do_not_agree_is_refused(name, content, incident, handler):
    with pytest.raises(ValidationError) as refused, transaction.atomic():
        evidence.store(incident, upload(name, content), by=handler)

    assert set(refused.value.message_dict) == {"file"}
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("note.txt", "note.txt"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\note.txt", "note.txt"),
        ("/note.txt", "note.txt"),
        ("..", "unnamed"),
        ("", "unnamed"),
        (" note .txt. ", "note .txt"),
        ("evil\u202etxt.png", "eviltxt.png"),
        ("a\r\nb\x00c\x1b.txt", "abc.txt"),
        ("\ud800.txt", "txt"),
        ("naïve 😀.txt", "naïve 😀.txt"),
        ("x" * 5000 + ".txt", "x" * 180 + ".txt"),
    ],
)
def test_a_name_is_only_a_name(name, shown):
    assert evidence.clean_name(name) == shown


def test_the_name_leads_nowhere_on_the_disk(incident, handler):
    kept = evidence.store(incident, upload("../../escape.txt"), by=handler)

    assert kept.name == "escape.txt"
    assert kept.content.name == f"{kept.key.hex[:2]}/{kept.key.hex}"


def test_the_chain_of_custody_opens_with_the_receipt_and_tells_of_every_opening(
    incident, handler, ciso
):
    kept = evidence.store(incident, upload("note.txt"), by=handler)

    with evidence.open_content(kept, by=ciso, purpose="to look\nfor the link " + "x" * 300) as file:
        assert file.read() == b"what I saw"

    events = list(kept.custody.values_list("act", "by_name"))
    assert events == [("received", "handler"), ("opened", "ciso")]
    assert kept.custody.last().purpose.startswith("to look for the link")
    assert len(kept.custody.last().purpose) == 200


def test_taking_in_a_file_is_on_the_timeline_with_its_hash(incident, handler, reporter):
    theirs = evidence.store(incident, upload("a.txt"), by=reporter, from_reporter=True)
    ours = evidence.store(incident, upload("b.txt"), by=handler)

    entries = incident.timeline.filter(kind="evidence")
    assert [entry.is_public for entry in entries] == [True, False]
    assert [entry.data["sha256"] for entry in entries] == [theirs.sha256, ours.sha256]


def test_evidence_is_added_by_right(incident, people):
    allowed = {
        name
        for name, person in people.items()
        if is_allowed(lambda by=person: evidence.store(incident, upload("a.txt"), by=by))
    }

    assert allowed == {"agent", "handler", "manager", "ciso"}


def test_the_privacy_officer_adds_evidence_to_their_own_incidents(incident, dpo):
    type(incident).objects.filter(pk=incident.pk).update(owner=dpo)
    incident.refresh_from_db()

    assert is_allowed(lambda: evidence.store(incident, upload("a.txt"), by=dpo))


def test_a_closed_incident_takes_late_evidence(handler):
    closed = make_incident(State.CLOSED)

    assert evidence.store(closed, upload("late.txt"), by=handler).pk


def test_a_changed_file_no_longer_has_its_hash(incident, handler):
    kept = evidence.store(incident, upload("note.txt"), by=handler)
    path = evidence_storage().path(kept.content.name)

    with open(path, "ab") as file:
        file.write(b"!")

    assert not evidence.is_intact(kept)


def test_what_cannot_be_entered_leaves_no_file_behind(incident, handler, monkeypatch):
    def fail(*args, **fields):
        raise RuntimeError("no")

    saved = []
    real = evidence_storage().save
    monkeypatch.setattr(
        type(evidence_storage()), "save", lambda _s, *a: saved.append(real(*a)) or saved[-1]
    )
    monkeypatch.setattr(evidence.records, "save", fail)

    with pytest.raises(RuntimeError), transaction.atomic():
        evidence.store(incident, upload("note.txt"), by=handler)

    assert len(saved) == 1
    assert not evidence_storage().exists(saved[0])


def test_every_problem_names_its_file(settings):
    settings.UPLOAD_MAX_FILES = 2

    problems = evidence.check_all([upload("a.exe"), upload("b.png", EXE), upload("c.txt")])

    assert len(problems) == 3
    assert "2 files" in problems[0]
    assert "a.exe" in problems[1]
    assert "b.png" in problems[2]


def test_a_reporter_sends_so_many_files_and_no_more_one_by_one_too(
    incident, reporter, handler, settings
):
    settings.UPLOAD_MAX_FILES = 2
    evidence.store(incident, upload("ours.txt"), by=handler)
    for name in ("a.txt", "b.txt"):
        evidence.store(incident, upload(name), by=reporter, from_reporter=True)

    with pytest.raises(ValidationError) as refused:
        evidence.store(incident, upload("c.txt"), by=reporter, from_reporter=True)
    evidence.store(incident, upload("more of ours.txt"), by=handler)

    assert refused.value.message_dict == {"file": ["Send at most 2 files."]}
    assert incident.evidence.filter(from_reporter=True).count() == 2


def test_files_are_stored_all_or_none(incident, reporter, settings):
    settings.UPLOAD_MAX_FILES = 2
    before = stored_files()
    evidence.store(incident, upload("a.txt"), by=reporter, from_reporter=True)

    uploads = evidence.read([upload("b.txt"), upload("c.txt")])
    with pytest.raises(ValidationError):
        evidence.store_all(incident, uploads, by=reporter, from_reporter=True)

    assert [each.name for each in incident.evidence.all()] == ["a.txt"]
    assert len(stored_files() - before) == 1


def test_what_is_rolled_back_around_it_leaves_no_file_behind(incident, handler):
    before = stored_files()

    @evidence.whole()
    def fail_late():
        evidence.store(incident, upload("a.txt"), by=handler)
        with evidence.whole():
            evidence.store(incident, upload("b.txt"), by=handler)
        raise RuntimeError("late")

    with pytest.raises(RuntimeError):
        fail_late()

    assert not Evidence.objects.exists()
    assert stored_files() == before


def test_what_is_rolled_back_without_an_error_leaves_no_file_behind(incident, handler):
    before = stored_files()

    with evidence.whole():
        evidence.store(incident, upload("a.txt"), by=handler)
        transaction.set_rollback(True)

    assert not Evidence.objects.exists()
    assert stored_files() == before


def test_an_inner_failure_takes_only_its_own_files(incident, handler):
    @evidence.whole()
    def fail():
        evidence.store(incident, upload("b.txt"), by=handler)
        raise RuntimeError("inner")

    with evidence.whole():
        kept = evidence.store(incident, upload("a.txt"), by=handler)
        before = stored_files()
        with pytest.raises(RuntimeError):
            fail()

    assert [each.name for each in incident.evidence.all()] == ["a.txt"]
    assert stored_files() == before
    assert evidence.is_intact(kept)


def test_a_file_is_read_before_the_incident_is_locked(incident, handler, monkeypatch):
    acts = []
    lock, hash_of = evidence.records.lock, evidence.hash_of
    monkeypatch.setattr(evidence.records, "lock", lambda *a: acts.append("lock") or lock(*a))
    monkeypatch.setattr(evidence, "hash_of", lambda *a: acts.append("hash") or hash_of(*a))

    evidence.store(incident, upload("a.txt"), by=handler)

    assert acts == ["hash", "lock"]
