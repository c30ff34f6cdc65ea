"""A lost session loses nothing: at every step of the report, all sessions and cookies are gone."""

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from incidents.models import Incident, Tenant, VirtualMachine, Workspace
from portal.models import Draft, Questionnaire
from tests.factories import fresh
from tests.flows.pages import Form, Page
from tests.portal.selfservice.typed import EVERYTHING, REFERENCE, STORY, question

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "team")]

FIRST = {"description": STORY, "subject": "A door stood open"}
BY_COOKIES = {"the cookies stay": False, "the cookies are gone too": True}


@pytest.fixture
def workspace(reporter) -> Workspace:
    mine = Workspace.objects.create(
        name="ws-cardio", tenant=Tenant.objects.create(name="University of Utopia")
    )
    mine.members.add(reporter)
    VirtualMachine.objects.create(name="vm-cardio-01", workspace=mine)
    return mine


class Browser:
    """Somebody who loses the session between opening a page and sending it, every time."""

    def __init__(self, user, *, loses_cookies: bool):
        self.client = Client(enforce_csrf_checks=True)
        self.user = user
        self.loses_cookies = loses_cookies
        self.path = ""
        self.page = ""

    def open(self, path: str) -> None:
        self.arrive(self.client.get(path))

    def arrive(self, response) -> None:
        """Follow to a page; a sign-in on the way is done as a person does it."""
        while response.status_code in {301, 302}:
            response = self.client.get(response.url)
        assert response.status_code == 200
        self.path = response.request["PATH_INFO"]
        self.page = response.content.decode()
        if self.path == "/accounts/login/":
            words = {"login": self.user.username, "password": f"demo-{self.user.username}"}
            self.arrive(self.post(self.form("login"), words))

    def form(self, name: str) -> Form:
        return Page(self.page).form_with(name)

    def post(self, form: Form, values: dict[str, Any]):
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page)[-1]
        sent: dict[str, Any] = {"csrfmiddlewaretoken": token}
        for name, value in [pair for pair in form.pairs if pair[0] not in values]:
            sent.setdefault(name, value)
        return self.client.post(form.action, sent | values)

    def lose_the_session(self) -> None:
        Session.objects.all().delete()
        if self.loses_cookies:
            self.client.cookies.clear()

    def answer(self, values: dict[str, Any]) -> None:
        """Type, lose the session, send, sign in, find every word again, and send once more."""
        form = Page(self.page).forms[-1]
        path = self.path
        self.lose_the_session()
        self.arrive(self.post(form, values))
        assert self.path == path
        self.finds(values)
        again = Page(self.page).forms[-1]
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page)[-1]
        pairs: dict[str, list[str]] = {}
        for name, value in again.pairs:
            pairs.setdefault(name, []).append(value)
        self.arrive(self.client.post(again.action, pairs | {"csrfmiddlewaretoken": token}))

    def finds(self, values: dict[str, Any]) -> None:
        """Every answer stands in the form, as if it had been typed there just now."""
        pairs = Page(self.page).forms[-1].pairs
        for name, value in values.items():
            found = {each for key, each in pairs if key == name}
            assert found == (set(value) if isinstance(value, list) else {value}), name


