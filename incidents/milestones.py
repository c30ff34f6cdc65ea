"""Moments in an incident's life: value, precision, source, and a reason for every change."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from incidents import plain_text, records, rights, timeline
from incidents.events import milestone_set
from incidents.models import Incident
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.states import Milestone, Precision

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=5)  # clocks differ a little

# The order facts usually have; a milestone before its forerunner is odd, not impossible.
ORDER = list(Milestone.values)


def check_moment(moment: datetime) -> None:
    """Raise ValidationError for a moment before 1990 or more than 5 minutes ahead."""
    if moment < EARLIEST:
        raise ValidationError(_("This is before 1990. Check the year."), code="too_early")
    if moment > timezone.now() + AHEAD:
        raise ValidationError(_("This is in the future. Check date and time."), code="future")


def read_moment(raw: Any) -> datetime | None:
    """A moment from RFC 3339 text or a datetime; a naive one is taken in the site's time zone.

    None for nothing. Raises ValidationError for what cannot be read, and as check_moment() does.
    """
    if raw in (None, ""):
        return None
    try:
        moment: Any = parse_datetime(raw) if isinstance(raw, str) else raw
        aware = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
        aware = aware.astimezone(UTC)
    except OverflowError:
        raise ValidationError(_("Check the date: the year cannot be right.")) from None
    except (ValueError, TypeError, AttributeError):
        raise ValidationError(_("Use a time such as 2026-11-23T10:05:00+01:00.")) from None
    check_moment(aware)
    return aware


def note(
    incident: Incident,
    name: str,
    moment: datetime | None,
    *,
    source: str,
    precision: str = Precision.EXACT,
) -> None:
    """Set a milestone on `incident` without saving it."""
    setattr(incident, name, moment)
    incident.milestone_notes[name] = {"source": source, "precision": str(precision)}


@transaction.atomic
def record(
    incident: Incident,
    name: str,
    moment: datetime | None,
    *,
    by,
    reason: str,
    precision: str = Precision.EXACT,
) -> Incident:
    """Set, change or clear a milestone; the old value stays on the timeline.

    Raises ValidationError (unknown milestone, absurd moment, no reason), rights.Denied (legal
    awareness is set by DPO, CISO or legal only) and records.Closed.
    """
    if name not in Milestone.values:
        raise ValidationError({"milestone": _("There is no milestone of this name.")})
    reason = plain_text.read("reason", reason, needed=_("Say why."))
    if precision not in Precision.values:
        raise ValidationError({"precision": _("Use exact, about, day or unknown.")})
    if moment is not None:
        check_moment(moment)
    elif not Incident._meta.get_field(name).null:
        raise ValidationError({"milestone": _("This one always has a moment.")})
    right = Right.SET_AWARENESS if name == Milestone.AWARE_AT else Right.EDIT
    rights.require(by, right, incident)
    current = records.lock_open(incident)
    old = getattr(current, name)
    note(current, name, moment, source=str(by), precision=precision)
    records.save(current, name, "milestone_notes")
    timeline.append(
        current,
        Kind.MILESTONE,
        by=by,
        text=reason,
        data={"milestone": name, "old": old, "new": moment, "precision": str(precision)},
    )
    milestone_set.send(Incident, incident=current, name=name, by=by)
    return current


def out_of_order(incident: Incident) -> list[tuple[str, str]]:
    """Pairs of milestones that stand in an odd order. A warning only: facts come late."""
    known = [(name, getattr(incident, name)) for name in ORDER if getattr(incident, name)]
    return [
        (name, later)
        for (name, moment), (later, after) in zip(known, known[1:], strict=False)
        if moment > after
    ]
