"""What the target of a merge takes over of facts, moments, grades and files (DOMAIN.md 1.5)."""

from datetime import UTC, datetime

import pytest

from incidents import evidence, inheritance
from incidents.models import CustodyEvent, Incident, Tenant, VirtualMachine, Workspace
from tests.factories import fresh, make_incident, make_user
from tests.incidents.merging import make_pair, merge, split, upload

EARLY = datetime(2026, 11, 1, 8, tzinfo=UTC)
LATE = datetime(2026, 11, 2, 8, tzinfo=UTC)

EARLIEST = [
    (EARLY, LATE, EARLY),
    (LATE, EARLY, EARLY),
    (None, LATE, LATE),
    (EARLY, None, EARLY),
    (None, None, None),
]


@pytest.mark.parametrize(("own", "other", "kept"), EARLIEST)
def test_the_earliest_moment_counts(own, other, kept):
    assert inheritance.earliest(own, other) == kept


@pytest.mark.parametrize(
    ("own", "other", "kept"),
    [
        ("TLP:AMBER", "TLP:RED", "TLP:RED"),
        ("TLP:AMBER+STRICT", "TLP:AMBER", "TLP:AMBER+STRICT"),
        ("TLP:CLEAR", "TLP:GREEN", "TLP:GREEN"),
        ("TLP:RED", "TLP:CLEAR", "TLP:RED"),
    ],
)
def test_the_strictest_label_counts(own, other, kept):
    assert inheritance.strictest(own, other) == kept


@pytest.mark.parametrize(
    ("own", "other", "kept"),
    [
        ("not_assessed", "suspected", "suspected"),
        ("suspected", "confirmed", "confirmed"),
        ("ruled_out", "suspected", "suspected"),
        ("confirmed", "suspected", "confirmed"),
        ("not_assessed", "ruled_out", "not_assessed"),
        ("suspected", "ruled_out", "suspected"),
        ("ruled_out", "not_assessed", "ruled_out"),
    ],
)
def test_a_breach_that_is_possible_stays_possible(own, other, kept):
    assert inheritance.gravest(own, other) == kept


@pytest.mark.parametrize(
    ("own", "other", "kept"),
    [
        ("", "lab-1", "lab-1"),
        ("lab-1", "", "lab-1"),
        ("lab-1\nlab-2", "lab-2\nlab-3", "lab-1\nlab-2\nlab-3"),
        ("lab-1", "x" * 50, "lab-1"),
    ],
)
def test_texts_are_joined_each_part_once_while_there_is_room(own, other, kept):
    assert inheritance.joined(own, other, by="\n", most=30) == kept


def test_the_target_takes_the_earliest_moments_and_says_from_where(handler):
    source, target = make_pair()
    Incident.objects.filter(pk=source.pk).update(noticed_at=EARLY, reported_at=EARLY, aware_at=LATE)
    Incident.objects.filter(pk=target.pk).update(noticed_at=LATE, reported_at=LATE, aware_at=None)

    merge(source, target, handler)

    kept = fresh(target)
    assert (kept.noticed_at, kept.reported_at, kept.aware_at) == (EARLY, EARLY, LATE)
    sources = {kept.milestone_notes[name]["source"] for name in inheritance.MOMENTS}
    assert sources == {f"merged from {source.reference}"}


def test_later_moments_of_the_duplicate_change_nothing(handler):
    source, target = make_pair()
    Incident.objects.filter(pk=target.pk).update(
        noticed_at=EARLY, reported_at=EARLY, aware_at=EARLY
    )
    notes = fresh(target).milestone_notes

    merge(source, target, handler)

    assert fresh(target).reported_at == EARLY
    assert fresh(target).milestone_notes == notes


