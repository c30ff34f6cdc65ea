"""Help articles in the console: who writes, what is refused, what is noted."""

import pytest
from django.contrib.admin.models import LogEntry

from incidents import roles
from incidents.states import About
from portal.models import Article
from tests.console import Console, words_of
from tests.factories import fresh, make_article, make_user

pytestmark = pytest.mark.django_db

LIST = "portal/article/"
WRITERS = {"ciso", "manager", "communications", "admin"}
READERS = {"auditor"}
OTHERS = sorted(set(roles.ROLE_OF) - WRITERS - READERS)


def as_member(group: str) -> Console:
    return Console(make_user("somebody", group))


def page_of(article: Article) -> str:
    return f"{LIST}{article.pk}/change/"


def typed(**changes) -> dict:
    return {
        "slug": "lost-badge",
        "language": "en",
        "title": "I lost my badge",
        "body": "Call the desk.",
        "about": [About.LOST_DEVICE],
        "position": "70",
        "is_published": "on",
        **changes,
    }


@pytest.mark.parametrize("group", sorted(WRITERS))
def test_who_speaks_for_the_house_writes_articles(group):
    console = as_member(group)

    console.post(f"{LIST}add/", **typed())
    article = Article.objects.get()
    console.post(page_of(article), **typed(title="I lost my pass", is_published=""))

    assert console.get(LIST).status_code == 200
    assert (fresh(article).title, fresh(article).is_published) == ("I lost my pass", False)
    assert fresh(article).about == [About.LOST_DEVICE]


def test_the_auditor_reads_them_and_changes_nothing(auditor):
    article, console = make_article("lost-badge"), Console(auditor)

    page = console.get(page_of(article))

    assert console.get(LIST).status_code == 200
    assert "Help in en." in words_of(page)
    assert 'name="title"' not in page.content.decode()
    assert "preview/" not in page.content.decode()
    assert console.post(page_of(article), **typed()).status_code == 403
    assert console.get(f"{LIST}add/").status_code == 403
    assert console.post(f"{LIST}preview/", **typed()).status_code == 403
    assert fresh(article).title == article.title


@pytest.mark.parametrize("group", OTHERS)
def test_other_roles_have_no_such_page(group):
    article, console = make_article("lost-badge"), as_member(group)

    for path in (LIST, f"{LIST}add/", page_of(article), f"{LIST}{article.pk}/history/"):
        assert console.get(path).status_code == 403
    for path in (f"{LIST}add/", page_of(article), f"{LIST}preview/"):
        assert console.post(path, **typed()).status_code == 403
    assert Article.objects.count() == 1
    assert "Help articles" not in words_of(console.get())


def test_neither_a_reporter_nor_a_stranger_gets_there(reporter):
    make_article("lost-badge")

    assert Console(reporter).get(LIST).status_code == 403
    assert Console(reporter).post(f"{LIST}preview/", **typed()).status_code == 403
    assert Console().get(LIST).status_code == 302
    assert Console().post(f"{LIST}add/", **typed()).status_code == 302
    assert Article.objects.count() == 1


def test_nothing_is_deleted(ciso):
    article, console = make_article("lost-badge"), Console(ciso)

    for sent in (console.get, console.post):
        assert sent(f"{LIST}{article.pk}/delete/").status_code == 403


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"slug": "reporting"}, "The documentation has a page reporting already."),
        ({"slug": "Lost badge"}, "valid “slug”"),
        ({"slug": "taken"}, "There is one of this name in this language already."),
        ({"language": "xx"}, "Select a valid choice"),
        ({"title": ""}, "This field is required"),
        ({"body": " \n "}, "This field is required"),
        ({"body": "a" * 20_001}, "20000"),
        ({"about": ["nonsense"]}, "Select a valid choice"),
        ({"position": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_typed_is_lost(ciso, changes, words):
    make_article("taken")

    answer = Console(ciso).post(f"{LIST}add/", **typed(**changes))

    assert answer.status_code == 200
    assert words in words_of(answer)
    assert str(answer.context["adminform"].form["title"].value()) == typed(**changes)["title"]
    assert Article.objects.count() == 1


def test_an_article_keeps_its_address_and_its_language(ciso):
    article = make_article("lost-badge")

    Console(ciso).post(page_of(article), **typed(slug="reporting", language="nl"))

    assert (fresh(article).slug, fresh(article).language) == ("lost-badge", "en")


def test_every_change_is_noted(ciso):
    console = Console(ciso)

    console.post(f"{LIST}add/", **typed())
    article = Article.objects.get()
    console.post(page_of(article), **typed(body="Call the desk.\r\n\r\nNow."))

    assert fresh(article).body == "Call the desk.\n\nNow."
    notes = [(entry.user, entry.get_change_message()) for entry in LogEntry.objects.order_by("pk")]
    assert notes == [(ciso, "Added."), (ciso, "Changed Text.")]
    assert "Changed Text" in words_of(console.get(f"{LIST}{article.pk}/history/"))


def test_a_preview_shows_what_readers_would_see_and_stores_nothing(ciso):
    article = make_article("lost-badge")
    words = typed(body="Call **now**.\n\n<script>alert(1)</script>", title="Try <b>this</b>")

    form = Console(ciso).get(page_of(article)).content.decode()
    answer = Console(ciso).post(f"{LIST}preview/", **words)

    page = answer.content.decode()
    assert f'formaction="/admin/{LIST}preview/?language=en"' in form
    assert "Call <strong>now</strong>." in page
    assert "Nothing is saved" in page
    assert "<script>alert" not in page
    assert "<b>this</b>" not in page
    assert fresh(article).body == article.body
    assert Console(ciso).get(f"{LIST}preview/").status_code == 405
