"""The shipped help articles: in four languages, loaded as rows, and never over an edit."""

import re

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.utils import translation
from django.utils.translation import gettext

from incidents.states import About
from portal import prose, reference
from portal.models import Article
from tests.console import Console
from tests.factories import fresh, make_article

LANGUAGES = [code for code, _name in settings.LANGUAGES]
FILES = sorted(reference.ARTICLES.glob("*/*.md"))
INDEX = yaml.safe_load((reference.ARTICLES / reference.INDEX).read_text(encoding="utf-8"))
NAMES = {
    "how-to-report", "lost-device", "clicked-link", "wrong-recipient", "locked-files",
    "strange-account",
}  # fmt: skip


# --- The files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_articles(language):
    found = {path.stem for path in FILES if path.parent.name == language}

    assert found == NAMES == set(INDEX)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_file_is_a_short_text_with_a_title(path):
    source = path.read_text(encoding="utf-8")

    text = prose.read(source)

    assert 0 < len(text.title) <= 120
    assert text.summary
    assert len(text.headings) >= 2
    assert 150 <= len(source.split()) <= 310
    assert "\xad" not in source
    assert "&lt;" not in text.html


def test_translations_have_the_same_parts_and_links():
    def shape(path) -> list[str]:
        html = prose.read(path.read_text(encoding="utf-8")).html
        return re.findall(r"<(?:h\d|ol|ul|li|p)\b|href=\"[^\"]+\"", html)

    for name in sorted(NAMES):
        shapes = {code: shape(reference.ARTICLES / code / f"{name}.md") for code in LANGUAGES}
        assert len({tuple(each) for each in shapes.values()}) == 1, (name, shapes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_to_report_names_the_button_and_the_list_as_the_pages_do(language):
    text = (reference.ARTICLES / language / "how-to-report.md").read_text(encoding="utf-8")

    with translation.override(language):
        button, tickets = gettext("Report a security incident"), gettext("My tickets")

    assert f"**{button}**" in text
    assert f"[{tickets}](/tickets/)" in text


def test_every_kind_of_report_that_the_index_names_exists():
    assert {kind for facts in INDEX.values() for kind in facts["about"]} <= set(About.values)


# --- The rows -----------------------------------------------------------------------------------


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder with one English article in it, which is shipped instead of ours."""
    monkeypatch.setattr(reference, "ARTICLES", tmp_path)
    (tmp_path / "en").mkdir()
    ship(tmp_path, "Call us.")
    return tmp_path


def ship(folder, body: str, title: str = "A lost key", about: str = "[lost_device]") -> None:
    text = f"# {title}\n\n{body}\n"
    (folder / "en" / "lost-key.md").write_text(text, encoding="utf-8")
    index = f"lost-key: {{position: 7, about: {about}}}\n"
    (folder / reference.INDEX).write_text(index, encoding="utf-8")


@pytest.mark.django_db
def test_every_shipped_article_becomes_a_page(client):
    assert reference.sync()["help articles"] == len(FILES)

    assert Article.objects.count() == len(FILES)
    for name in NAMES:
        assert client.get(f"/help/{name}/").status_code == 200
    assert "I lost my laptop or phone" in client.get("/").content.decode()


@pytest.mark.django_db
def test_loading_again_changes_nothing():
    reference.sync()
    before = list(Article.objects.order_by("pk").values())

    assert reference.sync()["help articles"] == 0

    assert list(Article.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_the_command_loads_them_and_tells(capsys):
    call_command("sync_reference")
    first = capsys.readouterr().out
    call_command("sync_reference")

    assert f"{len(FILES)} help articles" in first
    assert "nothing new" in capsys.readouterr().out


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [{"body": "Call now."}, {"title": "Keys"}, {"about": "[lost_device, malware]"}],
    ids=str,
)
def test_an_article_that_nobody_edited_follows_its_file(shelf, change):
    reference.sync()
    ship(shelf, **{"body": "Call us.", **change})

    assert reference.sync()["help articles"] == 1

    row = Article.objects.get()
    assert row.title == change.get("title", "A lost key")
    assert row.body == change.get("body", "Call us.")
    assert len(row.about) == 1 + ("about" in change)


@pytest.mark.django_db
def test_an_edit_in_the_console_survives(shelf, ciso):
    reference.sync()
    row = Article.objects.get()
    words = {"title": "A lost key", "body": "Call Ann.", "position": "7", "is_published": "on"}
    Console(ciso).post(f"portal/article/{row.pk}/change/", **words, about=["lost_device"])
    ship(shelf, "Call somebody else.")

    assert reference.sync()["help articles"] == 0

    assert fresh(row).body == "Call Ann."


@pytest.mark.django_db
def test_what_was_hidden_stays_hidden_and_its_text_still_follows(shelf, ciso):
    ship(shelf, "One.\n\nTwo.", about="[malware, lost_device]")
    reference.sync()
    row = Article.objects.get()
    words = {"title": row.title, "body": "One.\r\n\r\nTwo.", "position": "7"}
    Console(ciso).post(
        f"portal/article/{row.pk}/change/", **words, about=["malware", "lost_device"]
    )
    ship(shelf, "Three.")

    reference.sync()

    assert not fresh(row).is_published
    assert fresh(row).body == "Three."


@pytest.mark.django_db
def test_an_article_of_the_organisation_with_the_same_name_stays(shelf):
    row = make_article("lost-key", body="Ours.")

    assert reference.sync()["help articles"] == 0

    assert fresh(row).body == "Ours."
