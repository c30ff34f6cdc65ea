"""Announcements: shown to everybody while they last, written by few, never deleted."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from incidents import roles
from portal import announcements
from portal.models import Announcement
from tests.console import Console, words_of
from tests.factories import fresh, make_announcement, make_user
from tests.portal.selfservice.typed import signed_in

pytestmark = pytest.mark.django_db

LIST = "portal/announcement/"
WRITERS = {"ciso", "manager", "communications", "admin"}
OTHERS = sorted(set(roles.ROLE_OF) - WRITERS - {"auditor"})
HOUR = timedelta(hours=1)


def page_of(announcement: Announcement) -> str:
    return f"{LIST}{announcement.pk}/change/"


def local(moment) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def typed(**changes) -> dict:
    now = timezone.now()
    return {"title": "Strange mails", "text": "Line\r\nline.", "starts_at": local(now), **changes}


# --- What is shown ------------------------------------------------------------------------------


def test_those_that_have_begun_and_not_ended_are_shown_the_newest_first():
    now = timezone.now()
    older = make_announcement("Older", starts_at=now - 2 * HOUR)
    newer = make_announcement("Newer", starts_at=now - HOUR, ends_at=now + HOUR)
    starting = make_announcement("Starting now", starts_at=now)
    make_announcement("Not yet", starts_at=now + HOUR)
    make_announcement("Over", starts_at=now - 2 * HOUR, ends_at=now)

    assert announcements.current(now) == [starting, newer, older]


def test_everybody_reads_them_on_the_start_page_and_beside_the_form(client, reporter, agent):
    make_announcement("Mails about parcels", text="Do not click.\nDo not reply.")

    for visitor in (client, signed_in(reporter), signed_in(agent)):
        page = visitor.get("/").content.decode()
        assert "Mails about parcels" in page
        assert "<p>Do not click.<br>Do not reply.</p>" in page
        form = visitor.get("/report/").content.decode()
        assert "<b>Mails about parcels</b></summary>" in form
        assert form.index("Do not click.<br>Do not reply.") < form.index('name="description"')


def test_when_none_is_current_there_is_no_empty_box(client):
    make_announcement("Over", ends_at=timezone.now())

    page = client.get("/").content.decode()

    assert "Over" not in page
    assert "announcement-" not in page


def test_an_announcement_is_plain_text(client):
    make_announcement("<b>Bold</b>", text="**Not bold** <script>alert(1)</script>")

    page = client.get("/").content.decode()

    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "**Not bold** &lt;script&gt;" in page


# --- Who writes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("group", sorted(WRITERS))
def test_who_speaks_for_the_house_announces_and_ends_it_early(group, client):
    console = Console(make_user("somebody", group))

    console.post(f"{LIST}add/", **typed(starts_at=local(timezone.now() - HOUR)))
    announcement = Announcement.objects.get()
    is_shown = "Strange mails" in client.get("/").content.decode()
    ended = {"starts_at": local(announcement.starts_at), "ends_at": local(timezone.now())}
    console.post(page_of(announcement), **typed(**ended))

    assert is_shown
    assert announcement.text == "Line\nline."
    assert "Strange mails" not in client.get("/").content.decode()
    notes = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert notes == ["Added.", "Changed Shown until."]
    assert "Changed Shown until" in words_of(console.get(f"{LIST}{announcement.pk}/history/"))


def test_the_auditor_reads_them_and_changes_nothing(auditor):
    announcement, console = make_announcement(), Console(auditor)

    assert console.get(LIST).status_code == 200
    assert "Do not click." in words_of(console.get(page_of(announcement)))
    assert console.get(f"{LIST}add/").status_code == 403
    assert console.post(f"{LIST}add/", **typed()).status_code == 403
    assert console.post(page_of(announcement), **typed()).status_code == 403
    assert fresh(announcement).title == announcement.title


@pytest.mark.parametrize("group", OTHERS)
def test_other_roles_have_no_such_page(group):
    announcement, console = make_announcement(), Console(make_user("somebody", group))

    for path in (LIST, f"{LIST}add/", page_of(announcement)):
        assert console.get(path).status_code == 403
        assert console.post(path, **typed()).status_code == 403
    assert Announcement.objects.get().title == announcement.title


def test_neither_a_reporter_nor_a_stranger_gets_there(reporter):
    make_announcement()

    assert Console(reporter).get(LIST).status_code == 403
    assert Console(reporter).post(f"{LIST}add/", **typed()).status_code == 403
    assert Console().get(LIST).status_code == 302
    assert Console().post(f"{LIST}add/", **typed()).status_code == 302
    assert Announcement.objects.count() == 1


def test_the_form_says_that_everybody_reads_it(manager):
    page = words_of(Console(manager).get(f"{LIST}add/"))

    assert "Name no ticket and no person" in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "This field is required"),
        ({"text": "a" * 2001}, "2000"),
        ({"starts_at": "soon"}, "Enter a valid date/time"),
        (
            {"starts_at": "2026-11-02T10:00", "ends_at": "2026-11-02T09:00"},
            "It must end after it starts.",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_words(manager, changes, words):
    answer = Console(manager).post(f"{LIST}add/", **typed(**changes))

    assert answer.status_code == 200
    assert words in words_of(answer)
    assert not Announcement.objects.exists()


def test_nothing_is_deleted(manager):
    announcement, console = make_announcement(), Console(manager)

    for sent in (console.get, console.post):
        assert sent(f"{LIST}{announcement.pk}/delete/").status_code == 403
