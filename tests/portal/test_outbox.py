"""The console's mailbox shows what alerts would have been mailed, to those who may know of them."""

import pytest
from django.core.mail import EmailMessage

from incidents import access
from incidents.models import Incident
from incidents.states import Confidentiality, Priority
from tests.factories import make_report, make_user
from workflows import alerts, jobs
from workflows.models import Alert

pytestmark = pytest.mark.django_db

LIST = "/admin/outbox/"


@pytest.fixture
def outbox(settings, tmp_path):
    settings.EMAIL_BACKEND = "workflows.mail.OutboxBackend"
    settings.MAIL_OUTBOX_DIR = tmp_path
    return tmp_path


@pytest.fixture
def incident(outbox, team, reporter, reference) -> Incident:
    """Its alerts and its receipt have been written."""
    made = make_report(reporter)
    jobs.deliver(made.alerts.values_list("pk", flat=True))
    return made


def letter_of(outbox, alert) -> str:
    mark = f"X-Tocsin-Alert: {alert.pk}\n".encode()
    [file] = [file for file in outbox.iterdir() if mark in file.read_bytes()]
    return f"{LIST}{file.name}/"


@pytest.mark.parametrize("name", ["agent", "handler", "manager", "ciso", "auditor"])
def test_the_team_sees_what_would_have_been_mailed(client, incident, request, name):
    client.force_login(request.getfixturevalue(name))

    text = client.get(LIST).content.decode()

    assert "handler@tocsin.test" in text
    assert incident.reference in text


def test_a_message_is_shown_as_text_with_its_link(client, incident, outbox, agent):
    alert = incident.alerts.filter(recipient__username="handler").first()
    client.force_login(agent)

    text = client.get(letter_of(outbox, alert)).content.decode()

    assert f"/a/{alerts.sign(alert)}/" in text
    assert "please acknowledge" in text


@pytest.mark.parametrize(("name", "status"), [("reporter", 403), ("outsider", 403)])
def test_people_without_a_role_get_nowhere(client, incident, outbox, request, name, status):
    client.force_login(request.getfixturevalue(name))

    assert client.get(LIST).status_code == status
    assert client.get(letter_of(outbox, incident.alerts.first())).status_code == status


def test_strangers_are_sent_to_the_sign_in_page(client, incident):
    answer = client.get(LIST)

    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


@pytest.mark.parametrize(
    ("name", "is_shown"), [("agent", True), ("auditor", True), ("admin", False)]
)
def test_the_rail_leads_there_whoever_may_see_it(client, outbox, request, name, is_shown):
    client.force_login(request.getfixturevalue(name))

    page = client.get("/admin/").content.decode()

    assert (f'<a href="{LIST}">Outgoing mail</a>' in page) == is_shown


def test_the_rail_has_no_outgoing_mail_where_a_server_sends_it(client, agent):
    client.force_login(agent)

    assert "Outgoing mail" not in client.get("/admin/").content.decode()


def test_the_administrator_sees_no_ticket_and_so_no_message(client, incident, outbox, admin):
    client.force_login(admin)

    assert incident.reference not in client.get(LIST).content.decode()
    assert client.get(letter_of(outbox, incident.alerts.first())).status_code == 404


def test_messages_of_a_restricted_incident_are_for_named_people(
    client, incident, outbox, agent, ciso
):
    access.restrict_to(incident, [ciso])
    Incident.objects.update(confidentiality=Confidentiality.RESTRICTED)
    letter = letter_of(outbox, incident.alerts.first())

    client.force_login(agent)
    assert incident.reference not in client.get(LIST).content.decode()
    assert client.get(letter).status_code == 404
    client.force_login(ciso)
    assert incident.reference in client.get(LIST).content.decode()
    assert client.get(letter).status_code == 200


def test_the_receipt_of_a_reporter_who_wants_to_stay_unnamed_is_not_shown(
    client, incident, outbox, agent, manager
):
    Incident.objects.update(is_name_confidential=True)
    letter = letter_of(outbox, incident.alerts.get(kind=Alert.Kind.RECEIPT))

    client.force_login(agent)
    assert "reporter@tocsin.test" not in client.get(LIST).content.decode()
    assert client.get(letter).status_code == 404
    client.force_login(manager)
    assert client.get(letter).status_code == 200


def test_somebody_with_a_task_sees_the_messages_of_that_incident_only(client, incident, outbox):
    lawyer = make_user("lawyer", "legal")
    client.force_login(lawyer)
    letter = letter_of(outbox, incident.alerts.first())

    assert client.get(letter).status_code == 404
    Incident.objects.filter(pk=incident.pk).update(owner=lawyer)
    assert client.get(letter).status_code == 200


def test_sign_in_mail_is_never_shown(client, outbox, manager):
    EmailMessage("Reset your password", "secret link", to=["ciso@tocsin.test"]).send()
    [file] = outbox.iterdir()
    client.force_login(manager)

    assert "Reset" not in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{file.name}/").status_code == 404


@pytest.mark.parametrize(
    "name", ["..", "secret-key", "20260101T000000.000000Z-000000000000.eml", "x.eml", "%2e%2e%2fx"]
)
def test_no_other_file_can_be_read(client, outbox, manager, name):
    (outbox.parent / "secret-key").write_text("X-Tocsin-Alert: 1")
    client.force_login(manager)

    assert client.get(f"{LIST}{name}/").status_code == 404


def test_with_a_mail_server_the_page_says_where_mail_goes(client, incident, settings, manager):
    settings.EMAIL_BACKEND = "workflows.mail.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "mail.tocsin.test", 587
    client.force_login(manager)

    text = client.get(LIST).content.decode()

    assert "mail.tocsin.test:587" in text
    assert incident.reference not in text


def test_a_broken_file_spoils_nothing(client, incident, outbox, manager):
    (outbox / "20990101T000000.000000Z-000000000000.eml").write_bytes(b"\xff\x00 no mail")
    (outbox / "20990101T000000.000000Z-000000000001.part").write_bytes(b"half")
    client.force_login(manager)

    assert incident.reference in client.get(LIST).content.decode()


def test_the_list_costs_the_same_for_three_messages_and_thirty(
    client, incident, manager, django_assert_max_num_queries
):
    for number in range(10):
        rows = alerts.request(
            incident,
            roles=["MIM", "CISO", "DPO"],
            why="a test",
            cause=f"{number}",
            priority=Priority.P1,
        )
        Alert.objects.filter(pk__in=[row.pk for row in rows]).update(acknowledged_at=row_time(rows))
        jobs.deliver([row.pk for row in rows])
    client.force_login(manager)

    with django_assert_max_num_queries(15):
        text = client.get(LIST).content.decode()

    assert text.count("please acknowledge") >= 30


def row_time(rows):
    return rows[0].created_at
