"""Reports: the only birth of an incident, whichever door it comes through."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from incidents import clock, evidence, facts, grading, rights, timeline
from incidents.models import Department, Incident
from incidents.states import Door

DEFAULT_DEPARTMENT = "security"

ANSWERS = (
    "about",
    "noticed_at",
    "noticed_at_precision",
    "occurred_from",
    "occurred_to",
    "ongoing",
    "personal_data",
    "data_kinds",
    "people_affected",
    "data_location",
    "data_recipient",
    "data_recipient_text",
    "workspaces",
    "workspaces_text",
    "virtual_machines",
    "virtual_machines_text",
    "users_affected",
    "already_done",
    "concerned",
    "supplier",
    "reported_elsewhere",
    "reported_elsewhere_reference",
    "contact_phone",
    "safe_channel",
    "on_behalf_of",
    "is_name_confidential",
)


def report(
    *,
    by,
    door: str,
    subject: str,
    description: str,
    department: str = DEFAULT_DEPARTMENT,
    reporter=None,
    contact_name: str = "",
    contact_email: str = "",
    language: str = "en",
    is_exercise: bool = False,
    files: Iterable[UploadedFile] = (),
    answers: Mapping[str, Any] | None = None,
) -> Incident:
    """Record a report and everything that follows from it, in one transaction.

    `by` is who sends it, `reporter` whose ticket it is (by default `by`); both may be None for a
    tool, and a caller on the phone may have no account. Raises ValidationError naming every field,
    and rights.Denied for an auditor; then nothing is stored.
    """
    if by is not None and not rights.may_report(by):
        raise rights.Denied("report")
    reporter = reporter or (None if door in {Door.DETECTION, Door.PHONE} else by)
    incident = Incident(
        reporter=reporter,
        entered_by=by if by != reporter else None,
        contact_name=timeline.name_of(reporter) if reporter else "",
        contact_email=reporter.email if reporter else "",
        reported_via=door,
        is_exercise=is_exercise,
        noticed_at=clock.now(),
    )
    uploads = list(files)
    changes = {
        "department": department,
        "subject": subject,
        "description": description,
        "language": language,
        **({"contact_name": contact_name} if contact_name else {}),
        **({"contact_email": contact_email} if contact_email else {}),
    }
    related = _fill(incident, changes, answers or {}, by, uploads)
    _store(incident, related, evidence.read(uploads), by)
    return incident


def _fill(
    incident: Incident,
    changes: Mapping[str, Any],
    answers: Mapping[str, Any],
    by,
    uploads: list[UploadedFile],
) -> facts.Related:
    errors = {name: [_("A report has no such field.")] for name in answers if name not in ANSWERS}
    known = {name: answers[name] for name in ANSWERS if name in answers}
    related = facts.fill(incident, {**changes, **known}, by=by, errors=errors)
    if not errors.get("department") and not _takes_reports(incident):
        errors["department"] = [_("This department takes no reports.")]
    if problems := evidence.check_all(uploads):
        errors["files"] = problems
    if errors:
        raise ValidationError(errors)
    return related


def _takes_reports(incident: Incident) -> bool:
    return Department.objects.filter(pk=incident.department_id, is_active=True).exists()


@evidence.whole()
def _store(incident: Incident, related: facts.Related, uploads: list[evidence.Upload], by) -> None:
    incident.urgency = grading.urgency_of(incident.ongoing)
    incident.priority = grading.priority_of(incident.severity, incident.urgency)
    for name in ("noticed_at", "reported_at"):
        incident.milestone_notes[name] = {
            "source": incident.reported_via,
            "precision": incident.noticed_at_precision if name == "noticed_at" else "exact",
        }
    incident.save()
    facts.relate(incident, related)
    evidence.store_all(incident, uploads, by=by, from_reporter=True)
    incident.refresh_from_db()
