"""The first question: answered, the report exists; who may, and that two clicks make one ticket."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import translation

from incidents.models import Incident, Task
from incidents.models.timeline import Kind
from incidents.states import Confidentiality, Door
from portal.models import Draft, Questionnaire
from portal.selfservice import drafts
from portal.selfservice.questions import FirstForm
from portal.selfservice.title import title_of
from tests.factories import make_report
from tests.flows.pages import Page
from tests.portal.selfservice.typed import (
    STORY,
    answers,
    form_key,
    question,
    reported,
    signed_in,
    summary,
)
from workflows.models import Alert

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

BREACH = "I am afraid it is a data breach: the list is open to everybody."


def test_the_first_answer_alone_makes_a_whole_report(team, reporter):
    response = signed_in(reporter).post("/report/", answers(description=BREACH))

    incident = Incident.objects.get()
    assert response.url == question(incident.reference, "noticed")
    assert (incident.reporter, incident.reported_via) == (reporter, Door.PORTAL)
    assert (incident.priority, incident.breach_status) == (1, "suspected")
    assert Task.objects.filter(incident=incident).count() == 26
    rung = {alert.recipient.username for alert in Alert.objects.filter(incident=incident)}
    assert {"handler", "manager", "ciso", "dpo"} <= rung
    assert Questionnaire.objects.get().sent_at is None


def test_nothing_is_filled_in_that_the_reporter_did_not_say(reporter):
    reported(signed_in(reporter))

    incident = Incident.objects.get()
    assert (incident.about, incident.users_affected, incident.data_location) == ("", "", "")
    assert (incident.personal_data, incident.ongoing) == ("", "unknown")
    assert incident.noticed_at_precision == "unknown"
    assert incident.workspaces_text == ""


def test_the_list_shows_what_the_reporter_writes_for_it_or_else_the_first_words(reporter):
    client = signed_in(reporter)

    reported(client, description="The door stood open. So did the window.")
    reported(client, subject="Door open")

    assert set(Incident.objects.values_list("subject", flat=True)) == {
        "The door stood open.",
        "Door open",
    }


@pytest.mark.parametrize(
    ("description", "title"),
    [
        ("The door stood open. So did the window.", "The door stood open."),
        ("Help! My laptop was stolen on the train.", "Help! My laptop was stolen on the train."),
        ("The list\n\nof participants is open", "The list of participants is open"),
        ("word " * 40, ("word " * 17).strip() + " …"),
        ("a" * 300, "a" * 90),
    ],
)
def test_the_first_words_are_a_sentence_or_as_many_as_fit(description, title):
    assert title_of(description) == title


def test_a_second_click_makes_no_second_ticket(reporter):
    client = signed_in(reporter)
    sent = answers(form_key=form_key(client))

    first = client.post("/report/", sent)
    second = client.post("/report/", sent)

    assert first.url == second.url
    assert Incident.objects.count() == 1


def test_going_back_in_the_browser_and_sending_other_words_corrects_the_report(reporter):
    client = signed_in(reporter)
    key = form_key(client)

    first = client.post("/report/", answers(form_key=key))
    second = client.post("/report/", answers(form_key=key, subject="The window stood open too"))

    assert first.url == second.url
    incident = Incident.objects.get()
    assert incident.subject == "The window stood open too"
    assert incident.timeline.filter(kind=Kind.CHANGE).count() == 1


def test_once_the_questions_are_over_other_words_are_another_report(reporter):
    client = signed_in(reporter)
    key = form_key(client)
    client.post("/report/", answers(form_key=key))
    client.post(f"/report/{Incident.objects.get().reference}/check/")

    client.post("/report/", answers(form_key=key, subject="The window stood open too"))

    assert Incident.objects.count() == 2


def test_another_caller_is_another_report(agent):
    client = signed_in(agent)
    key = form_key(client)

    client.post("/report/", answers(form_key=key, contact_name="Jan"))
    client.post("/report/", answers(form_key=key, contact_name="Piet"))

    assert Incident.objects.count() == 2


def test_a_refused_form_can_be_mended_and_sent_with_the_same_key(reporter):
    client = signed_in(reporter)
    key = form_key(client)
    client.post("/report/", answers(form_key=key, subject="abc"))

    response = client.post("/report/", answers(form_key=key))

    assert response.status_code == 302
    assert Incident.objects.count() == 1


def test_an_agent_types_in_what_a_caller_with_an_account_says(agent, reporter):
    client = signed_in(agent)

    reference = reported(client, reporter="reporter", contact_phone="+31 6 0000 0042")

    incident = Incident.objects.get()
    assert (incident.reporter, incident.entered_by) == (reporter, agent)
    assert incident.reported_via == Door.PHONE
    assert incident.contact_phone == "+31 6 0000 0042"
    assert client.get(question(reference, "noticed")).status_code == 200
    assert client.get(f"/report/done/{reference}/").status_code == 200
    assert signed_in(reporter).get(f"/report/done/{reference}/").status_code == 200


def test_a_caller_is_found_by_mail_address_too(agent, reporter):
    reported(signed_in(agent), reporter=reporter.email.upper())

    assert Incident.objects.get().reporter == reporter


def test_an_agent_types_in_what_a_caller_without_an_account_says(agent):
    client = signed_in(agent)

    reference = reported(client, contact_name="Jan of the front desk")

    incident = Incident.objects.get()
    assert (incident.reporter, incident.entered_by) == (None, agent)
    assert (incident.reported_via, incident.contact_name) == (Door.PHONE, "Jan of the front desk")
    assert client.get(question(reference, "noticed")).status_code == 200


def test_an_agents_own_report_is_no_phone_call(agent):
    reported(signed_in(agent))

    incident = Incident.objects.get()
    assert (incident.reporter, incident.entered_by) == (agent, None)
    assert incident.reported_via == Door.PORTAL


@pytest.mark.parametrize("name", ["no\x00body", "nobody", "retired", "twins@tocsin.test"])
def test_an_agent_is_told_when_nobody_has_that_name(agent, django_user_model, name):
    for twin in ("one", "two"):
        django_user_model.objects.create_user(twin, "twins@tocsin.test")
    django_user_model.objects.create_user("retired", is_active=False)

    response = signed_in(agent).post("/report/", answers(reporter=name))

    assert summary(response) == [
        ("id_reporter", "Nobody has this user name or mail address."),
    ]
    assert Incident.objects.count() == 0


def test_a_reporter_cannot_report_in_the_name_of_another(outsider, reporter):
    page = signed_in(outsider).get("/report/").content.decode()

    reported(signed_in(outsider), reporter="reporter", contact_name="Reporter")

    assert 'name="reporter"' not in page
    incident = Incident.objects.get()
    assert (incident.reporter, incident.reported_via) == (outsider, Door.PORTAL)
    assert incident.contact_name == "outsider"


def test_an_auditor_reports_nothing(auditor):
    response = signed_in(auditor).post("/report/", answers())

    assert response.status_code == 403
    assert Incident.objects.count() == 0


def test_whoever_types_in_what_is_restricted_at_once_still_gets_the_reference(reporter, agent):
    told = answers(
        subject="Insider misuse", description="An ex-employee downloaded the whole cohort."
    )

    typed = signed_in(agent).post("/report/", {**told, "reporter": "reporter"}, follow=True)

    incident = Incident.objects.get()
    assert incident.confidentiality == Confidentiality.RESTRICTED
    assert f"{incident.reference} is recorded." in typed.content.decode()
    own = signed_in(reporter).post("/report/", told)
    assert own["Location"].endswith("/noticed/")


def test_a_stranger_writes_first_and_signs_in_then(agent):
    client = Client(enforce_csrf_checks=True)
    page = client.get("/report/")
    form = Page(page.content.decode()).form_with("description")
    sent = client.post("/report/", dict(form.pairs) | answers(subject="Typed as a stranger"))
    back = parse_qs(urlsplit(sent.url).query)["next"][0]
    assert sent.url.startswith("/accounts/login/?next=/report/")
    assert Incident.objects.count() == 0

    client.force_login(agent)
    words = Page(client.get(back).content.decode()).form_with("description")
    told = client.post("/report/", dict(words.pairs))

    assert "no-store" in page["Cache-Control"]
    assert told.status_code == 302
    assert Incident.objects.get().subject == "Typed as a stranger"
    assert Incident.objects.get().reporter == agent


def test_a_stranger_sees_the_form_alone(client, reporter):
    make_report(reporter, subject="The door of the server room stood open")

    page = client.get("/report/").content.decode()

    assert "Continue to sign-in" in page
    for name in ('name="reporter"', "describe.js", 'id="similar"', "server room stood"):
        assert name not in page
    assert client.post("/report/similar/", {"text": STORY}).status_code == 403


@pytest.mark.parametrize("sent", [{}, {"description": ""}, {"form_key": "a" * 32}])
def test_a_stranger_who_wrote_nothing_is_told_so_at_once(client, sent):
    response = client.post("/report/", sent)

    assert summary(response) == [
        ("id_description", "Say in a sentence or two what happened."),
    ]
    assert not Draft.objects.exists()


def test_what_cannot_be_kept_of_a_stranger_stays_on_the_page(client):
    long = "a" * drafts.MOST_CHARACTERS

    page = client.post("/report/", answers(description=long))

    assert long in page.content.decode()
    assert summary(page) == [
        ("main", "We cannot keep this while you sign in. Copy it and sign in first.")
    ]


def test_another_language_takes_the_words_of_a_stranger_along(client):
    moved = client.post("/language/?next=/report/", answers(language="nl"))

    assert STORY in client.get(moved.url).content.decode()
    assert STORY not in client.get("/report/").content.decode()
    assert Client().get(moved.url).url.startswith("/accounts/login/?next=/report/%3Fdraft%3D")


def test_who_was_signed_out_reports_nothing_until_they_sign_in_again(client):
    response = client.post("/report/", answers())

    assert response.url.startswith("/accounts/login/?next=/report/%3Fdraft%3D")
    assert STORY not in response.url
    assert Incident.objects.count() == 0


@pytest.mark.parametrize(("language", "colon"), [("en", ": "), ("de", ": "), ("fr", "\u00a0: ")])
def test_a_problem_stands_after_its_question_as_the_language_writes_it(language, colon):
    with translation.override(language):
        form = FirstForm(may_take_calls=False)

        assert form.told("subject", "x") == f"{form['subject'].label}{colon}x"
        assert form.told("description", "x") == f"{form['description'].label} x"
