import pytest
from django.core.management import call_command

from incidents.states import Confidentiality
from tests.console import Console, on, words_of
from tests.factories import fresh, make_report, make_user
from workflows import ledger
from workflows.models import Alert

LEDGER = "workflows/alert/"


@pytest.fixture(autouse=True)
def shipped(db):
    call_command("sync_reference", verbosity=0)


@pytest.fixture
def incident(agent, handler, reporter):
    return make_report(reporter.user, subject="A data breach", description="A data breach today.")


def alert_of(incident, console):
    return Alert.objects.get(incident=incident, recipient=console.user, kind=Alert.Kind.ALERT)


def test_the_ledger_shows_who_was_told(incident, handler):
    page = words_of(handler.get(LEDGER))

    assert incident.reference in page
    assert "handler" in page


def test_the_incident_page_shows_the_proof(incident, handler):
    handler.post(f"{LEDGER}{alert_of(incident, handler).pk}/acknowledge/")

    page = words_of(handler.get(on(incident)))

    assert "1 acknowledged" in page


def test_only_its_recipient_acknowledges_and_only_by_post(incident, agent, handler):
    alert = alert_of(incident, handler)
    path = f"{LEDGER}{alert.pk}/acknowledge/"

    looked, sent = handler.get(path), agent.client.post(f"/admin/{path}", follow=True)

    assert looked.status_code == 405
    assert "Only its recipient acknowledges an alert." in words_of(sent)
    assert fresh(alert).acknowledged_at is None
    handler.post(path)
    assert fresh(alert).acknowledged_at is not None


def test_alerts_of_what_one_may_not_see_are_not_there(incident, agent, handler, reporter):
    type(incident).objects.filter(pk=incident.pk).update(confidentiality=Confidentiality.RESTRICTED)
    incident.named_people.create(person=handler.user)
    path = f"{LEDGER}{alert_of(incident, handler).pk}/change/"

    assert handler.get(path).status_code == 200
    assert agent.get(path).status_code == 404
    assert incident.reference not in words_of(agent.get(LEDGER))
    assert reporter.get(path).status_code == 403


def test_the_ledger_is_for_ever(incident, handler):
    alert = alert_of(incident, handler)

    for page in ("delete", "history"):
        assert handler.post(f"{LEDGER}{alert.pk}/{page}/", post="yes").status_code == 404
    assert handler.post(f"{LEDGER}{alert.pk}/change/", state="sent").status_code == 405
    assert handler.get(f"{LEDGER}add/").status_code == 404
    assert Alert.objects.filter(pk=alert.pk).exists()


def test_a_confidential_reporter_is_not_named_as_a_recipient(agent, handler):
    person = make_user("wilhelmina")
    incident = make_report(
        person,
        subject="A data breach",
        description="A data breach today.",
        answers={"is_name_confidential": True},
    )
    receipt = Alert.objects.get(incident=incident, kind=Alert.Kind.RECEIPT)

    pages = [agent.get(LEDGER), agent.get(f"{LEDGER}{receipt.pk}/change/"), agent.get(on(incident))]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert [page for page in pages if "wilhelmina" in words_of(page)] == []


def test_an_alarm_is_unanswered_until_somebody_acknowledges(incident, agent, handler):
    waiting = type(incident).objects.filter(pk=incident.pk)

    before = ledger.unanswered(waiting).count()
    in_queue = words_of(agent.get("incidents/incident/", alarm="unanswered"))
    handler.post(f"{LEDGER}{alert_of(incident, handler).pk}/acknowledge/")

    assert before == 1
    assert incident.reference in in_queue
    assert ledger.unanswered(waiting).count() == 0


def test_people_of_other_roles_see_alerts_only_of_their_own_incidents(incident, agent):
    hr = Console(make_user("hr", "hr"))

    assert incident.reference not in words_of(hr.get(LEDGER))
    assert incident.reference in words_of(agent.get(LEDGER))
