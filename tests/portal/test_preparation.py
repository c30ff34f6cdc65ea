"""What happens before web and worker start, and what is skipped the second time."""

import os

import pytest
from django.contrib.auth import get_user_model
from django.core import checks
from django.core.management import CommandError

from portal import preparation
from tests.factories import make_user


@pytest.fixture
def ran(monkeypatch) -> list[str]:
    """The management commands that were called, which do nothing."""
    called: list[str] = []
    monkeypatch.setattr(preparation, "run_quietly", lambda name, **_: called.append(name))
    return called


def test_static_files_are_collected_only_when_one_changed(ran, settings, tmp_path):
    settings.DATA_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    page = tmp_path / "source" / "page.css"
    for path in (page, settings.STATIC_ROOT / "staticfiles.json"):
        path.parent.mkdir()
        path.touch()

    preparation.collect_static()
    preparation.collect_static()
    assert ran == ["collectstatic"]

    os.utime(page, (1, 1))
    preparation.collect_static()
    assert ran == ["collectstatic"] * 2


def test_static_files_are_collected_again_when_they_are_gone(ran, settings, tmp_path):
    settings.DATA_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"

    preparation.collect_static()
    preparation.collect_static()

    assert ran == ["collectstatic"] * 2


@pytest.mark.django_db
def test_an_empty_database_gets_the_demo(ran):
    preparation.seed_demo()

    assert ran == ["seed_demo"]


@pytest.mark.django_db
def test_a_database_in_use_gets_no_demo(ran):
    get_user_model().objects.create_user("somebody")

    preparation.seed_demo()

    assert ran == []


@pytest.mark.parametrize(("demo", "wanted"), [(True, True), (False, False)])
def test_the_demo_is_a_step_only_where_it_is_wanted(settings, demo, wanted):
    settings.DEMO = demo

    assert (preparation.seed_demo in dict(preparation.list_steps()).values()) is wanted


def test_a_wrong_setting_stops_it_in_one_line(monkeypatch):
    found = [
        checks.Warning("mild", id="x.W1"),
        checks.Error("HOST: bad.", hint="Mend it.", id="x.E1"),
    ]
    monkeypatch.setattr(checks, "run_checks", lambda: found)

    with pytest.raises(CommandError) as refused:
        preparation.check_settings()

    assert str(refused.value) == "HOST: bad. Mend it. (x.E1)"


@pytest.mark.django_db
def test_accounts_whose_passwords_everybody_knows_stop_an_earnest_start():
    make_user("reporter")
    make_user("agent", "agent")
    handler = make_user("handler", "handler")
    handler.set_password("demo-handler-no-longer")
    handler.save()

    with pytest.raises(CommandError, match=r"DATA_DIR: .*\(agent, reporter\)"):
        preparation.refuse_demo_accounts()


@pytest.mark.django_db
def test_accounts_of_the_same_names_with_passwords_of_their_own_start():
    person = make_user("admin", "admin")
    person.set_password("nobody knows this one")
    person.save()
    gone = make_user("agent")
    gone.is_active = False
    gone.save()

    preparation.refuse_demo_accounts()
