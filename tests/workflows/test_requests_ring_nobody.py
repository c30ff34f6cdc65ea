"""A request for a signature and the word of a broken glass are no pages: they silence nothing."""

import pytest

from incidents import break_glass, need_to_know, signatures
from incidents.models import SecondSignature
from incidents.states import Priority, State
from tests.factories import fresh, make_incident, make_user
from workflows import alerts, delivery, ledger
from workflows.models import Alert

WHY = "The logs of last week show only the drill."


@pytest.fixture
def incident(team):
    """New, P2, and a second signature is asked for."""
    found = make_incident(State.NEW, priority=Priority.P2, severity=4, urgency=4)
    signatures.ask(
        found, SecondSignature.Act.LOWER_PRIORITY, {"priority": 3}, by=team["handler"], reason=WHY
    )
    return found


def ring(incident) -> set[str]:
    rows = alerts.request(
        incident, roles=["MIM", "CISO"], why="a test", cause="test", priority=incident.priority
    )
    return {row.recipient.username for row in rows}


def test_whoever_may_sign_is_still_rung(incident):
    assert incident.alerts.filter(recipient__username="manager", template="signature").exists()

    assert ring(incident) == {"manager", "ciso"}


def test_acknowledging_the_request_stops_no_ringing(incident, manager):
    ring(incident)
    asked = incident.alerts.get(recipient=manager, template="signature")

    alerts.acknowledge(asked, by=manager)

    page = incident.alerts.get(recipient=manager, template="alert")
    assert fresh(asked).acknowledged_by == manager
    assert page.acknowledged_at is None
    assert fresh(incident.escalation).stopped_at is None


def test_acknowledging_the_page_leaves_the_request_open(incident, manager):
    ring(incident)

    alerts.acknowledge(incident.alerts.get(recipient=manager, template="alert"), by=manager)

    assert incident.alerts.get(recipient=manager, template="signature").acknowledged_at is None
    assert fresh(incident.escalation).stopped_at is not None


def test_a_signed_request_does_not_make_the_incident_answered(incident, manager):
    ring(incident)

    signatures.agree(incident.signatures.get(), by=manager)

    assert incident.alerts.filter(template="signature", acknowledged_at=None).count() == 0
    assert list(ledger.unanswered(type(incident).objects.all())) == [incident]


def test_a_request_that_cannot_be_mailed_hastens_nothing(incident):
    ring(incident)
    asked = incident.alerts.filter(template="signature").first()
    Alert.objects.filter(pk=asked.pk).update(state=Alert.State.SENDING)

    delivery.note_failure(fresh(asked), "550 no such mailbox", is_permanent=True)

    assert fresh(asked).state == Alert.State.FAILED
    assert fresh(incident.escalation).next_level == 2


def test_the_word_of_a_broken_glass_is_no_page_either(manager, ciso, dpo):
    found = make_incident(State.TRIAGE, handler=manager)
    closed = need_to_know.restrict(found, [ciso], by=manager, reason="About a colleague.")
    alerts.acknowledge(closed.alerts.get(recipient=ciso), by=ciso)
    root = make_user("root", is_superuser=True)
    break_glass.open_for(closed.reference, by=root, reason="All named people are on the plane.")
    told = closed.alerts.get(recipient=ciso, template="break_glass")
    assert ring(closed) == {"manager", "ciso"}
    alerts.acknowledge(told, by=ciso)

    assert fresh(closed.escalation).stopped_at is None
    assert closed.alerts.filter(recipient=ciso, acknowledged_at=None).count() == 1
