"""The facts of an incident: reading them from people and programs, and changing them on record."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from incidents import (
    access,
    grading,
    milestones,
    need_to_know,
    plain_text,
    records,
    rights,
    roles,
    timeline,
)
from incidents.events import facts_changed
from incidents.models import Category, Department, Incident, Tenant, VirtualMachine, Workspace
from incidents.models.timeline import Kind
from incidents.rights import Right

# What may be changed afterwards, and by which right.
EDITABLE = {
    **dict.fromkeys(
        (
            "department",
            "subject",
            "description",
            "about",
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
            "tenants",
            "users_affected",
            "already_done",
            "concerned",
            "supplier",
            "reported_elsewhere",
            "reported_elsewhere_reference",
            "contact_phone",
            "safe_channel",
            "on_behalf_of",
            "waiting_on",
            "tlp",
            "root_cause",
            "resolution",
        ),
        Right.EDIT,
    ),
    "category": Right.CLASSIFY,
    "tags": Right.CLASSIFY,
    "owner": Right.ACKNOWLEDGE,
    "manager": Right.CLASSIFY,
}
ONE_LINE = {"subject", "concerned", "supplier", "contact_phone", "on_behalf_of", "safe_channel"}
RELATED = {"workspaces": Workspace, "virtual_machines": VirtualMachine, "tenants": Tenant}
NAMES_MOST = 100


@dataclass
class Related:
    """Rows to link to an incident, by field; links can be stored only when the incident is."""

    rows: dict[str, list[Any]] = field(default_factory=dict)


def fill(
    incident: Incident, changes: Mapping[str, Any], *, by, errors: dict[str, list[str]]
) -> Related:
    """Put `changes` on `incident` without saving; add to `errors`, by field, what cannot be used.

    Workspaces and machines are names. Those that `by` may name become links, the others stay as
    text: what a reporter writes is never lost, and nobody learns which names exist.
    """
    related = Related()
    # Names come last: those that become no link are added to the text beside them.
    for name, raw in sorted(changes.items(), key=lambda change: change[0] in RELATED):
        try:
            if name in RELATED:
                _read_names(incident, name, raw, by, related)
            else:
                setattr(incident, name, _read(incident, name, raw))
        except ValidationError as problem:
            errors[name] = problem.messages
    if not errors:
        _check_together(incident, errors)
    return related


def relate(incident: Incident, related: Related) -> None:
    """Store the links that fill() found. Machines bring workspaces, workspaces their tenants."""
    for name, rows in related.rows.items():
        getattr(incident, name).set(rows)
    if not related.rows:
        return
    machines = related.rows.get("virtual_machines", [])
    incident.workspaces.add(*{machine.workspace_id for machine in machines})
    incident.tenants.add(*incident.workspaces.values_list("tenant_id", flat=True))


@transaction.atomic
def edit(
    incident: Incident,
    changes: Mapping[str, Any],
    *,
    by,
    reason: str = "",
    version: int | None = None,
) -> Incident:
    """Change facts and write each old and new value to the timeline.

    Raises ValidationError naming every field, rights.Denied, records.Stale and records.Closed;
    then nothing was changed. A change that changes nothing writes nothing.
    """
    for name in changes:
        if name in EDITABLE:
            rights.require(by, EDITABLE[name], incident)
    if changes.keys() & set(access.IDENTITY) and not access.may_know_reporter(by, incident):
        raise rights.Denied(Right.SEE_REPORTER)
    current = records.lock_open(incident, version=version)
    change(current, changes, among=EDITABLE, by=by, reason=reason)
    if changes.get("owner") and current.owner is not None:
        need_to_know.check_sees(current, current.owner, "owner")
    return current


def change(
    incident: Incident,
    changes: Mapping[str, Any],
    *,
    among: Collection[str],
    by,
    reason: str = "",
    marks: Mapping[str, str] | None = None,
) -> dict[str, list[Any]]:
    """Store `changes` on a locked incident, tell the timeline and announce them.

    Gives each old and new value by field; empty when nothing changed. `marks` stand beside them
    on the timeline. Raises ValidationError for what cannot be used, and for names that are not
    `among` those that may change.
    """
    before = _snapshot(incident, changes, among)
    errors = {name: [_("This cannot be changed here.")] for name in changes if name not in among}
    known = {name: raw for name, raw in changes.items() if name in among}
    related = fill(incident, known, by=by, errors=errors)
    try:
        reason = plain_text.read("reason", reason)
    except ValidationError as problem:
        errors.update(problem.message_dict)
    if errors:
        raise ValidationError(errors)
    relate(incident, related)
    after = _snapshot(incident, changes, among)
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if changed:
        records.save(incident)
        data = {**changed, **(marks or {})}
        timeline.append(incident, Kind.CHANGE, by=by, text=reason, data=data)
        facts_changed.send(Incident, incident=incident, changed=changed, by=by)
        if changed.keys() & {"category", "tags"}:
            grading.apply_floors(incident, by=by)
    return changed


def read(incident: Incident, name: str, raw: Any) -> Any:
    """The value of a fact as the record would hold it; names stay words. Raises ValidationError."""
    return _words_of(raw) if name in RELATED else _read(incident, name, raw)


def known(incident: Incident, name: str) -> Any:
    """What the record holds, as read() gives it; names come with those that stay as text."""
    if name not in RELATED:
        return getattr(incident, name)
    linked = getattr(incident, name).values_list("name", flat=True)
    return [*linked, *getattr(incident, f"{name}_text", "").splitlines()]


def nameable_workspaces(user) -> models.QuerySet[Workspace]:
    """The workspaces that `user` may pick by name: one's own, or all for the response team."""
    if user is None or rights.allowed(user, Right.REPORT_FOR_OTHERS):
        return Workspace.objects.all()
    own = models.Q(members=user) | models.Q(accountable=user)
    return Workspace.objects.filter(own).distinct()


