"""Files as evidence: taken in whole, hashed while they come, never changed, opened on record."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import PurePath
from typing import NamedTuple

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import plain_text, records, rights, timeline
from incidents.models import CustodyEvent, Evidence, Incident
from incidents.models.evidence import evidence_storage
from incidents.models.timeline import Kind
from incidents.rights import Right

# DOMAIN.md 4, field 19: name ending -> what the content may be. Text has no signature.
ALLOWED = {
    "png": {"image/png"},
    "jpg": {"image/jpeg"},
    "jpeg": {"image/jpeg"},
    "webp": {"image/webp"},
    "pdf": {"application/pdf"},
    "msg": {"application/vnd.ms-outlook", "application/x-ole-storage"},
    "txt": {"text/plain"},
    "log": {"text/plain"},
    "eml": {"message/rfc822"},
    "csv": {"text/csv"},
}
TEXTS = {"txt", "log", "eml", "csv"}
OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
SNIFFED = 4096
NAME_MOST = 200


class Upload(NamedTuple):
    """A file that was checked and hashed, and can be stored."""

    file: UploadedFile
    name: str
    content_type: str
    sha256: str


# The contents written inside the innermost whole().
_written: ContextVar[list[str]] = ContextVar("written")


@contextmanager
def whole() -> Iterator[None]:
    """A transaction in which files go with their rows: rolled back, it leaves no content behind.

    Put it in place of the outermost transaction of whatever stores files.
    """
    names: list[str] = []
    outer = _written.get(None)
    token = _written.set(names)
    is_kept = False
    try:
        with transaction.atomic():
            yield
            is_undone = transaction.get_rollback()
        is_kept = not is_undone
    finally:
        _written.reset(token)
        if not is_kept:
            _discard(names)
        elif outer is not None:
            outer.extend(names)


def read(files: Iterable[UploadedFile]) -> list[Upload]:
    """Check and hash uploads. Do it before a lock is taken: a large file takes its time.

    Raises ValidationError naming the files.
    """
    files = list(files)
    if problems := check_all(files):
        raise ValidationError({"file": problems})
    return [
        Upload(file, clean_name(file.name or ""), type_of(file), hash_of(file)) for file in files
    ]


def check_all(files: list[UploadedFile]) -> list[str]:
    """What is wrong with these uploads, one sentence each.

    Names are quoted in the sentences, so that the sender knows which file is meant.
    """
    problems = _too_many(len(files))
    for file in files:
        try:
            type_of(file)
        except ValidationError as problem:
            problems.extend(problem.messages)
    return problems


def _too_many(count: int) -> list[str]:
    most = settings.UPLOAD_MAX_FILES
    return [_("Send at most %d files.") % most] if count > most else []


def type_of(file: UploadedFile) -> str:
    """The media type by content. Raises ValidationError when name and content do not agree."""
    name = clean_name(file.name or "")
    size = file.size or 0
    if size > settings.UPLOAD_MAX_BYTES:
        raise ValidationError(
            _("“%(name)s” must be smaller than %(most)d MB.")
            % {"name": name, "most": settings.UPLOAD_MAX_BYTES // 1024**2}
        )
    if size == 0:
        raise ValidationError(_("“%s” is empty.") % name)
    ending = PurePath(name).suffix.lower().removeprefix(".")
    if ending not in ALLOWED:
        raise ValidationError(
            _(
                "“%(name)s” must be one of: %(types)s. Take a screenshot of it, or save it as PDF "
                "or JPEG."
            )
            % {"name": name, "types": ", ".join(ALLOWED)}
        )
    file.seek(0)
    head = file.read(SNIFFED)
    file.seek(0)
    if not _agrees(ending, head):
        raise ValidationError(
            _("“%(name)s” is no %(ending)s file.") % {"name": name, "ending": ending}
        )
    return sorted(ALLOWED[ending])[0]


def clean_name(name: str) -> str:
    """A file name that can be shown and stored: no path, no control characters, not too long."""
    base = re.split(r"[/\\]", name)[-1]
    shown = "".join(char for char in base if unicodedata.category(char)[0] != "C").strip(" .")
    path = PurePath(shown or "unnamed")
    return path.stem[: NAME_MOST - 20] + path.suffix[:20]


def _agrees(ending: str, head: bytes) -> bool:
    if ending == "msg":
        return head.startswith(OLE_MAGIC)
    if ending == "webp" and head[8:12] != b"WEBP":
        return False  # puremagic takes any RIFF container, sound too
    if ending in TEXTS:
        return b"\x00" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        found = {match.mime_type for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return False
    return bool(found & ALLOWED[ending])


def store(incident: Incident, file: UploadedFile, *, by, from_reporter: bool = False) -> Evidence:
    """Take in one file, as store_all() does."""
    if not from_reporter:
        rights.require(by, Right.ADD_EVIDENCE, incident)
    return store_all(incident, read([file]), by=by, from_reporter=from_reporter)[0]


@whole()
def store_all(
    incident: Incident, uploads: Sequence[Upload], *, by, from_reporter: bool = False
) -> list[Evidence]:
    """Keep files as they came and open their chains of custody, all of them or none.

    A closed incident takes late evidence too. The reporter sends so many and no more, whichever
    door they come through. Raises ValidationError naming the file, and rights.Denied.
    """
    if not uploads:
        return []
    if not from_reporter:
        rights.require(by, Right.ADD_EVIDENCE, incident)
    current = records.lock(incident)
    present = current.evidence.filter(from_reporter=True).count() if from_reporter else 0
    if problems := _too_many(present + len(uploads)):
        raise ValidationError({"file": problems})
    return [_store(current, upload, by, from_reporter) for upload in uploads]


def _store(incident: Incident, upload: Upload, by, from_reporter: bool) -> Evidence:
    evidence = Evidence(
        incident=incident,
        name=upload.name,
        content_type=upload.content_type,
        size=upload.file.size or 0,
        sha256=upload.sha256,
        from_reporter=from_reporter,
        added_by=by,
    )
    path = f"{evidence.key.hex[:2]}/{evidence.key.hex}"
    evidence.content.name = evidence_storage().save(path, upload.file)
    _written.get().append(evidence.content.name)
    _enter(evidence, incident, by)
    return evidence


def _enter(evidence: Evidence, incident: Incident, by) -> None:
    evidence.save()
    _custody(evidence, CustodyEvent.Act.RECEIVED, by)
    timeline.append(
        incident,
        Kind.EVIDENCE,
        by=by,
        data={"id": evidence.pk, "name": evidence.name, "sha256": evidence.sha256},
        public=evidence.from_reporter,
    )
    records.save(incident, "updated_at")


def copy_all(source: Incident, target: Incident, *, by, purpose: str) -> list[Evidence]:
    """Enter the files of a duplicate on `target` too: other rows, the same stored bytes.

    They are the team's there, not the reporter's: nobody is shown what another one sent in.
    """
    copies = []
    for file in source.evidence.exclude(copies__incident=target).order_by("pk"):
        copied = Evidence(
            incident=target,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            tlp=file.tlp,
            copied_from=file,
            added_by=by,
        )
        copied.content.name = file.content.name
        copied.save()
        _custody(copied, CustodyEvent.Act.COPIED, by, purpose)
        copies.append(copied)
    return copies


@transaction.atomic
def open_content(evidence: Evidence, *, by, purpose: str = ""):
    """The stored bytes as a file, with a custody event for having opened them."""
    _custody(evidence, CustodyEvent.Act.OPENED, by, purpose)
    return evidence_storage().open(str(evidence.content.name), "rb")


def is_intact(evidence: Evidence) -> bool:
    """True if the stored bytes still have the hash they came with; reads the whole file."""
    with evidence_storage().open(str(evidence.content.name), "rb") as content:
        return hash_of(content) == evidence.sha256


def _discard(names: list[str]) -> None:
    for name in names:
        evidence_storage().delete(name)


def hash_of(file) -> str:
    """The SHA-256 of an open file, which is then at its beginning again."""
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(1024 * 1024):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _custody(evidence: Evidence, act: str, by, purpose: str = "") -> None:
    CustodyEvent.objects.create(
        evidence=evidence,
        act=act,
        by=by,
        by_name=timeline.name_of(by),
        purpose=plain_text.one_line(purpose)[:200],
    )
