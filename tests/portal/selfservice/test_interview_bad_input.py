"""What a question may be sent by mistake or malice: named at its field, nothing of it stored."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Evidence, Incident
from portal.models import Questionnaire
from tests.factories import fresh
from tests.portal.selfservice.typed import (
    STORY,
    picture,
    pictures,
    question,
    reported,
    signed_in,
    summary,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

LATER = (timezone.localdate() + timedelta(days=2)).isoformat()
HTML = b"<html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def files(*uploads):
    return {"files": list(uploads)}


# Of every field that holds words: its page, and how many characters it takes at most.
WORDS = {
    "description": ("what", 20_000),
    "subject": ("what", 150),
    "concerned": ("concerned", 0),
    "supplier": ("supplier", 200),
    "data_kinds_text": ("data", 0),
    "people_affected": ("data", 0),
    "data_recipient_text": ("data", 0),
    "workspaces_text": ("where", 0),
    "virtual_machines_text": ("where", 0),
    "already_done_text": ("already-done", 0),
    "reported_elsewhere_reference": ("already-done", 0),
    "contact_phone": ("reach", 0),
    "safe_channel": ("reach", 0),
    "on_behalf_of": ("reach", 0),
}
# Too long, with NUL, turned around, sent twice.
TRICKS = [
    "a" * 100_000,
    "laptop \x00 seventeen",
    "laptop \u202egpj.exe",
    ["laptop one", "laptop two"],
]
# Of every field with answers to choose from: its page, and the id that the summary leads to.
CHOICES = {
    "noticed": ("noticed", "id_noticed_0"),
    "ongoing": ("ongoing", "id_ongoing_0"),
    "about": ("about", "id_about_0"),
    "personal_data": ("personal-data", "id_personal_data_0"),
    "data_kinds": ("data", "id_data_kinds_0"),
    "data_location": ("data", "id_data_location_0"),
    "data_recipient": ("data", "id_data_recipient_0"),
    "workspaces": ("where", "id_workspaces_0"),
    "virtual_machines": ("where", "id_virtual_machines_0"),
    "users_affected": ("users", "id_users_affected_0"),
    "already_done": ("already-done", "id_already_done_0"),
    "reported_elsewhere": ("already-done", "id_reported_elsewhere_0"),
}
MANY = {"data_kinds", "workspaces", "virtual_machines", "already_done"}
ODD = {
    "a date, but which": ("noticed", {"noticed": "date"}, "id_noticed_day"),
    "a time, but of which day": ("noticed", {"noticed_time": "14:00"}, "id_noticed_day"),
    "no date": ("noticed", {"noticed": "date", "noticed_day": "24 ish"}, "id_noticed_day"),
    "NUL in a date": ("noticed", {"noticed": "date", "noticed_day": "26\x00"}, "id_noticed_day"),
    "the year 1": ("noticed", {"noticed": "date", "noticed_day": "0001-01-01"}, "id_noticed_day"),
    "1989": ("noticed", {"noticed": "date", "noticed_day": "1989-12-31"}, "id_noticed_day"),
    "the future": ("noticed", {"noticed": "date", "noticed_day": LATER}, "id_noticed_day"),
    "year 9999": ("noticed", {"noticed": "date", "noticed_day": "9999-12-31"}, "id_noticed_day"),
    "no time": ("noticed", {"noticed": "today", "noticed_time": "2 ish"}, "id_noticed_time"),
    "two days": ("noticed", {"noticed_day": ["2026-11-01", "2026-11-02"]}, "id_noticed_day"),
    "two times": ("noticed", {"noticed_time": ["10:00", "11:00"]}, "id_noticed_time"),
    "no beginning": ("noticed", {"occurred_from": "long ago"}, "id_occurred_from"),
    "NUL at the beginning": ("noticed", {"occurred_from": "2026\x00"}, "id_occurred_from"),
    "not yet begun": ("noticed", {"occurred_from": "9999-12-31T00:00"}, "id_occurred_from"),
    "the first day": ("noticed", {"occurred_from": "0001-01-01T00:00"}, "id_occurred_from"),
    "two beginnings": ("noticed", {"occurred_from": ["2026-01-01T00:00"] * 2}, "id_occurred_from"),
    "no end": ("noticed", {"occurred_to": "soon"}, "id_occurred_to"),
    "an end before the beginning": (
        "noticed",
        {"occurred_from": "2026-01-02T00:00", "occurred_to": "2026-01-01T00:00"},
        "id_occurred_to",
    ),
    "a beginning after it was noticed": (
        "noticed",
        {"noticed": "date", "noticed_day": "2026-01-02", "occurred_from": "2026-02-01T00:00"},
        "id_occurred_from",
    ),
    "no story": ("what", {"description": " "}, "id_description"),
    "too short a story": ("what", {"description": "abc"}, "id_description"),
    "too short a line": ("what", {"description": STORY, "subject": "abc"}, "id_subject"),
    "a workspace that is not mine": ("where", {"workspaces": ["ws-x"]}, "id_workspaces_0"),
    "too many names": (
        "where",
        {"workspaces_text": "\n".join(map(str, range(101)))},
        "id_workspaces_text",
    ),
    "two boxes of one": (
        "reach",
        {"is_name_confidential": ["on", "on"]},
        "id_is_name_confidential",
    ),
    "eleven files": ("files", files(*pictures(11)), "id_files"),
    "an empty file": ("files", files(picture(content=b"")), "id_files"),
    "a program": ("files", files(picture("tool.exe", b"MZ")), "id_files"),
    "a page that calls itself a picture": ("files", files(picture("x.png", HTML)), "id_files"),
    "a drawing": ("files", files(picture("x.svg", SVG)), "id_files"),
    "binary that calls itself text": ("files", files(picture("x.txt", b"a\x00b")), "id_files"),
    "a file without an ending": ("files", files(picture("README", b"a")), "id_files"),
    "a good file with a bad one": (
        "files",
        files(picture("log.txt", b"a"), picture("tool.exe", b"MZ")),
        "id_files",
    ),
}


@pytest.fixture
def client(reporter) -> Client:
    return signed_in(reporter)


@pytest.fixture
def incident(client) -> Incident:
    reported(client)
    incident = Incident.objects.get()
    client.post(question(incident.reference, "users"), {"users_affected": "2-10"})
    return fresh(incident)


def is_refused(client: Client, incident: Incident, name: str, sent: dict, anchor: str) -> str:
    """The page, once it was seen to say what is wrong and to have stored nothing."""
    before = Questionnaire.objects.get().answered

    response = client.post(question(incident.reference, name), sent)

    assert response.status_code == 200
    page = response.content.decode()
    assert [found for found, _text in summary(response)] == [anchor]
    assert f'id="{anchor}"' in page
    assert page.count(summary(response)[0][1]) == 2
    assert "<title>Error: " in page
    assert fresh(incident).version == incident.version
    assert Questionnaire.objects.get().answered == before
    assert fresh(incident).users_affected == "2-10"
    assert Evidence.objects.count() == 0
    return page


@pytest.mark.parametrize("name", WORDS)
def test_words_that_cannot_be_stored_are_named_at_their_field(client, incident, name):
    page, _most = WORDS[name]
    sent = {"description": STORY} if page == "what" else {}

    for trick in TRICKS:
        is_refused(client, incident, page, {**sent, name: trick}, f"id_{name}")


@pytest.mark.parametrize("name", CHOICES)
def test_an_answer_that_was_not_offered_is_refused(client, incident, name):
    page, anchor = CHOICES[name]

    for value in ("nonsense", "\x00", "\u202e", "a" * 10_000, "1; DROP TABLE"):
        is_refused(client, incident, page, {name: value}, anchor)


@pytest.mark.parametrize("name", sorted(CHOICES.keys() - MANY))
def test_an_answer_where_one_is_asked_for_is_refused_twice(client, incident, name):
    page, anchor = CHOICES[name]
    form = client.get(question(incident.reference, page)).content.decode()
    offered = re.findall(rf'name="{name}" value="([^"]+)"', form)

    is_refused(client, incident, page, {name: offered[:2]}, anchor)


@pytest.mark.parametrize("name", ODD)
def test_it_is_said_at_the_field_and_nothing_is_stored(client, incident, name):
    is_refused(client, incident, *ODD[name])


@pytest.mark.parametrize(
    ("name", "most"), [(name, most) for name, (_page, most) in WORDS.items() if most]
)
def test_the_longest_words_are_taken(client, incident, name, most):
    page, _most = WORDS[name]
    sent = {"description": STORY, name: "a" * most}

    response = client.post(question(incident.reference, page), sent)

    assert response.status_code == 302, summary(response)
    assert getattr(fresh(incident), name) == "a" * most


def test_what_was_typed_is_still_there(client, incident):
    sent = {
        "data_kinds": ["health"],
        "data_kinds_text": "of <b>patients</b>",
        "people_affected": "a\x00",
        "data_location": "inside_workspace",
    }

    page = client.post(question(incident.reference, "data"), sent).content.decode()

    assert 'value="of &lt;b&gt;patients&lt;/b&gt;"' in page
    assert page.count(" checked") == 2


def test_the_way_to_the_check_is_not_lost_by_an_error(client, incident):
    path = question(incident.reference, "concerned") + "?then=check"

    page = client.post(path, {"concerned": "a\x00"}).content.decode()
    response = client.post(path, {"concerned": "laptop"})

    assert f'action="{path}"' in page
    assert response.url == question(incident.reference, "check")


def test_more_files_than_a_report_takes_are_refused_also_one_by_one(client, incident):
    path = question(incident.reference, "files")
    for each in pictures(10):
        assert client.post(path, {"files": [each]}).status_code == 302

    response = client.post(path, {"files": [picture("one-more.txt", b"more")]})

    assert summary(response) == [("id_files", "Send at most 10 files.")]
    assert Evidence.objects.count() == 10


def test_a_file_that_is_too_large_is_named(client, incident, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    large = picture("big.txt", b"a" * (1024 * 1024 + 1))

    response = client.post(question(incident.reference, "files"), files(large))

    assert summary(response) == [("id_files", "“big.txt” must be smaller than 1 MB.")]


def test_files_are_asked_for_again_when_one_was_wrong(client, incident):
    sent = files(picture(), picture("tool.exe", b"MZ"))

    page = client.post(question(incident.reference, "files"), sent).content.decode()

    assert "Choose your files again" in page


@pytest.mark.parametrize("name", ["photo.heic", "letter.docx"])
def test_a_kind_of_file_that_is_not_taken_comes_with_the_cure(client, incident, name):
    response = client.post(question(incident.reference, "files"), files(picture(name)))

    [(_anchor, text)] = summary(response)
    assert name in text
    assert text.endswith("Take a screenshot of it, or save it as PDF or JPEG.")


def test_fields_that_nobody_asked_for_are_not_kept(client, incident):
    sent = {"ongoing": "yes", "strange": "a\x00b", "severity": "1", "state": "closed"}

    response = client.post(question(incident.reference, "ongoing"), sent)

    assert response.status_code == 302
    assert Questionnaire.objects.get().answered["ongoing"] == {"ongoing": ["yes"]}
    assert fresh(incident).state == incident.state


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data"])
def test_another_content_type_is_an_empty_answer(client, incident, kind):
    response = client.post(
        question(incident.reference, "ongoing"), data=b'{"ongoing": "yes"}', content_type=kind
    )

    assert response.status_code in {302, 400}
    assert fresh(incident).ongoing == "unknown"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize("name", ["ongoing", "files", "check"])
def test_other_methods_are_refused(client, incident, method, name):
    assert getattr(client, method)(question(incident.reference, name)).status_code == 405


def test_too_much_for_one_request_is_refused_before_it_is_read(client, incident, settings):
    settings.BODY_MAX_BYTES = 1000

    response = client.post(
        question(incident.reference, "files"), files(picture("a.txt", b"a" * 2000))
    )

    assert response.status_code == 413
    assert Evidence.objects.count() == 0