def nameable_machines(user) -> models.QuerySet[VirtualMachine]:
    """The machines inside nameable_workspaces()."""
    return VirtualMachine.objects.filter(workspace__in=nameable_workspaces(user))


def _read(incident: Incident, name: str, raw: Any) -> Any:
    column = incident._meta.get_field(name)
    raw = "" if raw is None and not column.null else raw
    if isinstance(raw, str):
        raw = _tidy(name, raw)
    if isinstance(column, models.ForeignKey):
        return _read_link(name, raw)
    if isinstance(column, models.DateTimeField):
        return milestones.read_moment(raw)
    if isinstance(column, models.JSONField):
        return _read_words(raw)
    is_flag = isinstance(column, models.BooleanField)
    if not isinstance(raw, bool if is_flag else str):
        raise ValidationError(_("Use true or false.") if is_flag else _("Send text."))
    return _cleaned(incident, column, raw)


def _cleaned(incident: Incident, column: Any, value: Any) -> Any:
    if isinstance(value, str) and column.max_length and len(value) > column.max_length:
        # Said here too: Django does not hold a TextField to its max_length.
        raise ValidationError(_("Use at most %d characters.") % column.max_length)
    try:
        return column.clean(value, incident)
    except ValidationError as problem:
        raise _in_our_words(problem) from None


def _in_our_words(problem: ValidationError) -> ValidationError:
    """One wording for a length, whoever measured it."""
    words: dict[Any, Any] = {
        "max_length": _("Use at most %(limit_value)d characters."),
        "min_length": _("Use at least %(limit_value)d characters."),
    }
    for each in problem.error_list:
        each.message = words.get(each.code, each.message)
    return problem


def _tidy(name: str, text: str) -> str:
    """`text` as it is stored; what shows nothing is nothing."""
    plain_text.check(text)
    if plain_text.visible_length(text) == 0:
        return ""
    return plain_text.one_line(text) if name in ONE_LINE else text.strip()


