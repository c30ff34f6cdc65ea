"""Check your answers: all of them on one page, each to be changed, and one button that ends it."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.models import Incident, Tenant, VirtualMachine, Workspace
from portal.models import Questionnaire
from tests.factories import fresh
from tests.portal.selfservice.typed import (
    EVERYTHING,
    STORY,
    picture,
    question,
    reported,
    signed_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def client(reporter) -> Client:
    return signed_in(reporter)


@pytest.fixture
def incident(client) -> Incident:
    reported(client)
    return Incident.objects.get()


def check(client: Client, incident: Incident) -> str:
    return client.get(question(incident.reference, "check")).content.decode()


def answers(page: str) -> dict[str, str]:
    """What stands beside each question."""
    rows = re.findall(r"<dt>([^<]+)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    return {label: " | ".join(re.findall(r">([^<>]+)<", said)) for label, said in rows}


def test_only_what_was_said_is_shown_as_answered(client, incident):
    client.post(question(incident.reference, "users"))

    found = answers(check(client, incident))

    assert found["What happened"] == STORY
    assert found["Noticed"] == "Not asked yet"
    assert found["Users affected"] == "No answer"


def test_every_answer_is_there_in_words(client, incident, reporter):
    tenant = Tenant.objects.create(name="University of Utopia")
    workspace = Workspace.objects.create(name="ws-cardio", tenant=tenant)
    workspace.members.add(reporter)
    VirtualMachine.objects.create(name="vm-cardio-01", workspace=workspace)
    for name, sent in EVERYTHING.items():
        client.post(question(incident.reference, name), sent)
    client.post(question(incident.reference, "files"), {"files": [picture()]})

    found = answers(check(client, incident))

    assert "When did it begin: 1 January 2026 10:00" in found["Noticed"]
    assert "On another day" in found["Noticed"]
    assert found["Still going on"] == "No"
    assert found["About"] == "Personal or study data in the wrong hands"
    assert found["Data about people"] == "Yes"
    assert "Health, genetic or biometric data" in found["The data"]
    assert "of patients" in found["The data"]
    assert "ws-cardio" in found["Workspaces and machines"]
    assert "vm-9" in found["Workspaces and machines"]
    assert found["Users affected"] == "2 to 10"
    assert "Changed a password" in found["Already done"]
    assert "PL-1" in found["Already done"]
    assert found["Files"] == "screen.png"
    assert "my own phone" in found["Reaching you"]
    assert "Keep my name from the people involved" in found["Reaching you"]
    assert "Not asked yet" not in found.values()


def test_only_questions_that_concern_the_report_are_listed(client, incident):
    before = answers(check(client, incident))

    client.post(question(incident.reference, "about"), {"about": "supplier"})

    assert "Supplier" not in before
    assert "Supplier" in answers(check(client, incident))


def test_an_answer_that_is_changed_leads_back_to_the_check(client, incident):
    path = question(incident.reference, "ongoing") + "?then=check"
    link = f'href="{path}"'
    page = check(client, incident)
    form = client.get(path).content.decode()

    response = client.post(path, {"ongoing": "yes"})

    assert link in page
    assert f'action="{path}"' in form
    assert 'name="skip"' not in form
    assert response.url == question(incident.reference, "check")
    assert answers(check(client, incident))["Still going on"] == "Yes"


def test_the_first_answer_can_be_changed_too(client, incident):
    path = question(incident.reference, "what") + "?then=check"
    form = client.get(path).content.decode()

    client.post(path, {"description": "Two doors stood open. Nobody was there."})

    assert STORY in form
    stored = fresh(incident)
    assert stored.description == "Two doors stood open. Nobody was there."
    assert stored.subject == "Two doors stood open."


def test_submitting_ends_the_questions_and_shows_the_receipt(client, incident):
    response = client.post(question(incident.reference, "check"))

    assert response.url == f"/report/done/{incident.reference}/"
    assert Questionnaire.objects.get().sent_at is not None


def test_what_was_sent_can_still_be_read_and_no_longer_changed(client, incident, agent, outsider):
    client.post(question(incident.reference, "users"), {"users_affected": "2-10"})
    client.post(question(incident.reference, "check"))

    page = client.get(question(incident.reference, "check")).content.decode()

    assert "<h1>Your answers</h1>" in page
    assert "2 to 10" in page
    assert "?then=check" not in page
    assert "Submit report" not in page
    assert "Your answers" in client.get(f"/tickets/{incident.reference}/").content.decode()
    for stranger in (agent, outsider):
        path = question(incident.reference, "check")
        assert signed_in(stranger).get(path).status_code == 404


def test_submitting_twice_makes_one_ticket_and_one_end(client, incident):
    client.post(question(incident.reference, "check"))
    sent_at = Questionnaire.objects.get().sent_at

    response = client.post(question(incident.reference, "check"))

    assert response.url == f"/report/done/{incident.reference}/"
    assert Questionnaire.objects.get().sent_at == sent_at
    assert Incident.objects.count() == 1


def test_the_files_are_asked_for_once(client, incident):
    client.post(question(incident.reference, "files"), {"files": [picture()]})

    with CaptureQueriesContext(connection) as asked:
        check(client, incident)

    assert len([each for each in asked if '"incidents_evidence"' in each["sql"]]) == 1


def test_the_agent_checks_for_the_caller(agent):
    client = signed_in(agent)
    reference = reported(client, contact_name="Jan", contact_phone="+31 6 0000 0042")

    page = client.get(question(reference, "check")).content.decode()
    response = client.post(question(reference, "check"), follow=True)

    assert "+31 6 0000 0042" in answers(page)["Reaching you"]
    assert "The reference for Jan" in response.content.decode()


def test_what_was_typed_is_shown_as_text(client, incident):
    client.post(question(incident.reference, "reach"), {"safe_channel": "<b>bold</b>"})

    page = check(client, incident)

    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<b>bold</b>" not in page
