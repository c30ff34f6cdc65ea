"""A request to reopen rings whoever can decide, once, with proof, and until it is settled."""

import pytest
from django.utils import timezone

from incidents import access, conversation, lifecycle
from incidents.models import Incident
from incidents.states import Confidentiality, State
from tests.factories import make_incident
from workflows import escalation, messages
from workflows.models import Alert, Escalation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "team")]

WHY = "It happened again this morning."


@pytest.fixture
def closed(reporter, handler, team, reference):
    return make_incident(State.CLOSED, reporter=reporter, handler=handler, owner=handler)


def ask(incident, text=WHY) -> list[Alert]:
    """Ask, and give the alerts that it made."""
    before = set(incident.alerts.values_list("pk", flat=True))
    conversation.ask_to_reopen(incident, text, by=incident.reporter)
    return list(incident.alerts.exclude(pk__in=before).order_by("pk"))


def names(rows) -> list[str]:
    return [row.recipient.username for row in rows]


def test_it_rings_the_owner_once(closed):
    rows = ask(closed)

    assert names(rows) == ["handler"]
    assert {(row.kind, row.template, row.state) for row in rows} == {
        ("alert", "reopening", "waiting")
    }
    assert Escalation.objects.get(incident=closed).stopped_at is None


@pytest.mark.parametrize("owner", ["nobody", "left", "not of the team"])
def test_without_an_owner_who_can_decide_it_rings_the_handlers(closed, outsider, agent, owner):
    new = {"nobody": None, "left": agent, "not of the team": outsider}[owner]
    type(agent).objects.filter(pk=agent.pk).update(is_active=False)
    Incident.objects.filter(pk=closed.pk).update(owner=new)
    closed.refresh_from_db()

    assert names(ask(closed)) == ["handler"]


def test_an_unanswered_page_from_before_the_closing_does_not_hide_it(closed, agent):
    Incident.objects.filter(pk=closed.pk).update(owner=agent)
    closed.refresh_from_db()
    assert closed.alerts.filter(recipient=agent, acknowledged_at=None).exists()

    assert names(ask(closed)) == ["agent"]


def test_words_that_call_for_more_ring_the_others_and_the_owner_still_once(closed):
    rows = ask(closed, "It is a data breach, and there is ransomware on the machine.")

    assert sorted(names(rows)) == ["agent", "handler"]


def test_each_request_rings_anew(closed, agent):
    first = ask(closed)
    conversation.reply(closed, "It was the old mail, shown again.", by=agent)
    Alert.objects.filter(pk__in=[row.pk for row in first]).update(acknowledged_at=timezone.now())

    second = [row for row in ask(closed) if row.kind == Alert.Kind.ALERT]

    assert names(second) == ["handler"]


def test_of_a_restricted_one_only_named_people_are_rung(closed, manager):
    access.restrict_to(closed, [manager])
    Incident.objects.filter(pk=closed.pk).update(confidentiality=Confidentiality.RESTRICTED)
    closed.refresh_from_db()

    assert names(ask(closed)) == ["manager"]


def test_the_mail_names_the_request_and_nothing_of_its_words(closed):
    (row,) = ask(closed)

    message = messages.render(row)

    assert "asks to reopen" in message.subject
    assert closed.reference in message.subject
    assert "/a/" in message.text
    assert WHY not in message.text
    assert closed.subject not in message.text + message.subject


def test_without_an_acknowledgement_the_next_are_rung(closed):
    ask(closed)
    row = Escalation.objects.get(incident=closed)

    escalation.advance(row.next_at)

    assert closed.alerts.filter(template="escalation", recipient__username="manager").exists()


@pytest.mark.parametrize("way", ["reopen", "answer"])
def test_deciding_stops_the_ringing(closed, handler, way):
    ask(closed)

    if way == "reopen":
        lifecycle.transition(closed, "reopen", by=handler, inputs={"reason": "It is back."})
    else:
        conversation.reply(closed, "It was the old mail, shown again.", by=handler)

    assert Escalation.objects.get(incident=closed).stopped_at is not None
    assert not closed.alerts.filter(template="reopening", acknowledged_at=None).exists()


def test_a_reply_on_an_open_one_acknowledges_nothing(reporter, agent):
    incident = make_incident(State.NEW, reporter=reporter)

    conversation.reply(incident, "We look at it.", by=agent)

    assert Escalation.objects.get(incident=incident).stopped_at is None
    assert incident.alerts.filter(recipient=agent, kind="alert", acknowledged_at=None).exists()
