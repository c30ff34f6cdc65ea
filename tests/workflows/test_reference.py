"""The shipped reference data as rows: loaded once, brought up to date, never taken back."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from incidents import roles
from incidents.models import Category, Department
from tests.factories import make_user
from workflows import matching, playbook_format, playbooks, reference
from workflows.models import PlaybookVersion, RuleVersion

CODES = {"DB", "RISK", "PHISH", "MAL", "LOST", "ACC", "DOS", "VULN", "INSIDER", "SUPP"}


@pytest.fixture
def loaded(db):
    return reference.sync()


def test_everything_that_is_shipped_becomes_rows(db):
    fresh = reference.sync()

    assert fresh == {
        "groups": 14,
        "departments": 1,
        "categories": 39,
        "macros": 24,
        "playbooks": 10,
        "rules": 9,
    }
    assert set(Group.objects.values_list("name", flat=True)) == set(roles.GROUP_OF.values())
    assert Department.objects.get().name == "Security-related incidents"
    assert {version.code for version in playbooks.current()} == CODES
    rules = set(RuleVersion.objects.filter(is_active=True).values_list("code", flat=True))
    assert rules == CODES - {"RISK"}


def test_loading_again_changes_nothing(loaded):
    before = snapshot()

    assert set(reference.sync().values()) == {0}
    assert snapshot() == before


def snapshot() -> list:
    models = (Category, Department, PlaybookVersion, RuleVersion)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_the_taxonomy_is_stored_with_its_version_and_exact_codes(loaded):
    leak = Category.objects.get(code="data-leak")

    assert leak.taxonomy_version == "1003"
    assert leak.path == "information-content-security/data-leak"
    assert leak.tag == 'rsit:information-content-security="data-leak"'


@pytest.mark.usefixtures("loaded")
def test_every_category_that_a_playbook_names_exists():
    for version in playbooks.current():
        group, _slash, code = playbooks.content_of(version).category.partition("/")
        assert Category.objects.filter(class_code=group, code=code).exists(), version


def test_a_stored_playbook_reads_back_as_it_was_shipped(loaded):
    shipped = playbook_format.load_shipped()

    stored = {version.code: playbooks.content_of(version) for version in playbooks.current()}

    assert stored == shipped


def test_what_the_organisation_renamed_or_switched_off_stays(loaded):
    Department.objects.update(name="Computer emergencies")
    Category.objects.filter(code="spam").update(is_active=False)

    reference.sync()

    assert Department.objects.get().name == "Computer emergencies"
    assert not Category.objects.get(code="spam").is_active


def test_a_shipped_playbook_with_a_higher_version_comes_into_use(loaded, monkeypatch):
    newer = playbook_format.load_shipped()["DB"].model_copy(update={"version": 2, "title": "Leak"})
    monkeypatch.setattr(playbook_format, "load_shipped", lambda: {"DB": newer})

    assert reference.sync()["playbooks"] == 1

    versions = PlaybookVersion.objects.filter(code="DB").order_by("version")
    assert [(each.version, each.is_current) for each in versions] == [(1, False), (2, True)]


def test_a_newer_playbook_of_the_organisation_stays_in_use(loaded):
    PlaybookVersion.objects.filter(code="DB").update(is_current=False)
    shipped = PlaybookVersion.objects.get(code="DB")
    PlaybookVersion.objects.create(
        code="DB", version=7, title="Ours", content=shipped.content, digest="ours"
    )

    assert reference.sync()["playbooks"] == 0

    assert {each.code: each.version for each in playbooks.current()}["DB"] == 7


def test_a_shipped_playbook_that_changed_without_a_new_version_is_named(loaded, monkeypatch):
    changed = playbook_format.load_shipped()["DB"].model_copy(update={"title": "Leak"})
    monkeypatch.setattr(playbook_format, "load_shipped", lambda: {"DB": changed})

    with pytest.raises(reference.VersionReused, match=r"DB\.yaml.*version 1"):
        reference.sync()

    with pytest.raises(CommandError, match=r"DB\.yaml"):
        call_command("sync_reference")


@pytest.fixture
def phrases(tmp_path, monkeypatch):
    """A folder of phrase lists with one list in it, which is shipped instead of ours."""
    folder = tmp_path / "phrases"
    folder.mkdir()
    monkeypatch.setattr(reference, "PHRASES", folder)
    return folder


def ship(folder, text: str) -> None:
    (folder / "DB.txt").write_text(text, encoding="utf-8")


def test_a_phrase_list_with_a_higher_version_comes_into_use(phrases, db):
    ship(phrases, "version: 1\n[en]\ndata breach\n")
    reference.sync()
    ship(phrases, "version: 2\n[en]\ndata breach\ndata spill\n")

    assert reference.sync()["rules"] == 1

    versions = RuleVersion.objects.order_by("version").values_list("version", "is_active")
    assert list(versions) == [(1, False), (2, True)]


def test_an_older_phrase_list_never_comes_back(phrases, db):
    ship(phrases, "version: 5\n[en]\ndata breach\n")
    reference.sync()
    ship(phrases, "version: 4\n[en]\ndata spill\n")

    assert reference.sync()["rules"] == 0

    assert RuleVersion.objects.get(is_active=True).version == 5


def test_a_phrase_list_that_changed_without_a_new_version_is_named(phrases, db):
    ship(phrases, "version: 1\n[en]\ndata breach\n")
    reference.sync()
    ship(phrases, "version: 1\n[en]\ndata spill\n")

    with pytest.raises(reference.VersionReused, match=r"DB\.txt"):
        reference.sync()


def test_a_version_that_a_person_wrote_is_no_reuse_and_stays(phrases, db):
    ship(phrases, "version: 1\n[en]\ndata breach\n")
    reference.sync()
    RuleVersion.objects.update(is_active=False)
    RuleVersion.objects.create(
        code="DB", version=2, text="version: 2\n[en]\nours\n", loaded_by=make_user("ciso")
    )
    ship(phrases, "version: 2\n[en]\ntheirs\n")

    assert reference.sync()["rules"] == 0

    assert "ours" in RuleVersion.objects.get(is_active=True).text


def test_a_broken_file_changes_nothing_and_is_named_with_its_line(phrases, db):
    ship(phrases, "version: 1\n[en]\ndata (breach\n")

    with pytest.raises(matching.PhraseError, match=r"DB\.txt, line 3"):
        reference.sync()
    with pytest.raises(CommandError, match=r"DB\.txt, line 3"):
        call_command("sync_reference")

    assert not RuleVersion.objects.exists()
    assert not PlaybookVersion.objects.exists()
