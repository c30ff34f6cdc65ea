"""Help articles: in the reader's language or else in English, for everybody, and clean."""

import re

import pytest
from django.utils import translation

from incidents.states import About
from portal import articles
from tests.factories import make_article
from tests.portal.selfservice.typed import signed_in

pytestmark = pytest.mark.django_db

NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://elsewhere.test/pixel.png)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html,<script>)",
    "[x](vbscript:x)",
    "<a href='javascript:alert(1)'>x</a>",
    "<javascript:alert(1)>",
    "<p style='color:red' onclick='x()'>x</p>",
    "<iframe src='https://elsewhere.test'></iframe>",
    "<form action='https://elsewhere.test'><input name=password></form>",
    "</article><h1>Ours</h1>",
]


def titles(rows) -> list[str]:
    return [row.title for row in rows]


# --- Which ones ---------------------------------------------------------------------------------


def test_each_article_is_read_in_ones_language_or_else_in_english():
    make_article("both")
    make_article("both", "nl")
    make_article("english")
    make_article("dutch-alone", "nl")

    assert titles(articles.published("nl")) == ["both (nl)", "dutch-alone (nl)", "english (en)"]
    assert titles(articles.published("fr")) == ["both (en)", "english (en)"]
    assert articles.find("both", "nl").language == "nl"
    assert articles.find("both", "fr").language == "en"
    assert articles.find("dutch-alone", "fr") is None


def test_they_stand_in_their_order_in_every_language():
    make_article("last", position=3)
    make_article("first", position=2)
    make_article("last", "de", position=1)

    assert titles(articles.published("en")) == ["first (en)", "last (en)"]
    assert titles(articles.published("de")) == ["last (de)", "first (en)"]


def test_what_is_hidden_is_nowhere(client):
    make_article("secret", is_published=False)
    make_article("half", "nl", is_published=False)
    make_article("half")

    assert titles(articles.published("nl")) == ["half (en)"]
    assert articles.find("secret", "en") is None
    assert client.get("/help/secret/").status_code == 404
    assert "secret" not in client.get("/help/").content.decode()


def test_those_for_a_kind_of_report_are_suggested_beside_it_and_no_more_than_three():
    for number in range(4):
        make_article(f"mail-{number}", about=[About.SUSPICIOUS_MAIL, About.MALWARE])
    make_article("lost", about=[About.LOST_DEVICE])
    make_article("everywhere")

    assert titles(articles.suggested([About.LOST_DEVICE], "en")) == ["lost (en)"]
    assert len(articles.suggested([About.SUSPICIOUS_MAIL], "en")) == 3
    assert articles.suggested([About.SUPPLIER], "en") == []
    assert articles.suggested([], "en") == []


def test_each_question_costs_one_query(django_assert_num_queries):
    make_article("one", about=[About.MALWARE])
    make_article("one", "nl", about=[About.MALWARE])

    for ask in (
        lambda: articles.published("nl"),
        lambda: articles.suggested([About.MALWARE], "nl"),
        lambda: articles.find("one", "nl"),
    ):
        with django_assert_num_queries(1):
            assert ask()


# --- The pages ----------------------------------------------------------------------------------


def test_everybody_reads_them_on_the_start_page_in_the_list_and_on_their_own(
    client, reporter, agent
):
    make_article("lost-device", title="I lost my laptop", body="## Now\n\nReport it **at once**.")

    for visitor in (client, signed_in(reporter), signed_in(agent)):
        start = visitor.get("/").content.decode()
        index = visitor.get("/help/").content.decode()
        page = visitor.get("/help/lost-device/").content.decode()
        assert '<a href="/help/lost-device/">I lost my laptop</a>' in start
        assert index.index("I lost my laptop") < index.index('href="/help/reporting/"')
        assert index.index('href="/help/reporting/"') < index.index('href="/help/alerting/"')
        assert "<h1>I lost my laptop</h1>" in page
        assert "Report it <strong>at once</strong>." in page


def test_the_start_page_shows_six(client):
    for number in range(7):
        make_article(f"article-{number}")

    page = client.get("/").content.decode()

    assert len(re.findall(r'href="/help/article-\d/"', page)) == 6


def test_the_documentation_keeps_its_names(client):
    make_article("reporting", title="Ours instead")

    assert "Ours instead" not in client.get("/help/reporting/").content.decode()


def test_a_page_in_another_language_says_so(client):
    make_article("both", "nl")
    make_article("english")

    with translation.override("nl"):
        headers = {"accept-language": "nl"}
        dutch = client.get("/help/both/", headers=headers).content.decode()
        english = client.get("/help/english/", headers=headers).content.decode()

    assert "<h1>both (nl)</h1>" in dutch
    assert '<h1 lang="en">english (en)</h1>' in english


@pytest.mark.parametrize("text", NASTY)
def test_no_markup_of_an_author_reaches_a_reader(client, text):
    make_article("nasty", body=f"Before.\n\n{text}\n\nAfter.", title="<script>alert(2)</script>")

    page = client.get("/help/nasty/").content.decode()

    article = re.search(r'<article class="prose.*?</article>', page, re.DOTALL)[0]
    tags = re.findall(r"<\w+[^>]*>", article)
    assert "After." in article
    assert not re.search(r"<(script|img|style|iframe|form|input|h1)", article)
    assert not [tag for tag in tags if re.search(r"(on\w+|style|src)=|script:|data:", tag)]
    assert "<script>alert" not in page


def test_links_lead_to_the_web_to_mail_to_a_phone_and_into_here(client):
    targets = ["https://a.test/", "http://a.test/", "mailto:a@b.test", "tel:+31", "/report/", "#x"]
    refused = ["ftp://a.test/", "file:///etc/passwd", "javascript:x"]
    links = " ".join(f"[w]({target})" for target in [*targets, *refused])
    make_article("links", body=links)

    article = client.get("/help/links/").content.decode().split("<article")[1]

    assert re.findall(r'<a href="([^"]+)"', article.split("</article>")[0]) == targets