def _read_link(name: str, raw: Any) -> Any:
    if raw in (None, ""):
        if name == "department":
            raise ValidationError(_("Choose a department."))
        return None
    found: models.Model | None
    if name == "department":
        wanted = models.Q(code=str(raw)) | models.Q(name=str(raw))
        found = Department.objects.filter(wanted).first()
    elif name == "category":
        found = Category.at(str(raw))
    else:
        found = roles.team_member(str(raw))
    if found is None:
        raise ValidationError(_("There is none of this name."))
    return found


def _read_words(raw: Any) -> list[str]:
    if not isinstance(raw, list) or not all(isinstance(word, str) for word in raw):
        raise ValidationError(_("Send a list of words."))
    if len(raw) > NAMES_MOST:
        raise ValidationError(_("Send at most %d words.") % NAMES_MOST)
    for word in raw:
        plain_text.check(word)
        if len(word) > 60:
            raise ValidationError(_("A tag has at most 60 characters."))
    return sorted({word.strip() for word in raw if plain_text.visible_length(word)})


def _words_of(raw: Any) -> list[str]:
    names = [raw] if isinstance(raw, str) else raw
    if not isinstance(names, list | tuple) or not all(isinstance(each, str) for each in names):
        raise ValidationError(_("Send a list of names."))
    if len(names) > NAMES_MOST:
        raise ValidationError(_("Send at most %d names.") % NAMES_MOST)
    for each in names:
        plain_text.check(each)
    return [plain_text.one_line(each) for each in names if plain_text.visible_length(each)]


def _read_names(incident: Incident, name: str, raw: Any, by, related: Related) -> None:
    cleaned = _words_of(raw)
    nameable = _nameable(incident, name, by).filter(_named(cleaned))
    found = {row.name.casefold(): row for row in nameable}
    related.rows[name] = [found[each.casefold()] for each in cleaned if each.casefold() in found]
    strange = [each for each in cleaned if each.casefold() not in found]
    if strange and name == "tenants":
        raise ValidationError(_("There is no tenant %s.") % ", ".join(strange))
    if strange:
        text = f"{name}_text"
        kept = [line for line in getattr(incident, text).splitlines() if line]
        joined = "\n".join(dict.fromkeys([*kept, *strange]))
        setattr(incident, text, _cleaned(incident, incident._meta.get_field(text), joined))


def _nameable(incident: Incident, name: str, by) -> models.QuerySet:
    """What `by` may name, and what is linked already: whoever repeats a name unties nothing."""
    if name == "tenants":
        return Tenant.objects.all()
    own = nameable_workspaces(by) if name == "workspaces" else nameable_machines(by)
    if incident.pk is None:
        return own
    linked = getattr(incident, name).values("pk")
    is_known = models.Q(pk__in=own.values("pk")) | models.Q(pk__in=linked)
    return RELATED[name]._default_manager.filter(is_known)


def _named(names: list[str]) -> models.Q:
    wanted = models.Q(pk__in=[])
    for each in names:
        wanted |= models.Q(name__iexact=each)
    return wanted


def _check_together(incident: Incident, errors: dict[str, list[str]]) -> None:
    began, ended = incident.occurred_from, incident.occurred_to
    if incident.noticed_at is None:
        errors["noticed_at"] = [_("Say when you noticed it.")]
    elif began and began > incident.noticed_at:
        errors["occurred_from"] = [_("It cannot begin after it was noticed.")]
    if began and ended and ended < began:
        errors["occurred_to"] = [_("It cannot end before it began.")]


def _snapshot(
    incident: Incident, names: Mapping[str, Any], among: Collection[str]
) -> dict[str, Any]:
    texts = {f"{name}_text" for name in names if name in {"workspaces", "virtual_machines"}}
    return {name: _shown(incident, name) for name in {*names, *texts} if name in among}


def _shown(incident: Incident, name: str) -> Any:
    if name in RELATED:
        return sorted(getattr(incident, name).values_list("name", flat=True))
    value = getattr(incident, name)
    if isinstance(value, Category):
        return value.path
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, models.Model) else value
