"""A password alone opens no door of a role: not the console's, and none beside it."""

import pytest
from django.test import Client

from incidents import roles
from incidents.models import Incident
from incidents.states import Priority
from tests.factories import fresh, make_report
from tests.portal.selfservice.typed import STORY
from tests.portal.totp import give_app
from workflows import alerts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

SETUP = "/accounts/2fa/"
BY_PHONE = {"description": STORY, "contact_name": "Jan", "contact_phone": "+31 6 0000 0042"}


@pytest.fixture(autouse=True)
def compulsory(settings):
    settings.SECOND_FACTOR_IS_COMPULSORY = True


@pytest.fixture
def alert(reporter, handler):
    incident = make_report(reporter)
    [row] = alerts.request(incident, roles=["IH"], why="a test", cause="test", priority=Priority.P1)
    return row


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_alert_is_neither_read_nor_acknowledged(alert, handler, method):
    answer = getattr(browser(handler), method)(f"/a/{alerts.sign(alert)}/")

    assert (answer.status_code, answer.url) == (302, SETUP)
    assert fresh(alert).acknowledged_at is None


def test_with_one_it_is_acknowledged(alert, handler):
    give_app(handler)

    browser(handler).post(f"/a/{alerts.sign(alert)}/")

    assert fresh(alert).acknowledged_at is not None


def test_no_report_is_taken_for_somebody_else(agent):
    client = browser(agent)

    page = client.get("/report/").content.decode()
    client.post("/report/", BY_PHONE)

    assert "contact_phone" not in page
    incident = Incident.objects.get()
    assert (incident.reporter, incident.entered_by) == (agent, None)


def test_with_one_it_is_taken(agent):
    give_app(agent)
    client = browser(agent)

    page = client.get("/report/").content.decode()
    client.post("/report/", BY_PHONE)

    assert "contact_phone" in page
    assert Incident.objects.get().reporter is None


def test_the_report_of_a_caller_is_not_read(agent, settings):
    settings.SECOND_FACTOR_IS_COMPULSORY = False
    browser(agent).post("/report/", BY_PHONE)
    reference = Incident.objects.get().reference
    settings.SECOND_FACTOR_IS_COMPULSORY = True

    answer = browser(agent).get(f"/report/{reference}/check/")

    assert answer.status_code == 404


def test_the_way_to_set_one_up_is_still_shown(agent, reporter):
    theirs = browser(agent).get("/").content.decode()
    others = browser(reporter).get("/").content.decode()

    assert 'href="/admin/"' in theirs
    assert 'href="/admin/"' not in others
    assert browser(agent).get("/admin/").url == SETUP


def test_the_role_itself_stays(agent):
    browser(agent).get("/")

    assert roles.of(fresh(agent)) == {roles.Role.SDA}
