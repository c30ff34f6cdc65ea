"""The link in an alert: anybody may follow it, only its recipient's button acknowledges."""

import pytest
from django.test import Client

from incidents import access
from incidents.models import Incident
from incidents.states import Confidentiality, Priority
from tests.console import words_of
from tests.factories import fresh, make_report, make_user
from workflows import alerts
from workflows.models import Alert

pytestmark = pytest.mark.django_db

SUBJECT = "Xanthippe lost it"


@pytest.fixture
def alert(reporter, handler, ciso, reference) -> Alert:
    """Waits for the handler's acknowledgement."""
    incident = make_report(reporter, subject=SUBJECT)
    [row] = alerts.request(incident, roles=["IH"], why="a test", cause="test", priority=Priority.P1)
    return row


@pytest.fixture
def page(alert) -> str:
    return f"/a/{alerts.sign(alert)}/"


def restrict(incident) -> None:
    Incident.objects.filter(pk=incident.pk).update(confidentiality=Confidentiality.RESTRICTED)


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_does_not_acknowledge(client, alert, page, handler, method):
    client.force_login(handler)

    answer = getattr(client, method)(page)

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert fresh(alert).acknowledged_at is None


def test_the_recipient_sees_the_neutral_facts_and_the_way_to_the_incident(
    client, alert, page, handler
):
    client.force_login(handler)

    text = client.get(page).content.decode()

    assert alert.incident.reference in text
    assert "P1" in text
    assert f"/admin/incidents/incident/{alert.incident_id}/change/" in text
    assert SUBJECT not in text


def test_the_recipients_button_acknowledges(client, alert, page, handler):
    client.force_login(handler)

    answer = client.post(page, follow=True)

    assert answer.status_code == 200
    assert "You have acknowledged" in answer.content.decode()
    assert fresh(alert).acknowledged_by == handler


def test_pressing_again_is_no_error(client, alert, page, handler):
    client.force_login(handler)
    client.post(page)
    first = fresh(alert).acknowledged_at

    assert client.post(page).status_code == 302
    assert fresh(alert).acknowledged_at == first


def test_a_button_on_somebody_elses_page_does_not_acknowledge(alert, page, handler):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(handler)

    assert strict.post(page).status_code == 403
    assert fresh(alert).acknowledged_at is None


@pytest.mark.parametrize("method", ["get", "head", "post"])
@pytest.mark.parametrize("name", ["agent", "reporter", "outsider", "ciso"])
def test_everybody_else_gets_the_404_of_a_bad_signature(client, alert, page, request, name, method):
    client.force_login(request.getfixturevalue(name))

    mine = getattr(client, method)(page)
    forged = getattr(client, method)(f"/a/{alert.pk}.forged/")

    assert mine.status_code == forged.status_code == 404
    assert fresh(alert).acknowledged_at is None


@pytest.mark.parametrize("token", ["1", "x.y", "1.", "%00.x", "9" * 300])
def test_a_link_that_was_never_signed_is_unknown_to_everybody(client, alert, handler, token):
    assert client.get(f"/a/{token}/").status_code == 404

    client.force_login(handler)
    assert client.get(f"/a/{token}/").status_code == 404


def test_a_stranger_with_the_link_learns_the_number_and_is_asked_to_sign_in(client, alert, page):
    answer = client.get(page)
    text = answer.content.decode()

    assert alert.incident.reference in text
    assert f"?next={page}" in text
    for secret in (SUBJECT, "handler", "reporter@", "I have it"):
        assert secret not in text
    assert "P1" not in words_of(answer)  # tokens between the tags may hold any two letters


def test_a_stranger_cannot_acknowledge(client, alert, page):
    answer = client.post(page)

    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]
    assert fresh(alert).acknowledged_at is None


def test_of_a_restricted_incident_a_stranger_learns_nothing(client, alert, page):
    restrict(alert.incident)

    assert alert.incident.reference not in client.get(page).content.decode()


def test_a_recipient_who_is_not_named_any_more_acknowledges_without_learning_more(
    client, alert, page, handler
):
    restrict(alert.incident)
    client.force_login(handler)

    text = client.get(page).content.decode()
    client.post(page)

    assert alert.incident.reference not in text
    assert "/admin/incidents/" not in text
    assert fresh(alert).acknowledged_by == handler


def test_a_named_recipient_sees_the_number_of_a_restricted_incident(client, alert, page, handler):
    restrict(alert.incident)
    access.restrict_to(alert.incident, [handler])
    client.force_login(handler)

    assert alert.incident.reference in client.get(page).content.decode()


def test_a_decider_who_may_not_see_the_incident_can_still_acknowledge(client, reporter, reference):
    incident = make_report(reporter)
    decider = make_user("decider", "management")
    [row] = alerts.request(
        incident, roles=["MGT"], why="a test", cause="level 4", priority=Priority.P1
    )
    client.force_login(decider)

    page = f"/a/{alerts.sign(row)}/"
    assert "/admin/incidents/" not in client.get(page).content.decode()
    client.post(page)

    assert fresh(row).acknowledged_by == decider


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, alert, page, handler, method):
    client.force_login(handler)

    assert getattr(client, method)(page).status_code == 405
    assert fresh(alert).acknowledged_at is None
