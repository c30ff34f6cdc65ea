"""The timeline is append-only and chained by hash: whatever was done to it afterwards shows."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from incidents import conversation, timeline
from incidents.models import Incident, TimelineEntry, TimelineHead
from incidents.models.timeline import Kind
from tests.factories import make_incident, make_report, make_user


@pytest.fixture
def incident(db, agent):
    """A chain of at least five entries."""
    incident = make_report(make_user("a-reporter"))
    for text in ("One", "Two", "Three", "Four"):
        conversation.note(incident, text, by=agent)
    return incident


@pytest.fixture
def unguarded(incident):
    """The database without its triggers, as for somebody with full rights on the server."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for table in ("incidents_timelineentry", "incidents_timelinehead"):
                cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' "
                               "AND tbl_name = %s", [table])  # fmt: skip
                for (name,) in cursor.fetchall():
                    cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in ("incidents_timelineentry", "incidents_timelinehead"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    return incident


def entries_of(incident):
    return TimelineEntry.objects.filter(incident=incident)


def found(*incidents: Incident) -> list[tuple[int, str]]:
    """The first bad entry of each chain, with what is wrong."""
    keys = [each.pk for each in incidents] or None
    return [(each.sequence, each.problem) for each in timeline.breaks(keys)]


def test_a_chain_that_nobody_touched_is_whole(incident):
    assert found() == []

    rows = list(entries_of(incident))
    assert [row.sequence for row in rows] == list(range(1, len(rows) + 1))
    assert rows[0].previous_hash == timeline.GENESIS
    assert all(later.previous_hash == row.hash for row, later in zip(rows, rows[1:], strict=False))
    assert (rows[-1].sequence, rows[-1].hash) == (
        incident.timeline_head.length,
        incident.timeline_head.hash,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Nothing happened."},
        {"data": {"through": "mail"}},
        {"actor_name": "Somebody else"},
        {"actor": None},
        {"kind": Kind.REPLY},
        {"is_public": True},
        {"at": timezone.now() + timedelta(days=1)},
        {"hash": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_entry_is_named(change, unguarded):
    note = entries_of(unguarded).get(text="Two")

    entries_of(unguarded).filter(pk=note.pk).update(**change)

    assert found() == [(note.sequence, "its content was changed")]


def test_a_forged_link_to_the_entry_before_is_named(unguarded):
    entries_of(unguarded).filter(sequence=3).update(previous_hash="f" * 64)

    assert found() == [(3, "it does not follow the entry before it")]


def test_a_changed_entry_with_a_fresh_hash_breaks_the_next_one(unguarded):
    entry = entries_of(unguarded).get(sequence=3)
    entry.text = "Nothing happened."

    entries_of(unguarded).filter(pk=entry.pk).update(text=entry.text, hash=timeline.digest(entry))

    assert found() == [(4, "it does not follow the entry before it")]


@pytest.mark.parametrize("sequence", [1, 3])
def test_a_removed_entry_is_named(sequence, unguarded):
    remove(entries_of(unguarded).filter(sequence=sequence))

    assert found() == [(sequence, "an entry is missing or out of order")]


def test_a_cut_tail_is_named(unguarded):
    length = unguarded.timeline_head.length
    remove(entries_of(unguarded).filter(sequence__gte=length - 1))

    assert found() == [(length - 1, "the end of the chain is missing")]


def test_a_tail_that_was_rewritten_whole_does_not_fit_the_head(unguarded):
    length = unguarded.timeline_head.length
    last = entries_of(unguarded).get(sequence=length)
    last.text = "All is well."

    entries_of(unguarded).filter(pk=last.pk).update(text=last.text, hash=timeline.digest(last))

    assert found() == [(length + 1, "the end of the chain is missing")]


def test_swapped_entries_are_named(unguarded):
    second, third = entries_of(unguarded).get(sequence=2), entries_of(unguarded).get(sequence=3)
    for pk, sequence in ((second.pk, 1000), (third.pk, 2), (second.pk, 3)):
        TimelineEntry.objects.filter(pk=pk).update(sequence=sequence)

    assert found() == [(2, "it does not follow the entry before it")]


def test_an_inserted_entry_is_named(unguarded):
    for entry in entries_of(unguarded).filter(sequence__gte=3).order_by("-sequence"):
        TimelineEntry.objects.filter(pk=entry.pk).update(sequence=entry.sequence + 1)
    forged = entries_of(unguarded).get(sequence=2)
    forged.pk, forged.sequence, forged.previous_hash = None, 3, forged.hash
    forged.hash = timeline.digest(forged)
    forged.save(force_insert=True)

    assert found() == [(4, "it does not follow the entry before it")]


def test_a_removed_chain_is_named_by_what_is_left(unguarded):
    remove(entries_of(unguarded))

    assert found() == [(1, "the end of the chain is missing")]

    remove(TimelineHead.objects.filter(pk=unguarded.pk))
    assert found() == [(1, "the chain has lost its head")]


def test_a_chain_without_its_head_is_named(unguarded):
    remove(TimelineHead.objects.filter(pk=unguarded.pk))

    assert found() == [(1, "the chain has lost its head")]


def test_only_the_broken_chains_are_named_in_the_order_of_the_incidents(unguarded, agent):
    whole, other = make_incident(), make_incident()
    entries_of(other).filter(sequence=2).update(text="Changed")
    entries_of(unguarded).filter(sequence=4).update(text="Changed")

    assert [(each.incident_id, each.sequence) for each in timeline.breaks()] == [
        (unguarded.pk, 4),
        (other.pk, 2),
    ]
    assert found(whole) == []
    assert found(other, whole) == [(2, "its content was changed")]


def remove(rows) -> None:
    rows._raw_delete("default")


@pytest.mark.parametrize("data", [{"x": 0.5}, {"x": [1, {"y": 2.0}]}, {"x": float("nan")}])
def test_an_entry_with_a_float_is_refused(data, incident):
    length = entries_of(incident).count()

    with pytest.raises(ValueError, match="floats"), transaction.atomic():
        timeline.append(incident, Kind.NOTE, by=None, data=data)

    assert entries_of(incident).count() == length
    assert found() == []


def test_what_is_stored_reads_the_same_in_every_database(incident):
    data = {
        "moment": timezone.now(),
        "number": 2**60,
        "text": "naïve “quotes” 😀 \\ / \u2028",
        "none": None,
        "nested": {"b": [True, 1], "a": {}},
    }

    timeline.append(incident, Kind.NOTE, by=None, text="Ünïcode 😀", data=data)

    assert found() == []


def test_a_chain_cannot_fork(incident):
    length = incident.timeline_head.length
    twin = entries_of(incident).get(sequence=length)
    twin.pk, twin.text = None, "Another end"

    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)

    timeline.append(incident, Kind.NOTE, by=None, text="The same end")
    assert found() == []


def test_an_entry_names_who_acted_also_when_the_name_is_long(incident):
    person = make_user("long", first_name="F" * 150, last_name="L" * 150)

    by_person = timeline.append(incident, Kind.NOTE, by=person)
    by_machine = timeline.append(incident, Kind.NOTE, by=None)

    assert by_person.actor_name == str(person)[:200]
    assert (by_machine.actor, by_machine.actor_name) == (None, "Tocsin")
    assert found() == []


def test_every_incident_opens_its_timeline_with_who_reported_it_and_how(reporter):
    incident = make_report(reporter)

    first = entries_of(incident).first()
    assert (first.kind, first.actor, first.is_public) == (Kind.REPORTED, reporter, True)
    assert first.data == {"through": "portal"}


def test_the_command_is_content_with_whole_chains(incident):
    said = StringIO()

    call_command("verify_timeline", stdout=said)
    call_command("verify_timeline", incident.reference, stdout=said)

    assert said.getvalue().count("whole") == 2


def test_the_command_names_the_first_bad_entry_and_fails(unguarded):
    entries_of(unguarded).filter(sequence__in=[3, 4]).update(text="Changed")
    said = StringIO()

    with pytest.raises(CommandError) as failed:
        call_command("verify_timeline", stdout=said)

    assert failed.value.returncode == 1
    assert said.getvalue() == f"{unguarded.reference}: entry 3: its content was changed\n"


def test_the_command_looks_only_where_it_is_asked_to(unguarded):
    other = make_incident()
    entries_of(unguarded).filter(sequence=3).update(text="Changed")
    said = StringIO()

    call_command("verify_timeline", other.reference, stdout=said)

    assert "whole" in said.getvalue()


@pytest.mark.parametrize("reference", ["nonsense", "INC-0", "INC-99999999999999999999", "7"])
def test_the_command_says_what_a_reference_looks_like(reference, incident):
    with pytest.raises(CommandError, match="INC-000123"):
        call_command("verify_timeline", reference)
