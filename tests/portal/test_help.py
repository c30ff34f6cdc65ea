"""/help/: the documentation and nothing else, clean, with a way to every heading."""

import re

import pytest

from portal import help_pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(tmp_path):
    def written(text: str, name: str = "page") -> help_pages.Article:
        path = tmp_path / f"{name}.md"
        path.write_text(text, encoding="utf-8")
        return help_pages.read(path)

    return written


def test_the_index_names_every_article_and_each_opens(client):
    index = client.get("/help/").content.decode()

    names = [path.stem for path in help_pages.DOCS.glob("*.md")]
    assert "reporting" in names
    for name in names:
        assert f'href="/help/{name}/"' in index
        assert client.get(f"/help/{name}/").status_code == 200


@pytest.mark.parametrize(
    "name", ["nothing", "..", "reporting.md", "%2e%2e", "settings.py", "REPORTING"]
)
def test_there_is_nothing_else(client, name):
    assert client.get(f"/help/{name}/").status_code == 404


def test_everybody_may_read_it(client, reporter):
    assert client.get("/help/reporting/").status_code == 200
    client.force_login(reporter)
    assert client.get("/help/reporting/").status_code == 200


def test_every_link_of_the_start_page_leads_to_a_heading(client):
    anchors = re.findall(r'href="/help/reporting/#([^"]+)"', client.get("/").content.decode())
    page = client.get("/help/reporting/").content.decode()

    assert len(anchors) >= 4
    assert [anchor for anchor in anchors if f'id="{anchor}"' not in page] == []


def test_links_between_articles_lead_somewhere(client):
    for article in help_pages.articles().values():
        for target in re.findall(r'href="(/help/[^"#]+)', article.html):
            assert client.get(target).status_code == 200, (article.name, target)


def test_title_summary_and_headings_are_read(write):
    article = write("# A *title*\n\nFirst words.\n\n## One\n\n## One\n\n### Deep\n")

    assert (article.title, article.summary) == ("A title", "First words.")
    assert [heading.anchor for heading in article.headings] == ["one", "one-2"]
    assert 'id="deep"' in article.html
    assert "<h1" not in article.html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](https://elsewhere.test/pixel.png)",
        "<p style='color:red' onclick='x()'>",
        "[x](data:text/html,<script>)",
    ],
)
def test_no_raw_markup_comes_through(write, text):
    html = write(f"# T\n\n{text}\n").html

    tags = re.findall(r"<\w+[^>]*>", html)
    assert not re.search(r"<(script|img|style|iframe)", html)
    assert not [tag for tag in tags if re.search(r"(on\w+|style|src)=|javascript:|data:", tag)]
