"""What the first question may be sent by mistake or malice: named at its field, nothing stored."""

import pytest
from django.test import Client

from incidents.models import Incident
from portal.models import Questionnaire
from tests.portal.selfservice.typed import answers, signed_in, summary, without

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

BAD = {
    "no description": (without("description"), "id_description"),
    "only white space": (answers(description=" \t\u00a0 "), "id_description"),
    "a story too short": (answers(description="abc"), "id_description"),
    "a long story": (answers(description="a" * 20_001), "id_description"),
    "NUL in the story": (answers(description="A door stood\x00 open"), "id_description"),
    "an override in the story": (answers(description="A door \u202e open here"), "id_description"),
    "a story sent twice": (answers(description=["One door", "Another"]), "id_description"),
    "a subject too short": (answers(subject="abc"), "id_subject"),
    "a subject too long": (answers(subject="a" * 151), "id_subject"),
    "a million characters": (answers(subject="a" * 1_000_000), "id_subject"),
    "NUL in the subject": (answers(subject="A door\x00 open"), "id_subject"),
    "an override": (answers(subject="A door \u202egpj.exe"), "id_subject"),
    "a subject sent twice": (answers(subject=["One door", "Another door"]), "id_subject"),
}
BAD_CALLS = {
    "a caller sent twice": (answers(reporter=["agent", "agent"]), "id_reporter"),
    "a long name": (answers(contact_name="a" * 1000), "id_contact_name"),
    "NUL in the name": (answers(contact_name="Jan\x00"), "id_contact_name"),
    "a long number": (answers(contact_phone="1" * 1000), "id_contact_phone"),
    "NUL in the number": (answers(contact_phone="1\x00"), "id_contact_phone"),
    "an override in the number": (answers(contact_phone="1\u202e"), "id_contact_phone"),
}


@pytest.mark.parametrize("name", [*BAD, *BAD_CALLS])
def test_it_is_said_at_the_field_and_nothing_is_stored(agent, name):
    sent, anchor = (BAD | BAD_CALLS)[name]

    response = signed_in(agent).post("/report/", sent)

    assert response.status_code == 200
    assert [found for found, _text in summary(response)] == [anchor]
    page = response.content.decode()
    assert f'id="{anchor}"' in page
    assert f'id="{anchor}_error"' in page
    assert page.count(summary(response)[0][1]) == 2
    assert "<title>Error: " in page
    assert Incident.objects.count() == 0
    assert Questionnaire.objects.count() == 0


def test_all_that_is_wrong_is_said_at_once(reporter):
    response = signed_in(reporter).post("/report/", {"description": "", "subject": "abc"})
    found = [anchor for anchor, _text in summary(response)]

    assert found == ["id_description"]

    response = signed_in(reporter).post("/report/", {"description": "abc", "subject": "abc"})

    assert [anchor for anchor, _text in summary(response)] == ["id_description", "id_subject"]


def test_what_was_typed_is_still_there(agent):
    sent = answers(subject="abc", description="A <b>door</b> & more", contact_name="Jan")

    page = signed_in(agent).post("/report/", sent).content.decode()

    assert 'value="abc"' in page
    assert "A &lt;b&gt;door&lt;/b&gt; &amp; more</textarea>" in page
    assert 'value="Jan"' in page


def test_more_than_one_request_may_bring_is_refused_before_it_is_read(reporter, settings):
    settings.BODY_MAX_BYTES = 1000

    response = signed_in(reporter).post("/report/", answers(description="a" * 2000))

    assert response.status_code == 413
    assert Incident.objects.count() == 0


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data"])
def test_another_content_type_is_an_empty_form(reporter, kind):
    response = signed_in(reporter).post("/report/", data=b'{"subject": "x"}', content_type=kind)

    assert response.status_code in {200, 400}
    assert Incident.objects.count() == 0


@pytest.mark.parametrize("text", [b"door %ED%A0%80 open", b"door %FF%FE open", b"door %00 open"])
def test_broken_text_breaks_nothing(reporter, text):
    body = b"description=The+door+stood+open.&subject=" + text

    response = signed_in(reporter).post(
        "/report/", data=body, content_type="application/x-www-form-urlencoded"
    )

    assert response.status_code in {200, 302}
    assert all("\x00" not in each.subject for each in Incident.objects.all())


@pytest.mark.parametrize("key", ["", "x", "0" * 5000, "\x00", "INC-1"])
def test_an_odd_form_key_costs_no_report(reporter, key):
    response = signed_in(reporter).post("/report/", answers(form_key=key))

    assert response.status_code == 302
    assert Incident.objects.count() == 1


def test_fields_that_nobody_asked_for_are_not_kept(reporter):
    response = signed_in(reporter).post("/report/", answers(strange="a\x00b", severity="1"))

    assert response.status_code == 302
    assert set(Questionnaire.objects.get().answered) == {"what"}
    assert set(Questionnaire.objects.get().answered["what"]) == {"description", "subject"}


def test_a_form_without_its_token_does_nothing_and_keeps_the_words(reporter):
    client = Client(enforce_csrf_checks=True)
    client.force_login(reporter)

    refused = client.post("/report/", answers())
    page = client.get(refused.url)

    assert Incident.objects.count() == 0
    assert answers()["description"] in page.content.decode()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(reporter, method):
    assert getattr(signed_in(reporter), method)("/report/").status_code == 405


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"description": "a" * 20_001}, "What happened? Use at most 20000 characters."),
        ({"subject": "a" * 151}, "In one line, for the list: Use at most 150 characters."),
        ({"subject": "abc"}, "In one line, for the list: Use at least 5 characters."),
        ({"description": " "}, "Say in a sentence or two what happened."),
    ],
)
def test_a_problem_is_told_under_the_question_of_the_page(reporter, changes, told):
    response = signed_in(reporter).post("/report/", answers(**changes))

    [(_anchor, text)] = summary(response)
    assert text == told
