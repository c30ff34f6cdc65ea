"""Files as evidence: taken in whole, hashed while they come, never changed, opened on record."""

import hashlib
import re
import unicodedata
from pathlib import PurePath

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


def check_all(files: list[UploadedFile], *, present: int = 0) -> list[str]:
    """What is wrong with these uploads, one sentence each; `present` files are there already.

    Names are quoted in the sentences, so that the sender knows which file is meant.
    """
    problems = []
    if len(files) + present > settings.UPLOAD_MAX_FILES:
        problems.append(_("Send at most %d files.") % settings.UPLOAD_MAX_FILES)
    for file in files:
        try:
            type_of(file)
        except ValidationError as problem:
            problems.extend(problem.messages)
    return problems


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


@transaction.atomic
def store(incident: Incident, file: UploadedFile, *, by, from_reporter: bool = False) -> Evidence:
    """Take in one file, hash it and open its chain of custody.

    A closed incident takes late evidence too. Raises ValidationError naming the file, and
    rights.Denied. If the surrounding transaction is rolled back, the caller removes the content.
    """
    if not from_reporter:
        rights.require(by, Right.ADD_EVIDENCE, incident)
    if problems := check_all([file]):
        raise ValidationError({"file": problems})
    current = records.lock(incident)
    evidence = Evidence(
        incident=current,
        name=clean_name(file.name or ""),
        content_type=type_of(file),
        size=file.size or 0,
        sha256=_hash(file),
        from_reporter=from_reporter,
        added_by=by,
    )
    name = evidence_storage().save(f"{evidence.key.hex[:2]}/{evidence.key.hex}", file)
    evidence.content.name = name
    try:
        _enter(evidence, current, by)
    except BaseException:
        discard([name])
        raise
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
        return _hash(content) == evidence.sha256


def discard(names: list[str]) -> None:
    """Remove the contents of files whose rows were rolled back."""
    for name in names:
        evidence_storage().delete(name)


def _hash(file) -> str:
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
