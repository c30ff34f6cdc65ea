"""Reporting in the portal: who may, what is kept, and that two clicks make one ticket."""

import pytest
from django.test import Client

from incidents.models import Incident, Tenant, VirtualMachine, Workspace
from incidents.states import Confidentiality, Door
from tests.portal.selfservice.typed import answers, form_key, picture, signed_in, summary, without

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def workspace(reporter) -> Workspace:
    tenant = Tenant.objects.create(name="University of Utopia")
    mine = Workspace.objects.create(name="ws-cardio", tenant=tenant)
    mine.members.add(reporter)
    VirtualMachine.objects.create(name="vm-cardio-01", workspace=mine)
    Workspace.objects.create(name="ws-of-others", tenant=tenant)
    return mine


def test_five_answers_make_a_report(reporter):
    response = signed_in(reporter).post("/report/", answers(personal_data="unknown"))

    incident = Incident.objects.get()
    assert response.url == f"/report/done/{incident.reference}/"
    assert (incident.reporter, incident.reported_via) == (reporter, Door.PORTAL)
    assert (incident.ongoing, incident.personal_data) == ("no", "unknown")
    assert incident.noticed_at_precision == "exact"


def test_every_question_can_be_answered(reporter, workspace):
    sent = answers(
        about="data_breach",
        workspaces=["ws-cardio"],
        workspaces_text="the old one, ws-of-others",
        virtual_machines=["vm-cardio-01"],
        virtual_machines_text="vm-9",
        users_affected="2-10",
        concerned="laptop 17",
        data_kinds=["health", "contact"],
        data_kinds_text="of patients",
        people_affected="about 340",
        data_location="inside_workspace",
        data_recipient="known_trusted",
        data_recipient_text="a colleague",
        occurred_from="2026-11-01T10:00",
        occurred_to="2026-11-01T11:00",
        already_done=["password"],
        already_done_text="locked the door",
        supplier="ACME",
        reported_elsewhere="police",
        reported_elsewhere_reference="PL-1",
        contact_phone="+31 85 000 01 42",
        safe_channel="my own phone",
        on_behalf_of="Jan",
        is_name_confidential="on",
        files=[picture()],
    )

    response = signed_in(reporter).post("/report/", sent)

    assert response.status_code == 302, summary(response)
    incident = Incident.objects.get()
    assert [each.name for each in incident.workspaces.all()] == ["ws-cardio"]
    assert incident.workspaces_text.splitlines() == ["the old one", "ws-of-others"]
    assert [each.name for each in incident.virtual_machines.all()] == ["vm-cardio-01"]
    assert incident.virtual_machines_text == "vm-9"
    assert incident.data_kinds.splitlines() == [
        "Health, genetic or biometric data",
        "Names, addresses, telephone numbers",
        "of patients",
    ]
    assert incident.already_done == "Changed a password\nlocked the door"
    assert incident.is_name_confidential
    assert (incident.contact_phone, incident.on_behalf_of) == ("+31 85 000 01 42", "Jan")
    assert [each.name for each in incident.evidence.all()] == ["screen.png"]
    assert incident.evidence.get().from_reporter


def test_the_names_of_other_workspaces_are_never_offered(reporter, outsider, workspace):
    mine = signed_in(reporter).get("/report/").content.decode()
    theirs = signed_in(outsider).get("/report/").content.decode()

    assert "ws-cardio" in mine
    assert "vm-cardio-01" in mine
    assert "ws-of-others" not in mine
    assert "ws-cardio" not in theirs


def test_a_second_click_makes_no_second_ticket(reporter):
    client = signed_in(reporter)
    sent = answers(form_key=form_key(client))

    first = client.post("/report/", sent)
    second = client.post("/report/", sent)

    assert first.url == second.url
    assert Incident.objects.count() == 1


def test_a_form_that_was_changed_and_sent_again_is_another_report(reporter):
    client = signed_in(reporter)
    key = form_key(client)

    client.post("/report/", answers(form_key=key))
    client.post("/report/", answers(form_key=key, subject="The window stood open too"))

    assert Incident.objects.count() == 2


def test_a_refused_form_can_be_mended_and_sent_with_the_same_key(reporter):
    client = signed_in(reporter)
    key = form_key(client)
    client.post("/report/", answers(form_key=key, subject="abc"))

    response = client.post("/report/", answers(form_key=key))

    assert response.status_code == 302
    assert Incident.objects.count() == 1


def test_a_stranger_signs_in_first_and_loses_no_word(reporter):
    client = Client()

    refused = client.post("/report/", answers(subject="Typed before signing in", about="malware"))
    client.force_login(reporter)
    page = client.get("/report/").content.decode()

    assert refused.url == "/accounts/login/?next=/report/"
    assert Incident.objects.count() == 0
    assert 'value="Typed before signing in"' in page
    assert '<option value="malware" selected>' in page
    assert "What you typed before signing in is still here" in page


def test_what_was_typed_before_signing_in_is_forgotten_once_sent(reporter):
    client = Client()
    client.post("/report/", answers(subject="Typed before signing in"))
    client.force_login(reporter)

    client.post("/report/", answers(subject="Typed before signing in"))

    assert "Typed before" not in client.get("/report/").content.decode()


def test_an_agent_types_in_a_phone_report(agent, reporter):
    client = signed_in(agent)

    response = client.post("/report/", answers(reporter="reporter"))

    incident = Incident.objects.get()
    assert (incident.reporter, incident.entered_by) == (reporter, agent)
    assert incident.reported_via == Door.PHONE
    assert client.get(response.url).status_code == 200
    assert signed_in(reporter).get(response.url).status_code == 200


def test_an_agent_is_told_when_nobody_has_that_user_name(agent):
    response = signed_in(agent).post("/report/", answers(reporter="no\x00body"))

    assert summary(response) == [("id_reporter", "Nobody has this user name.")]
    assert Incident.objects.count() == 0


def test_a_reporter_cannot_report_in_the_name_of_another(outsider, reporter):
    page = signed_in(outsider).get("/report/").content.decode()

    signed_in(outsider).post("/report/", answers(reporter="reporter"))

    assert 'name="reporter"' not in page
    assert Incident.objects.get().reporter == outsider


def test_nothing_is_filled_in_that_the_reporter_did_not_say(reporter):
    signed_in(reporter).post("/report/", answers())

    incident = Incident.objects.get()
    assert (incident.about, incident.users_affected, incident.data_location) == ("", "", "")
    assert incident.workspaces_text == ""


def test_all_that_is_missing_is_said_at_once(reporter):
    sent = without("ongoing", "noticed", subject="abc", files=[picture("run.exe", b"MZ")])

    response = signed_in(reporter).post("/report/", sent)

    assert [anchor for anchor, _text in summary(response)] == [
        "id_subject",
        "id_noticed_0",
        "id_ongoing_0",
        "id_files",
    ]
    assert "<title>Error: " in response.content.decode()


def test_whoever_types_in_what_is_restricted_at_once_still_gets_the_reference(reporter, agent):
    told = answers(
        subject="Insider misuse", description="An ex-employee downloaded the whole cohort."
    )

    typed = signed_in(agent).post("/report/", {**told, "reporter": "reporter"}, follow=True)

    incident = Incident.objects.get()
    assert incident.confidentiality == Confidentiality.RESTRICTED
    assert f"{incident.reference} is recorded." in typed.content.decode()
    own = signed_in(reporter).post("/report/", told)
    assert own["Location"].startswith("/report/done/INC-")
