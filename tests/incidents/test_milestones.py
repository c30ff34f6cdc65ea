"""Moments in an incident's life: read strictly, changed with a reason, the old value kept."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from incidents import milestones, records
from incidents.models import Incident
from incidents.states import Milestone, State
from tests.attempts import is_allowed
from tests.factories import fresh, make_incident

MOMENT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("2026-11-02T09:30:00Z", MOMENT),
        ("2026-11-02T10:30:00+01:00", MOMENT),
        ("2026-11-02 09:30+00:00", MOMENT),
        ("2026-11-02T10:30", MOMENT),  # naive: the site's zone, Amsterdam
        ("1990-01-01T00:00:00Z", datetime(1990, 1, 1, tzinfo=UTC)),
        (MOMENT, MOMENT),
        ("", None),
        (None, None),
    ],
)
def test_a_moment_is_read_into_utc(raw, moment):
    assert milestones.read_moment(raw) == moment


@pytest.mark.parametrize(
    "raw",
    [
        "yesterday",
        "2026-02-30T10:00:00Z",
        "2026-11-02T25:00:00Z",
        "1989-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "٢٠٢٦-١١-٠٢T٠٩:٣٠:٠٠Z٠",
        1_762_000_000,
        12.5,
        True,
        [],
        {"at": "now"},
    ],
)
def test_what_is_no_moment_or_an_absurd_one_is_refused(raw):
    with pytest.raises(ValidationError):
        milestones.read_moment(raw)


def test_clocks_may_differ_by_five_minutes():
    now = timezone.now()

    assert milestones.read_moment(now + timedelta(minutes=4))

    with pytest.raises(ValidationError, match="future"):
        milestones.read_moment(now + timedelta(minutes=6))


def test_a_milestone_keeps_source_and_precision_and_its_old_value_on_the_timeline(handler):
    incident = make_incident(State.RESPONDING)

    milestones.record(incident, "contained_at", MOMENT, by=handler, reason="Share closed.")
    later = MOMENT + timedelta(hours=2)
    corrected = milestones.record(
        incident, "contained_at", later, by=handler, reason="The log says so.", precision="about"
    )

    assert corrected.contained_at == later
    assert fresh(incident).milestone_notes["contained_at"] == {
        "source": "handler",
        "precision": "about",
    }
    entry = incident.timeline.filter(kind="milestone").last()
    assert (entry.actor, entry.text) == (handler, "The log says so.")
    assert entry.data["milestone"] == "contained_at"
    assert (entry.data["old"], entry.data["new"]) == (
        "2026-11-02T09:30:00Z",
        "2026-11-02T11:30:00Z",
    )


def test_a_milestone_may_be_taken_off_the_record_with_a_reason(handler):
    incident = make_incident(State.RESPONDING, contained_at=MOMENT)

    cleared = milestones.record(incident, "contained_at", None, by=handler, reason="It leaks on.")

    assert cleared.contained_at is None
    assert incident.timeline.filter(kind="milestone").last().data["new"] is None


@pytest.mark.parametrize("name", Milestone.values)
def test_every_milestone_can_be_set(name, dpo):
    incident = make_incident(State.RESPONDING)

    recorded = milestones.record(incident, name, MOMENT, by=dpo, reason="From the log.")

    assert getattr(recorded, name) == getattr(fresh(incident), name) == MOMENT


@pytest.mark.parametrize(
    ("name", "moment", "reason", "more", "field"),
    [
        ("born_at", MOMENT, "Because.", {}, "milestone"),
        ("state", MOMENT, "Because.", {}, "milestone"),
        ("contained_at", MOMENT, "", {}, "reason"),
        ("contained_at", MOMENT, "\u200b", {}, "reason"),
        ("contained_at", MOMENT, "NUL \x00", {}, "reason"),
        ("contained_at", MOMENT, "x" * 20_001, {}, "reason"),
        ("contained_at", MOMENT, "Because.", {"precision": "vague"}, "precision"),
        ("noticed_at", None, "Because.", {}, "milestone"),
        ("reported_at", None, "Because.", {}, "milestone"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_changes(name, moment, reason, more, field, dpo):
    incident = make_incident(State.RESPONDING)
    before = Incident.objects.values().get(pk=incident.pk)

    with pytest.raises(ValidationError) as refused, transaction.atomic():
        milestones.record(incident, name, moment, by=dpo, reason=reason, **more)

    assert set(refused.value.message_dict) == {field}
    assert Incident.objects.values().get(pk=incident.pk) == before


def test_an_absurd_moment_is_refused_also_here(handler):
    incident = make_incident(State.RESPONDING)

    for moment in (timezone.now() + timedelta(days=1), datetime(1970, 1, 1, tzinfo=UTC)):
        with pytest.raises(ValidationError), transaction.atomic():
            milestones.record(incident, "contained_at", moment, by=handler, reason="Because.")


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("contained_at", {"agent", "handler", "manager", "ciso", "dpo"}),
        ("aware_at", {"ciso", "dpo"}),
    ],
)
def test_legal_awareness_is_set_by_the_officers_only(name, who, people):
    incident = make_incident(State.TRIAGE)

    def set_by(person):
        milestones.record(incident, name, MOMENT, by=person, reason="From the log.")

    allowed = {name for name, person in people.items() if is_allowed(lambda by=person: set_by(by))}

    assert allowed == who


def test_a_closed_incident_keeps_its_milestones(dpo):
    with pytest.raises(records.Closed):
        milestones.record(
            make_incident(State.CLOSED), "contained_at", MOMENT, by=dpo, reason="Late."
        )


def test_an_odd_order_is_a_warning_and_no_refusal(handler):
    incident = make_incident(State.RESPONDING)
    later = MOMENT + timedelta(days=1)

    milestones.record(incident, "contained_at", later, by=handler, reason="From the log.")
    odd = milestones.record(incident, "recovered_at", MOMENT, by=handler, reason="From the log.")

    assert ("contained_at", "recovered_at") in milestones.out_of_order(odd)
