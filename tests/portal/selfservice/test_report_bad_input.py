"""What a reporter's form may be sent by mistake or malice: named at its field, nothing stored."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Evidence, Incident
from tests.portal.selfservice.typed import answers, picture, signed_in, summary, without

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

TOMORROW = (timezone.localdate() + timedelta(days=2)).isoformat()
HTML = b"<html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BAD = {
    "no subject": (without("subject"), "id_subject"),
    "no description": (without("description"), "id_description"),
    "not when": (without("noticed"), "id_noticed_0"),
    "not whether it goes on": (without("ongoing"), "id_ongoing_0"),
    "not whether people are involved": (without("personal_data"), "id_personal_data_0"),
    "only white space": (answers(subject=" \t\u00a0 "), "id_subject"),
    "too short": (answers(subject="abc"), "id_subject"),
    "too long": (answers(subject="a" * 151), "id_subject"),
    "a million characters": (answers(subject="a" * 1_000_000), "id_subject"),
    "a long story": (answers(description="a" * 20_001), "id_description"),
    "NUL in the subject": (answers(subject="A door\x00 open"), "id_subject"),
    "NUL in the story": (answers(description="A door stood\x00 open"), "id_description"),
    "an override": (answers(subject="A door \u202egpj.exe"), "id_subject"),
    "another override": (answers(concerned="laptop \u202dx"), "id_concerned"),
    "an unknown subject of the report": (answers(about="nonsense"), "id_about"),
    "an unknown state": (answers(ongoing="perhaps"), "id_ongoing_0"),
    "an unknown answer on data": (answers(personal_data="\x00"), "id_personal_data_0"),
    "an unknown when": (answers(noticed="1999"), "id_noticed_0"),
    "an unknown range": (answers(users_affected="7"), "id_users_affected"),
    "an unknown kind of data": (answers(data_kinds=["nonsense"]), "id_data_kinds_0"),
    "a workspace that is not mine": (answers(workspaces=["ws-of-others"]), "id_workspaces_error"),
    "a date, but which": (answers(noticed="date"), "id_noticed_day"),
    "no date": (answers(noticed="date", noticed_day="24 ish"), "id_noticed_day"),
    "NUL in a date": (answers(noticed="date", noticed_day="2026\x00"), "id_noticed_day"),
    "the year 1": (answers(noticed="date", noticed_day="0001-01-01"), "id_noticed_day"),
    "the year 1989": (answers(noticed="date", noticed_day="1989-12-31"), "id_noticed_day"),
    "the future": (answers(noticed="date", noticed_day=TOMORROW), "id_noticed_day"),
    "the year 9999": (answers(noticed="date", noticed_day="9999-12-31"), "id_noticed_day"),
    "no time": (answers(noticed="today", noticed_time="2 ish"), "id_noticed_time"),
    "no beginning": (answers(occurred_from="long ago"), "id_occurred_from"),
    "a beginning in the future": (answers(occurred_from="9999-12-31T00:00"), "id_occurred_from"),
    "an end before the beginning": (
        answers(occurred_from="2026-01-02T00:00", occurred_to="2026-01-01T00:00"),
        "id_occurred_to",
    ),
    "a subject sent twice": (answers(subject=["One door", "Another door"]), "id_subject"),
    "an answer sent twice": (answers(ongoing=["yes", "no"]), "id_ongoing_0"),
    "too many names": (
        answers(workspaces_text="\n".join(map(str, range(101)))),
        "id_workspaces_text",
    ),
    "eleven files": (answers(files=[picture() for _ in range(11)]), "id_files"),
    "an empty file": (answers(files=[picture(content=b"")]), "id_files"),
    "a program": (answers(files=[picture("tool.exe", b"MZ")]), "id_files"),
    "a page that calls itself a picture": (answers(files=[picture("x.png", HTML)]), "id_files"),
    "a drawing": (answers(files=[picture("x.svg", SVG)]), "id_files"),
    "binary that calls itself text": (answers(files=[picture("x.txt", b"a\x00b")]), "id_files"),
    "a file without an ending": (answers(files=[picture("README", b"a")]), "id_files"),
}


@pytest.mark.parametrize("name", BAD)
def test_it_is_said_at_the_field_and_nothing_is_stored(reporter, name):
    sent, anchor = BAD[name]

    response = signed_in(reporter).post("/report/", sent)

    assert response.status_code == 200
    assert [found for found, _text in summary(response)] == [anchor]
    page = response.content.decode()
    assert f'id="{anchor}"' in page
    assert page.count(summary(response)[0][1]) == 2
    assert Incident.objects.count() == 0
    assert Evidence.objects.count() == 0


def test_what_was_typed_is_still_there(reporter):
    sent = answers(subject="abc", description="A <b>door</b> & more", about="malware")

    page = signed_in(reporter).post("/report/", sent).content.decode()

    assert 'value="abc"' in page
    assert "A &lt;b&gt;door&lt;/b&gt; &amp; more</textarea>" in page
    assert '<option value="malware" selected>' in page


def test_files_are_asked_for_again_when_something_else_was_wrong(reporter):
    sent = answers(subject="abc", files=[picture()])

    page = signed_in(reporter).post("/report/", sent).content.decode()

    assert "Choose your files again" in page


def test_a_file_that_is_too_large_is_named(reporter, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024

    sent = answers(files=[picture("big.txt", b"a" * (1024 * 1024 + 1))])
    response = signed_in(reporter).post("/report/", sent)

    assert summary(response) == [("id_files", "“big.txt” must be smaller than 1 MB.")]
    assert Incident.objects.count() == 0


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
    body = (
        b"description=The+door+stood+open.&noticed=now&ongoing=no&personal_data=no&subject=" + text
    )

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


def test_a_forged_form_is_refused(reporter):
    client = Client(enforce_csrf_checks=True)
    client.force_login(reporter)

    response = client.post("/report/", answers())

    assert response.status_code == 403
    assert Incident.objects.count() == 0


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(reporter, method):
    assert getattr(signed_in(reporter), method)("/report/").status_code == 405


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"description": "a" * 20_001},
            "What happened, where, and how did you notice? Use at most 20000 characters.",
        ),
        ({"subject": "a" * 151}, "In one line: what did you see? Use at most 150 characters."),
        ({"subject": "abc"}, "In one line: what did you see? Use at least 5 characters."),
        ({"supplier": "a" * 201}, "A supplier or partner that is involved: Use at most 200"),
        ({"occurred_from": "0001-01-01T00:00"}, "When did it begin? Check the date: the year"),
        ({"noticed": "date", "noticed_day": "0001-01-01", "noticed_time": "00:05"}, "Check the"),
    ],
)
def test_a_problem_is_told_under_the_question_of_the_page(reporter, changes, told):
    response = signed_in(reporter).post("/report/", answers(**changes))

    [(_anchor, text)] = summary(response)
    assert text.startswith(told)
    assert not Incident.objects.exists()


@pytest.mark.parametrize("name", ["photo.heic", "letter.docx"])
def test_a_kind_of_file_that_is_not_taken_comes_with_the_cure(reporter, name):
    response = signed_in(reporter).post("/report/", answers(files=[picture(name)]))

    [(_anchor, text)] = summary(response)
    assert name in text
    assert text.endswith("Take a screenshot of it, or save it as PDF or JPEG.")
