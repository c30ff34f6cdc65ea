"""An update is mailed to each Accountable through the ledger, without its words."""

import pytest

from incidents import conversation
from incidents.models import Incident, Tenant, Workspace
from incidents.models.timeline import Kind
from incidents.states import Confidentiality, State
from tests.factories import make_incident, make_user
from workflows import delivery, messages
from workflows.models import Alert

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "team")]

NEWS = "The machine is cut off."


@pytest.fixture
def first(db):
    return make_user("first", language="nl")


@pytest.fixture
def second(db):
    return make_user("second")


@pytest.fixture
def incident(reporter, first, second, team, reference):
    incident = make_incident(State.TRIAGE, reporter=reporter)
    tenant = Tenant.objects.create(name="Vestmark")
    for name, person in (("ws-a", first), ("ws-b", first), ("ws-c", second), ("ws-d", reporter)):
        workspace = Workspace.objects.create(name=name, tenant=tenant, accountable=person)
        incident.workspaces.add(workspace)
    return incident


def shared(incident, manager) -> dict[str, Alert]:
    conversation.share(incident, NEWS, by=manager)
    rows = incident.alerts.filter(template="shared").select_related("recipient", "incident")
    return {row.recipient.username: row for row in rows}


def test_each_accountable_gets_one_mail_for_each_update(incident, manager):
    shared(incident, manager)
    rows = shared(incident, manager)

    assert set(rows) == {"first", "second"}
    assert incident.alerts.filter(template="shared").count() == 4
    assert {(row.kind, row.channel, row.state) for row in rows.values()} == {
        ("notice", "mail", "waiting")
    }


def test_the_reporter_is_told_as_the_reporter(incident, manager, reporter):
    shared(incident, manager)

    row = incident.alerts.get(template="reply")
    assert (row.kind, row.recipient) == ("notice", reporter)


def test_the_mail_names_ones_own_workspaces_and_nothing_else(incident, manager):
    rows = shared(incident, manager)

    mine, theirs = messages.render(rows["first"]), messages.render(rows["second"])

    assert "ws-a, ws-b" in mine.text
    assert "ws-c" not in mine.text
    assert "ws-c" in theirs.text
    assert "ws-a" not in theirs.text
    assert f"/tickets/shared/{incident.reference}/" in theirs.text
    for message in (mine, theirs):
        assert incident.reference in message.subject
        assert not [
            word
            for word in (NEWS, incident.subject, "reporter", incident.description)
            if word in message.text + message.subject
        ]


def test_nobody_is_mailed_in_the_language_of_the_reporter(incident, manager):
    Incident.objects.filter(pk=incident.pk).update(language="fr")

    rows = shared(Incident.objects.get(pk=incident.pk), manager)

    assert messages.language_of(rows["first"]) == "nl"
    assert messages.language_of(rows["second"]) == "en"


def test_the_timeline_says_who_was_written_to(incident, manager):
    shared(incident, manager)

    told = [
        entry.data["told"]
        for entry in incident.timeline.filter(kind=Kind.ALERT)
        if entry.data.get("to") == "accountables"
    ]
    assert told == [["first", "second"]]


def test_it_is_sent_and_proven(incident, manager, mailoutbox):
    row = shared(incident, manager)["second"]

    delivery.send(row.pk)

    assert [mail.to for mail in mailoutbox] == [["second@tocsin.test"]]
    assert row.attempts.get().succeeded


@pytest.mark.parametrize("change", ["restricted", "another accountable"])
def test_it_is_not_sent_when_it_is_no_longer_theirs(incident, manager, mailoutbox, change):
    row = shared(incident, manager)["second"]
    if change == "restricted":
        incidents = Incident.objects.filter(pk=incident.pk)
        incidents.update(confidentiality=Confidentiality.RESTRICTED)
    else:
        incident.workspaces.filter(name="ws-c").update(accountable=manager)

    delivery.send(row.pk)

    assert mailoutbox == []
    assert not row.attempts.get().succeeded
    assert incident.timeline.get(kind=Kind.PROBLEM).text.endswith("delivered to second.")


def test_an_accountable_without_an_address_costs_nobody_else_the_mail(
    incident, manager, second, mailoutbox
):
    type(second).objects.filter(pk=second.pk).update(email="")
    rows = shared(incident, manager)

    for row in rows.values():
        delivery.send(row.pk)

    assert [mail.to for mail in mailoutbox] == [["first@tocsin.test"]]
