"""Whoever is called in a note gets a mail with the number and a link, and nothing else."""

import pytest

from incidents import access, conversation
from incidents.models import Incident
from incidents.states import Confidentiality, State
from tests.factories import make_incident, make_user
from workflows import delivery, messages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

TEXT = "@ann the share was open, says Marta"


@pytest.fixture
def ann():
    return make_user("ann", "handler", language="en")


@pytest.fixture
def agent():
    return make_user("agent", "agent")


def test_the_mail_says_the_number_and_the_link_only(ann, agent):
    incident = make_incident(State.TRIAGE)

    conversation.note(incident, TEXT, by=agent)

    row = incident.alerts.get(template="mention")
    mail = messages.render(row)
    assert (row.recipient, row.kind, row.state) == (ann, "notice", "waiting")
    assert mail.subject == f"{incident.reference}: a colleague calls you by name"
    assert f"/admin/incidents/incident/{incident.pk}/change/" in mail.text
    assert "Marta" not in mail.text
    assert incident.subject not in mail.text


def test_each_note_tells_once_and_a_stranger_is_not_told(ann, agent):
    incident = make_incident(State.TRIAGE)

    conversation.note(incident, f"{TEXT} @ann @a-reporter", by=agent)
    conversation.note(incident, TEXT, by=agent)

    rows = incident.alerts.filter(template="mention")
    assert [row.recipient for row in rows] == [ann, ann]


def test_of_a_restricted_incident_only_named_people_hear_and_the_subject_is_quiet(ann, agent):
    boss = make_user("boss", "manager")
    incident = make_incident(State.TRIAGE, confidentiality=Confidentiality.RESTRICTED)
    access.restrict_to(incident, [agent, boss])

    conversation.note(incident, "@ann and @boss", by=agent)

    row = incident.alerts.get(template="mention")
    assert row.recipient == boss
    assert incident.reference not in messages.render(row).subject


def test_the_mail_is_sent_to_who_may_see_it_and_to_nobody_else(ann, agent, mailoutbox):
    incident, hidden = make_incident(State.TRIAGE), make_incident(State.TRIAGE)
    for each in (incident, hidden):
        conversation.note(each, TEXT, by=agent)
    Incident.objects.filter(pk=hidden.pk).update(confidentiality=Confidentiality.RESTRICTED)

    for each in (incident, hidden):
        delivery.send(each.alerts.get(template="mention").pk)

    assert [mail.to for mail in mailoutbox] == [[ann.email]]
    assert not hidden.alerts.get(template="mention").attempts.get().succeeded
