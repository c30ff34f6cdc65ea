"""Is it a personal data breach? The machine suspects, the team suspects, the DPO decides."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from incidents import breach, records
from incidents.models import Incident
from incidents.states import BreachStatus, State
from tests.attempts import is_allowed
from tests.factories import fresh, make_incident

# Who may record which judgement; ruling out and confirming is the DPO's (DOMAIN.md 1.3, 8)
MAY = {
    "suspected": {"agent", "handler", "manager", "ciso", "dpo"},
    "confirmed": {"dpo"},
    "ruled_out": {"dpo"},
}


@pytest.mark.parametrize("status", MAY)
def test_each_judgement_has_its_people(status, people):
    incident = make_incident(State.TRIAGE)

    allowed = {
        name
        for name, person in people.items()
        if is_allowed(lambda by=person: breach.judge(incident, status, by=by, reason="Seen."))
    }

    assert allowed == MAY[status]


def test_a_judgement_is_kept_with_its_reason_and_written_down(dpo):
    incident = make_incident(State.TRIAGE)

    judged = breach.judge(incident, "ruled_out", by=dpo, reason=" Only test data. ")

    assert (judged.breach_status, judged.breach_reason) == ("ruled_out", "Only test data.")
    entry = incident.timeline.filter(kind="change").last()
    assert (entry.actor, entry.text) == (dpo, "Only test data.")
    assert entry.data == {"breach_status": ["not_assessed", "ruled_out"]}


def test_the_machine_suspects_what_nobody_has_assessed(db):
    incident = make_incident(priority=4)

    breach.suspect(incident, why="DB v1: “data breach”")

    assert fresh(incident).breach_status == incident.breach_status == BreachStatus.SUSPECTED
    assert fresh(incident).priority == 2
    assert incident.timeline.filter(kind="change").last().text == "DB v1: “data breach”"


@pytest.mark.parametrize("judged", ["confirmed", "ruled_out"])
def test_the_machine_never_touches_what_a_person_has_judged(judged, dpo):
    incident = make_incident(State.TRIAGE)
    breach.judge(incident, judged, by=dpo, reason="As the logs show.")
    before = incident.timeline.filter(kind="change").count()

    breach.suspect(incident, why="another keyword")

    assert fresh(incident).breach_status == judged
    assert incident.timeline.filter(kind="change").count() == before


@pytest.mark.parametrize(
    ("status", "reason", "field"),
    [
        ("not_assessed", "Because.", "breach_status"),
        ("maybe", "Because.", "breach_status"),
        ("", "Because.", "breach_status"),
        ("ruled_out", "", "breach_reason"),
        ("ruled_out", "\u200b\u2060", "breach_reason"),
        ("ruled_out", "NUL \x00", "breach_reason"),
        ("ruled_out", "\udfff", "breach_reason"),
        ("ruled_out", "x" * 20_001, "breach_reason"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_changes(status, reason, field, dpo):
    incident = make_incident(State.TRIAGE)
    before = Incident.objects.values().get(pk=incident.pk)

    with pytest.raises(ValidationError) as refused, transaction.atomic():
        breach.judge(incident, status, by=dpo, reason=reason)

    assert set(refused.value.message_dict) == {field}
    assert Incident.objects.values().get(pk=incident.pk) == before


def test_a_closed_incident_is_not_judged(dpo):
    with pytest.raises(records.Closed):
        breach.judge(make_incident(State.CLOSED), "ruled_out", by=dpo, reason="Too late.")
