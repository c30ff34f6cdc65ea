"""/help/: the documentation, clean, with a way to every heading. test_articles.py has the rest."""

import re

import pytest

from portal import help_pages
from portal.reference import sync as sync_articles

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(tmp_path):
    def written(text: str, name: str = "page") -> help_pages.Document:
        path = tmp_path / f"{name}.md"
        path.write_text(text, encoding="utf-8")
        return help_pages.read(path)

    return written


def test_the_index_names_every_document_and_each_opens(client):
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


def test_links_between_documents_lead_somewhere(client):
    sync_articles()

    for document in help_pages.documents().values():
        for target in re.findall(r'href="(/help/[^"#]+)', document.prose.html):
            assert client.get(target).status_code == 200, (document.name, target)


def test_title_summary_and_headings_are_read(write):
    text = write("# A *title*\n\nFirst words.\n\n## One\n\n## One\n\n### Deep\n").prose

    assert (text.title, text.summary) == ("A title", "First words.")
    assert [heading.anchor for heading in text.headings] == ["one", "one-2"]
    assert 'id="deep"' in text.html
    assert "<h1" not in text.html


def test_a_page_has_one_title_whatever_is_written(write):
    text = write("Words first.\n\n# Then a title\n").prose

    assert text.title == ""
    assert "<h1" not in text.html
    assert [heading.text for heading in text.headings] == ["Then a title"]


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
    html = write(f"# T\n\n{text}\n").prose.html

    tags = re.findall(r"<\w+[^>]*>", html)
    assert not re.search(r"<(script|img|style|iframe)", html)
    assert not [tag for tag in tags if re.search(r"(on\w+|style|src)=|javascript:|data:", tag)]