@pytest.mark.parametrize("loses_cookies", BY_COOKIES.values(), ids=BY_COOKIES)
def test_every_answer_is_found_again_and_ends_on_the_incident(reporter, workspace, loses_cookies):
    browser = Browser(reporter, loses_cookies=loses_cookies)
    browser.open("/report/")

    browser.answer(FIRST)
    incident = Incident.objects.get()
    asked = []
    while not browser.path.endswith("/check/"):
        name = browser.path.split("/")[-2]
        asked.append(name)
        if EVERYTHING[name]:
            browser.answer(EVERYTHING[name])
        else:
            browser.arrive(browser.post(Page(browser.page).forms[-1], {}))

    assert asked == list(EVERYTHING)
    assert Incident.objects.count() == 1
    stored = fresh(incident)
    assert (stored.subject, stored.description) == (FIRST["subject"], STORY)
    assert stored.noticed_at_precision == "about"
    assert (stored.ongoing, stored.about, stored.personal_data) == ("no", "data_breach", "yes")
    assert len(stored.data_kinds.splitlines()) == 3
    assert (stored.people_affected, stored.data_location) == ("about 340", "inside_workspace")
    assert stored.data_recipient_text == "a colleague"
    assert [each.name for each in stored.workspaces.all()] == ["ws-cardio"]
    assert stored.workspaces_text.splitlines() == ["the old one", "ws-of-others"]
    assert [each.name for each in stored.virtual_machines.all()] == ["vm-cardio-01"]
    assert stored.users_affected == "2-10"
    assert stored.already_done == "Changed a password\nlocked the door"
    assert stored.reported_elsewhere_reference == "PL-1"
    assert (stored.contact_phone, stored.on_behalf_of) == ("+31 85 000 01 42", "Jan")
    assert stored.is_name_confidential
    assert not Draft.objects.exists()

    submit = Page(browser.page).forms[-1]
    browser.lose_the_session()
    browser.arrive(browser.post(submit, {}))
    assert browser.path == question(incident.reference, "check")
    browser.arrive(browser.post(Page(browser.page).forms[-1], {}))
    assert browser.path == f"/report/done/{incident.reference}/"
    assert Questionnaire.objects.get().sent_at is not None


def test_a_change_from_the_check_still_leads_back_there(reporter):
    browser = Browser(reporter, loses_cookies=True)
    browser.client.force_login(reporter)
    browser.open("/report/")
    browser.arrive(browser.post(browser.form("description"), FIRST))
    reference = REFERENCE.search(browser.path)[0]
    browser.open(question(reference, "ongoing") + "?then=check")

    browser.answer({"ongoing": "yes"})

    assert browser.path == question(reference, "check")
    assert Incident.objects.get().ongoing == "yes"


def test_an_agent_on_the_phone_loses_nothing_either(agent):
    browser = Browser(agent, loses_cookies=True)
    browser.open("/report/")

    browser.answer({**FIRST, "contact_name": "Jan", "contact_phone": "+31 6 0000 0042"})
    browser.answer({"noticed": "yesterday", "noticed_time": "09:30"})

    incident = Incident.objects.get()
    assert (incident.contact_name, incident.contact_phone) == ("Jan", "+31 6 0000 0042")
    assert incident.noticed_at_precision == "about"


def test_a_session_that_is_lost_during_the_sign_in_too_leaves_the_words_one_press_away(reporter):
    browser = Browser(reporter, loses_cookies=True)
    browser.client.force_login(reporter)
    browser.open("/report/")
    form = browser.form("description")
    browser.lose_the_session()
    again = browser.post(form, FIRST)
    browser.lose_the_session()

    browser.arrive(again)
    assert browser.path == "/report/"
    assert STORY in browser.page
    browser.arrive(browser.post(Page(browser.page).form_with("query"), {"use": "1"}))

    assert browser.path == "/report/"
    browser.finds(FIRST)
    assert not Incident.objects.exists()


def test_the_next_who_signs_in_there_reads_nothing_of_it(reporter, outsider):
    browser = Browser(reporter, loses_cookies=False)
    browser.open("/report/")
    browser.answer(FIRST)
    path = browser.path
    form = Page(browser.page).forms[-1]
    browser.lose_the_session()
    browser.user = outsider

    response = browser.client.post(form.action, {"noticed": "today"})
    login = browser.client.get(response.url).content.decode()
    browser.page = login
    words = {"login": "outsider", "password": "demo-outsider"}
    following = browser.post(browser.form("login"), words)

    assert path in following.url
    assert browser.client.get(following.url).status_code == 404
    assert STORY not in browser.client.get("/report/").content.decode()
