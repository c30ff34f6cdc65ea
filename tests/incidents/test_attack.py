"""The attack timeline keeps when it happened apart from when it was typed in."""

import pytest
from django.core.exceptions import ValidationError

from incidents import attack, rights, timeline
from incidents.models.timeline import Kind
from incidents.states import State
from tests.factories import make_incident, make_user

pytestmark = pytest.mark.django_db

THEN = "2026-11-19T16:20:00+01:00"


def test_an_act_of_the_attacker_has_a_moment_of_its_own():
    incident = make_incident(State.TRIAGE)

    entry = attack.note(
        incident,
        "Share link made.",
        happened_at=THEN,
        precision="about",
        by=make_user("h", "handler"),
    )

    assert entry.kind == Kind.ATTACK
    assert entry.data == {"happened_at": "2026-11-19T15:20:00+00:00", "precision": "about"}
    assert not entry.is_public
    assert list(timeline.breaks([incident.pk])) == []


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"text": " "}, "text"),
        ({"happened_at": ""}, "happened_at"),
        ({"happened_at": "1980-01-01T00:00:00Z"}, "happened_at"),
        ({"happened_at": "soon"}, "happened_at"),
        ({"precision": "maybe"}, "precision"),
    ],
)
def test_what_cannot_be_used_is_told_by_field(words, field):
    incident = make_incident()
    handler = make_user("h", "handler")

    with pytest.raises(ValidationError) as refused:
        attack.note(incident, **{"text": "In.", "happened_at": THEN, "by": handler, **words})

    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize("group", ["", "auditor", "admin"])
def test_others_may_not_write_it(group):
    incident = make_incident()

    with pytest.raises(rights.Denied):
        attack.note(
            incident, "In.", happened_at=THEN, by=make_user("x", *([group] if group else []))
        )
