"""What could not be stored waits as a draft: found by its key, one person's, gone once sent."""

import re
import uuid
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from incidents.models import Incident
from portal.models import Draft
from portal.selfservice import drafts
from tests.factories import make_report
from tests.portal.selfservice.typed import (
    STORY,
    answers,
    picture,
    question,
    reported,
    signed_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()


STILL_HERE = "What you typed is still here"
ARE_THEY_YOURS = "Are they yours?"


def back(response) -> str:
    """The page to which the sign-in will lead."""
    return parse_qs(urlsplit(response.url).query)["next"][0]


def offer(page: str) -> str:
    """Where the buttons beside kept words lead."""
    found = re.search(r'action="(/drafts/[0-9a-f-]+/)"', page)
    assert found
    return found[1]


def typed_before(user, path: str, sent: dict) -> tuple[Client, str]:
    """A browser in which `sent` was typed and `user` then signed in, and where that led."""
    client = Client()
    way = back(client.post(path, sent))
    client.force_login(user)
    return client, way


def aged(draft: Draft, age: timedelta) -> None:
    Draft.objects.filter(pk=draft.pk).update(created_at=timezone.now() - age)


def test_a_draft_outlives_every_session(reporter):
    path = back(Client().post("/report/", answers(subject="Typed before")))
    Session.objects.all().delete()
    client = signed_in(reporter)

    page = client.get(path).content.decode()
    used = client.post(offer(page), {"use": "1", "query": path.partition("?")[2]}, follow=True)

    assert ARE_THEY_YOURS in page
    assert STORY in page
    text = used.content.decode()
    assert STILL_HERE in text
    assert f"{STORY}</textarea>" in text
    assert 'value="Typed before"' in text
    assert ARE_THEY_YOURS not in text
    assert Incident.objects.count() == 0


def test_the_words_of_a_stranger_fill_no_form_unasked(reporter):
    planted = back(Client().post("/report/", answers(subject="Call this number at once")))

    page = signed_in(reporter).get(planted).content.decode()

    assert ARE_THEY_YOURS in page
    assert STILL_HERE not in page
    assert 'value="Call this number at once"' not in page
    assert f"{STORY}</textarea>" not in page
    assert Draft.objects.get().user is None


def test_offered_words_are_escaped(reporter):
    planted = back(Client().post("/report/", answers(subject="<b>bold</b>")))

    page = signed_in(reporter).get(planted).content.decode()

    assert "&lt;b&gt;bold&lt;/b&gt;" in page


def test_words_that_are_not_ones_own_are_discarded(reporter):
    planted = back(Client().post("/report/", answers()))
    client = signed_in(reporter)

    answer = client.post(offer(client.get(planted).content.decode()), {"discard": "1"})

    assert (answer.status_code, answer.url) == (302, "/report/")
    assert "no-store" in answer["Cache-Control"]
    assert not Draft.objects.exists()


def test_kept_words_can_be_discarded_where_they_are_shown(reporter):
    client, way = typed_before(reporter, "/report/", answers())

    page = client.get(way).content.decode()
    after = client.post(offer(page), {"discard": "1"}, follow=True).content.decode()

    assert STILL_HERE in page
    assert STILL_HERE not in after
    assert not Draft.objects.exists()


def test_nobody_settles_the_draft_of_another(reporter, outsider):
    draft = Draft.objects.create(user=reporter, path="/report/", fields={"subject": ["mine"]})
    path = f"/drafts/{draft.key}/"

    assert signed_in(outsider).post(path, {"use": "1"}).status_code == 404
    assert signed_in(outsider).post(path, {"discard": "1"}).status_code == 404
    assert Client().post(path, {"discard": "1"}).url.startswith("/accounts/login/")
    assert signed_in(reporter).get(path).status_code == 405
    assert Draft.objects.get().user == reporter


def test_settling_leads_to_a_page_of_ours(reporter):
    draft = Draft.objects.create(path="//evil.test/report", fields={"subject": ["x"]})

    answer = signed_in(reporter).post(f"/drafts/{draft.key}/", {"use": "1", "query": "then=check"})

    assert answer.url == f"/%2Fevil.test/report?then=check&draft={draft.key}"


def test_who_signs_in_by_another_way_finds_it_in_the_same_browser(reporter):
    client = Client()
    client.post("/report/", answers())
    client.force_login(reporter)

    page = client.get("/report/").content.decode()

    assert STORY in page


def test_whose_browser_it_was_typed_in_owns_it_and_nobody_else_finds_it(reporter, outsider):
    client, path = typed_before(reporter, "/report/", answers())
    client.get(path)

    theirs = signed_in(outsider).get(path).content.decode()
    again = signed_in(reporter).get("/report/").content.decode()

    assert STORY not in theirs
    assert STILL_HERE not in theirs
    assert STORY in again
    assert Draft.objects.get().user == reporter


def test_nobody_finds_a_draft_without_its_key(reporter, outsider):
    Client().post("/report/", answers())

    for path in (
        "/report/",
        f"/report/?draft={uuid.uuid4()}",
        "/report/?draft=",
        "/report/?draft=x",
    ):
        page = signed_in(outsider).get(path).content.decode()
        assert STORY not in page


@pytest.mark.parametrize("key", ["%00", "a" * 5000, "' OR 1=1", "00000000-0000-0000-0000-00000000"])
def test_an_odd_key_is_no_key(reporter, key):
    response = signed_in(reporter).get(f"/report/?draft={key}")

    assert response.status_code == 200


def test_a_draft_fills_the_page_it_was_typed_on_and_no_other(reporter):
    client = signed_in(reporter)
    reference = reported(client)
    sent = {"concerned": "laptop 17"}
    client, way = typed_before(reporter, question(reference, "concerned"), sent)
    key = way.partition("?")[2]

    other = client.get(f"{question(reference, 'supplier')}?{key}").content.decode()
    page = client.get(way).content.decode()

    assert "laptop 17" not in other
    assert 'value="laptop 17"' in page


def test_the_draft_of_a_page_about_anothers_report_is_not_shown_to_anybody_else(reporter, outsider):
    client = signed_in(reporter)
    reference = reported(client)
    sent = {"concerned": "laptop 17"}
    client, path = typed_before(reporter, question(reference, "concerned"), sent)

    refused = signed_in(outsider).get(path)

    assert refused.status_code == 404
    assert 'value="laptop 17"' in client.get(path).content.decode()


def test_what_was_unticked_in_the_draft_stays_unticked(reporter):
    client = signed_in(reporter)
    reference = reported(client)
    path = question(reference, "already-done")
    client.post(path, {"already_done": ["password", "deleted"], "already_done_text": "more"})

    client, way = typed_before(reporter, path, {"already_done": ["asked"]})
    page = client.get(way).content.decode()

    assert page.count(" checked") == 1
    assert ">\nmore</textarea>" not in page


def test_a_draft_is_forgotten_once_it_was_sent(reporter):
    client, way = typed_before(reporter, "/report/", answers())
    client.get(way)

    client.post("/report/", answers())

    assert not Draft.objects.exists()
    assert STORY not in client.get("/report/").content.decode()


def test_a_draft_stays_while_what_is_sent_is_refused(reporter):
    client, way = typed_before(reporter, "/report/", answers())
    client.get(way)

    client.post("/report/", answers(subject="abc"))

    assert Draft.objects.count() == 1


def test_the_report_in_another_tab_stays_when_one_is_sent(reporter):
    one, other = "a" * 32, "b" * 32
    client = Client()
    first = back(client.post("/report/", answers(form_key=one, subject="In the first tab")))
    second = back(client.post("/report/", answers(form_key=other, subject="In the second")))
    client.force_login(reporter)

    here, there = client.get(first).content.decode(), client.get(second).content.decode()
    client.post("/report/", answers(form_key=one, subject="In the first tab"))

    assert "In the first tab" in here
    assert "In the second" in there
    assert "In the second" in client.get(second).content.decode()
    assert "In the first tab" not in client.get(first).content.decode()


def test_a_draft_holds_no_secret(reporter):
    Client().post("/report/", answers(csrfmiddlewaretoken="s3cr3t" * 10))

    assert Draft.objects.get().fields == {"description": [STORY]}


def test_of_files_only_that_there_were_some_is_kept(reporter):
    client = signed_in(reporter)
    reference = reported(client)
    path = question(reference, "files")

    client, way = typed_before(reporter, path, {"files": [picture()]})
    page = client.get(way).content.decode()

    assert "only files have to be chosen again" in page
    assert Draft.objects.get().fields == {}


@pytest.mark.parametrize(
    "sent",
    [{}, {"description": ""}, {"csrfmiddlewaretoken": "x"}, {"form_key": "a" * 32}],
)
def test_nothing_typed_is_no_draft(sent):
    response = Client().post("/report/", sent)

    assert response.status_code == 200
    assert not Draft.objects.exists()


def test_the_longest_report_is_kept_and_a_flood_is_not():
    Client().post("/report/", answers(description="a" * 20_000, subject="b" * 1000))
    Client().post("/report/", answers(description="a" * drafts.MOST_CHARACTERS))

    assert Draft.objects.count() == 1


def test_strangers_cannot_fill_the_database_and_the_newest_words_stay(reporter, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_UNCLAIMED", 2)
    for number in range(4):
        Client().post("/report/", answers(subject=f"Number {number}"))

    kept = {each.fields["subject"][0] for each in Draft.objects.all()}
    assert kept == {"Number 2", "Number 3"}


def test_one_address_cannot_push_out_the_words_of_others(monkeypatch):
    monkeypatch.setattr(drafts, "FROM_ONE_ADDRESS", {"drafts": "2/h/ip"})
    for number in range(4):
        Client(REMOTE_ADDR="192.0.2.1").post("/report/", answers(subject=f"Number {number}"))
    Client(REMOTE_ADDR="192.0.2.2").post("/report/", answers(subject="Of another"))

    kept = [each.fields["subject"][0] for each in Draft.objects.order_by("created_at")]
    assert kept == ["Number 0", "Number 1", "Of another"]


def test_of_one_form_and_of_one_person_only_the_newest_are_kept(reporter, outsider, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_OF_A_PERSON", 7)
    other = Draft.objects.create(user=outsider, path="/report/", fields={"subject": ["x"]})
    client = signed_in(reporter)

    for number in range(7):
        client.post("/language/?next=/report/", {"language": "nl", "subject": f"Number {number}"})
    kept = Draft.objects.filter(user=reporter).order_by("created_at")
    assert [each.fields["subject"] for each in kept] == [[f"Number {n}"] for n in range(2, 7)]

    for number in range(5):
        client.post(f"/language/?next=/somewhere/{number}/", {"language": "nl", "subject": "y"})
    assert Draft.objects.filter(user=reporter).count() == 7
    assert Draft.objects.filter(pk=other.pk).exists()


def test_old_drafts_go_when_a_new_one_comes(reporter):
    for age in (drafts.UNCLAIMED_FOR, drafts.UNCLAIMED_FOR / 2):
        aged(Draft.objects.create(path="/report/", fields={"subject": ["nobody's"]}), age)
    for age in (drafts.CLAIMED_FOR, drafts.CLAIMED_FOR / 2):
        aged(Draft.objects.create(path="/report/", user=reporter), age)

    Client().post("/report/", answers())

    assert Draft.objects.filter(user=None).count() == 2
    assert Draft.objects.filter(user=reporter).count() == 1


@pytest.mark.parametrize(
    "path",
    ["/report/%00/noticed/", "/report/%0d%0aX-Evil:%201/check/", "/report/" + "a" * 3000 + "/x/"],
)
def test_an_odd_address_breaks_nothing(path):
    response = Client().post(path, {"a\x00": "b\x00", "description": "NUL \x00"})

    assert response.status_code == 302
    assert "X-Evil" not in response
    assert all("\x00" not in str(each.fields) for each in Draft.objects.all())


def test_a_message_on_a_ticket_waits_too(reporter, outsider):
    ticket = make_report(reporter)
    path = f"/tickets/{ticket.reference}/"
    sent = {"text": "It was Tuesday", "form_key": "a" * 32}
    client, waiting = typed_before(reporter, path, sent)

    assert signed_in(outsider).get(waiting).status_code == 404
    page = client.get(waiting).content.decode()
    client.post(path, sent)

    assert "It was Tuesday</textarea>" in page
    assert '<details class="more add" open>' in page
    assert ticket.timeline.filter(text="It was Tuesday").count() == 1
    assert not Draft.objects.exists()
