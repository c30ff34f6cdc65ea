"""How bad, how fast, what first (DOMAIN.md 2). The machine only raises; people may lower."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from incidents import breach, facts, grading, lifecycle, records, rights, risk
from incidents.guards import SignatureRefused
from incidents.models import Incident, PriorityChange
from incidents.states import Ongoing, State
from tests.attempts import is_allowed
from tests.factories import ASSESSMENT, fresh, make_category, make_incident, make_report

# DOMAIN.md 2.3, copied
MATRIX = """
     U1 U2 U3 U4
SEV1 P1 P1 P1 P2
SEV2 P1 P2 P2 P3
SEV3 P2 P3 P3 P4
SEV4 P3 P4 P4 P4
"""
CELLS = [
    (severity, urgency, int(cell[1]))
    for severity, row in enumerate(MATRIX.split("\n")[2:6], 1)
    for urgency, cell in enumerate(row.split()[1:], 1)
]


@pytest.mark.parametrize(("severity", "urgency", "priority"), CELLS)
def test_the_matrix_gives_the_priority(severity, urgency, priority):
    assert len(CELLS) == 16

    assert grading.priority_of(severity, urgency) == priority


def scales(*values):
    return dict(zip(grading.SCALES, values, strict=False))


@pytest.mark.parametrize(
    ("given", "severity"),
    [
        (scales(4, 4, 4, 4), 4),
        (scales(4, 4, 4, 1), 1),
        (scales(2, 3, 4, 3), 2),
        (scales(3, 3, 3, 3), 3),
        # Unknown is one step worse than the known evidence, never none
        (scales("unknown", 4, 4, 4), 3),
        (scales("unknown", "unknown", "unknown", 2), 1),
        (scales(1, "unknown", 4, 4), 1),
        (scales(3), 2),
        (scales(*["unknown"] * 4), 2),
        ({}, 2),
    ],
)
def test_the_severity_is_the_worst_of_the_four_scales(given, severity):
    assert grading.severity_of(given) == severity


@pytest.mark.parametrize(
    "given",
    [
        scales(0, 4, 4, 4),
        scales(5, 4, 4, 4),
        scales("bad", 4, 4, 4),
        scales(None, 4, 4, 4),
        scales([1], 4, 4, 4),
        scales(2.0, 4, 4, 4),
        {"colour": 1},
    ],
)
def test_a_scale_that_does_not_exist_is_refused(given):
    with pytest.raises(ValidationError) as refused:
        grading.severity_of(given)

    assert set(refused.value.message_dict) == {"scales"}


@pytest.mark.parametrize(("ongoing", "urgency"), [("yes", 2), ("unknown", 2), ("no", 3)])
def test_the_first_urgency_comes_from_still_going_on(ongoing, urgency):
    assert grading.urgency_of(Ongoing(ongoing)) == urgency


def test_a_report_opens_the_history(reporter):
    incident = make_report(reporter, answers={"ongoing": "no"})

    (first, *_rest) = incident.priority_changes.all()
    assert (first.old_priority, first.new_priority, first.by_name) == (None, 3, "Tocsin")
    assert first.why == "as reported"


def test_the_machine_raises_and_never_lowers(db):
    incident = make_incident()

    assert grading.raise_to(incident, why="a rule", severity=2, priority=1)
    assert not grading.raise_to(incident, why="another rule", severity=4, priority=4)

    assert (fresh(incident).severity, fresh(incident).priority) == (2, 1)
    assert (incident.severity, incident.priority) == (2, 1)
    assert incident.priority_changes.filter(why="a rule").count() == 1
    assert not incident.priority_changes.filter(why="another rule").exists()


def test_the_machine_leaves_a_severity_that_a_person_set(handler):
    incident = make_incident(State.TRIAGE)
    grading.regrade(incident, by=handler, why="Harmless.", severity=4)

    grading.raise_to(incident, why="a rule", severity=1, priority=2)

    assert (fresh(incident).severity, fresh(incident).severity_by) == (4, handler)
    assert fresh(incident).priority == 2


@pytest.mark.parametrize(
    ("username", "raises", "lowers"),
    [
        ("reporter", False, False),
        ("outsider", False, False),
        ("auditor", False, False),
        ("admin", False, False),
        ("dpo", False, False),
        ("agent", True, False),
        ("handler", True, True),
        ("manager", True, True),
        ("ciso", True, True),
    ],
)
def test_any_agent_raises_and_only_a_handler_or_above_lowers(username, raises, lowers, people):
    incident = make_incident(State.TRIAGE, priority=3)

    def may(priority: int) -> bool:
        why = {"by": people[username], "why": "Because."}
        return is_allowed(lambda: grading.regrade(incident, priority=priority, **why))

    assert (may(2), may(4)) == (raises, lowers)
    assert fresh(incident).priority == 3


@pytest.mark.parametrize(("username", "sets"), [("agent", False), ("handler", True)])
def test_an_agent_does_not_set_the_severity(username, sets, team):
    incident = make_incident(State.TRIAGE)

    if sets:
        grading.regrade(incident, by=team[username], why="Two tenants.", severity=2)
    else:
        with pytest.raises(rights.Denied):
            grading.regrade(incident, by=team[username], why="Two tenants.", severity=2)

    assert fresh(incident).severity_by == (team[username] if sets else None)


def test_the_priority_follows_the_matrix_upwards_only(handler):
    incident = make_incident(State.TRIAGE, priority=3, urgency=3)

    raised = grading.regrade(incident, by=handler, why="It spreads.", severity=2, urgency=1)
    assert raised.priority == 1

    kept = grading.regrade(incident, by=handler, why="It stopped.", severity=4, urgency=4)
    assert (kept.severity, kept.urgency, kept.priority) == (4, 4, 1)


def test_the_scales_set_the_severity_and_stay_on_the_record(handler):
    incident = make_incident(State.TRIAGE)

    graded = grading.regrade(incident, by=handler, why="Scored.", scales=scales(4, 2, 4, 4))

    assert (graded.severity, graded.severity_by) == (2, handler)
    assert fresh(incident).scales == scales(4, 2, 4, 4)
    assert graded.priority_changes.last().inputs == {"scales": scales(4, 2, 4, 4)}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"why": ""}, "reason"),
        ({"why": " \n"}, "reason"),
        ({"why": "\u200b"}, "reason"),
        ({"why": "NUL \x00"}, "reason"),
        ({"why": "x" * 20_001}, "reason"),
        ({"severity": 0}, "severity"),
        ({"severity": 5}, "severity"),
        ({"urgency": 7}, "urgency"),
        ({"priority": 9}, "priority"),
        ({"scales": {"scope": 9}}, "scales"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_changes(given, field, handler):
    incident = make_incident(State.TRIAGE)
    before = Incident.objects.values().get(pk=incident.pk)

    with pytest.raises(ValidationError) as refused, transaction.atomic():
        grading.regrade(incident, by=handler, **{"why": "Because.", "priority": 2, **given})

    assert set(refused.value.message_dict) == {field}
    assert Incident.objects.values().get(pk=incident.pk) == before


def test_a_closed_incident_is_not_graded_anew(handler):
    incident = make_incident(State.CLOSED)

    with pytest.raises(records.Closed):
        grading.regrade(incident, by=handler, why="Later insight.", priority=2)


# What is true, and the priority below which it never falls (DOMAIN.md 2.3)
FLOORS = {
    "a suspected breach": (2, {"breach_status": "suspected"}, {}),
    "a confirmed breach": (2, {"breach_status": "confirmed"}, {}),
    "a breach of health data": (
        1,
        {"breach_status": "confirmed"},
        {"data_categories": ["health"]},
    ),
    "a breach with children": (
        1,
        {"breach_status": "confirmed"},
        {"subject_categories": ["children"]},
    ),
    "a breach of many people": (1, {"breach_status": "confirmed"}, {"subjects_most": 101}),
    "a breach of at least many": (1, {"breach_status": "confirmed"}, {"subjects_least": 101}),
    "a breach of a hundred": (2, {"breach_status": "confirmed"}, {"subjects_most": 100}),
    "only suspected health data": (
        2,
        {"breach_status": "suspected"},
        {"data_categories": ["health"]},
    ),
    "ransomware": (1, {"tags": ["x-ransomware"]}, {}),
    "an active intruder": (1, {"tags": ["x-active-intruder"]}, {}),
    "across tenants": (1, {"tags": ["x-cross-tenant"]}, {}),
    "a breach ruled out": (4, {"breach_status": "ruled_out"}, {}),
    "a near miss": (4, {"tags": ["x-near-miss"]}, {}),
}
PERSONAL = {
    **ASSESSMENT,
    "personal_data": "yes",
    "data_categories": ["contact"],
    "subject_categories": ["users"],
    "count_basis": "estimated",
    "identifiability": "direct",
    "recipient": "unknown",
}


@pytest.mark.parametrize(("floor", "facts_now", "assessed"), FLOORS.values(), ids=FLOORS)
def test_nobody_lowers_below_a_floor(floor, facts_now, assessed, handler, manager):
    incident = make_incident(State.TRIAGE)
    if assessed:
        risk.assess(incident, by=handler, **{**PERSONAL, **assessed})
    Incident.objects.filter(pk=incident.pk).update(priority=1, **facts_now)
    two = {"by": handler, "asked_by": manager, "why": "Calm down."}

    if floor < 4:
        with pytest.raises(ValidationError) as refused, transaction.atomic():
            grading.regrade(incident, priority=floor + 1, **two)
        assert set(refused.value.message_dict) == {"priority"}

    assert grading.regrade(incident, priority=floor, **two).priority == floor


@pytest.mark.parametrize(("before", "after", "alone"), [(1, 2, False), (2, 4, False), (3, 4, True)])
def test_nobody_lowers_p1_or_p2_alone(before, after, alone, handler):
    incident = make_incident(State.TRIAGE, priority=before, severity=4, urgency=4)

    if alone:
        grading.regrade(incident, by=handler, why="Calm down.", priority=after)
    else:
        with pytest.raises(SignatureRefused) as refused, transaction.atomic():
            grading.regrade(incident, by=handler, why="Calm down.", priority=after)
        assert [reason.code for reason in refused.value.reasons] == ["second_signature"]

    assert fresh(incident).priority == (after if alone else before)


def test_a_privileged_account_holds_the_priority(handler):
    incident = make_incident(State.TRIAGE)
    privileged = make_category("intrusions/privileged-account-compromise")
    Incident.objects.filter(pk=incident.pk).update(category=privileged)

    with pytest.raises(ValidationError):
        grading.regrade(incident, by=handler, why="Calm down.", priority=3)


def test_a_floor_raises_as_soon_as_it_holds(handler, dpo):
    make_category("intrusions/privileged-account-compromise")
    suspected, tagged, classified, declared = (
        make_incident(State.TRIAGE, priority=4) for _ in range(4)
    )

    breach.judge(suspected, "suspected", by=handler, reason="Names were inside.")
    facts.edit(tagged, {"tags": ["x-ransomware"]}, by=handler)
    facts.edit(classified, {"category": "intrusions/privileged-account-compromise"}, by=handler)
    risk.assess(declared, by=handler, **ASSESSMENT)
    Incident.objects.filter(pk=declared.pk).update(severity_by=handler)
    lifecycle.transition(
        declared,
        "declare",
        by=handler,
        inputs={"category": "intrusions/privileged-account-compromise"},
    )

    assert [fresh(each).priority for each in (suspected, tagged, classified, declared)] == [
        2,
        1,
        2,
        2,
    ]
    assert suspected.priority_changes.last().why == "a personal data breach is not ruled out"


def test_an_assessment_that_shows_a_grave_breach_raises_at_once(handler, dpo):
    incident = make_incident(State.TRIAGE, priority=3)
    breach.judge(incident, "confirmed", by=dpo, reason="Seen in the logs.")

    risk.assess(incident, by=handler, **{**PERSONAL, "data_categories": ["genetic"]})

    assert fresh(incident).priority == 1


def test_every_change_is_a_row_and_an_entry_with_its_reason(handler):
    incident = make_incident(State.TRIAGE)

    grading.regrade(incident, by=handler, why="It spreads.", severity=2, urgency=1)

    change = incident.priority_changes.last()
    assert (change.by, change.by_name, change.why) == (handler, "handler", "It spreads.")
    assert (change.old_severity, change.new_severity) == (3, 2)
    entry = incident.timeline.filter(kind="priority").last()
    assert (entry.actor, entry.text) == (handler, "It spreads.")
    assert entry.data["severity"] == [3, 2]
    assert entry.data["urgency"] == [2, 1]


def test_a_row_of_the_history_never_changes(db):
    change = make_incident().priority_changes.first()

    with pytest.raises(IntegrityError), transaction.atomic():
        PriorityChange.objects.filter(pk=change.pk).update(why="Nothing.")
    with pytest.raises(IntegrityError), transaction.atomic():
        PriorityChange.objects.filter(pk=change.pk)._raw_delete("default")

    assert fresh(change).why == "as reported"