def test_everything_affected_and_every_mark_goes_along(handler):
    source, target = make_pair()
    tenant = Tenant.objects.create(name="University A")
    workspace = Workspace.objects.create(name="ws-1", tenant=tenant)
    machine = VirtualMachine.objects.create(name="vm-1", workspace=workspace)
    source.tenants.add(tenant)
    source.workspaces.add(workspace)
    source.virtual_machines.add(machine)
    Incident.objects.filter(pk=source.pk).update(
        concerned="ann@lab.test", workspaces_text="the old one", tlp="TLP:RED", legal_hold=True,
        tags=["x-insider"], breach_status="suspected",
    )  # fmt: skip
    Incident.objects.filter(pk=target.pk).update(concerned="laptop 7", tags=["x-lost-device"])

    merge(source, target, handler)

    kept = fresh(target)
    assert list(kept.workspaces.all()) == [workspace]
    assert list(kept.virtual_machines.all()) == [machine]
    assert list(kept.tenants.all()) == [tenant]
    assert kept.concerned == "laptop 7; ann@lab.test"
    assert (kept.workspaces_text, kept.tlp, kept.legal_hold) == ("the old one", "TLP:RED", True)
    assert kept.tags == ["x-insider", "x-lost-device"]
    assert (kept.breach_status, kept.priority) == ("suspected", 2)


@pytest.mark.parametrize(
    ("source", "target", "kept"),
    [
        ({"priority": 1, "severity": 2}, {"priority": 3, "severity": 3}, (1, 2)),
        ({"priority": 4, "severity": 4}, {"priority": 2, "severity": 1}, (2, 1)),
        ({"priority": 1, "severity": 4}, {"priority": 4, "severity": 1}, (1, 1)),
    ],
)
def test_the_higher_priority_and_severity_count(source, target, kept, handler):
    source, target = make_incident(**source), make_incident(**target)

    merge(source, target, handler)

    assert (fresh(target).priority, fresh(target).severity) == kept


def test_a_severity_set_by_a_person_gives_way_to_a_worse_one_of_a_person_only(handler, manager):
    guessed, judged = make_incident(severity=1), make_incident(severity=2, severity_by=manager)
    target = make_incident(severity=3, severity_by=handler)

    merge(guessed, target, handler)
    assert fresh(target).severity == 3

    merge(judged, target, handler)
    assert (fresh(target).severity, fresh(target).severity_by) == (2, manager)


def test_files_are_entered_anew_with_the_same_bytes_and_their_custody(handler, reporter):
    source, target = make_incident(reporter=reporter), make_incident()
    original = upload(source, by=reporter, from_reporter=True)

    merge(source, target, handler)

    copied = target.evidence.get()
    assert (copied.copied_from, copied.content.name) == (original, original.content.name)
    assert (copied.sha256, copied.size, copied.name) == (original.sha256, 12, "mail.txt")
    assert (copied.from_reporter, copied.added_by) == (False, handler)
    assert [event.act for event in copied.custody.all()] == [CustodyEvent.Act.COPIED]
    assert evidence.is_intact(copied)
    assert source.evidence.count() == 1


def test_merging_again_after_a_split_copies_no_file_twice(handler, reporter):
    source, target = make_incident(reporter=reporter), make_incident()
    upload(source, by=reporter, from_reporter=True)
    merge(source, target, handler)
    split(source, handler)

    merge(source, target, handler)

    assert target.evidence.count() == 1


def test_the_words_of_another_reporter_stay_on_the_duplicate(handler):
    source = make_incident(reporter=make_user("other-reporter"))
    target = make_incident()
    words = dict.fromkeys(("concerned", "supplier", "workspaces_text", "virtual_machines_text"))
    Incident.objects.filter(pk=source.pk).update(**dict.fromkeys(words, "laptop of Ann"))

    merge(source, target, handler)

    kept = fresh(target)
    assert [getattr(kept, name) for name in words] == ["", "", "", ""]
    assert "laptop of Ann" not in str(list(kept.timeline.values("text", "data")))
    assert fresh(source).concerned == "laptop of Ann"
