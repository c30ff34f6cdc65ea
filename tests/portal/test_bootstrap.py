"""Before any package is there: what has not changed is skipped, and what broke is mended."""

import json

import pytest

from portal import bootstrap

LOCK = "requirements.lock"


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """An empty checkout with two locks that hold nothing."""
    for name in (LOCK, "requirements-dev.lock"):
        (tmp_path / name).touch()
    venv = tmp_path / ".venv"
    for name, value in {
        "ROOT": tmp_path,
        "VENV": venv,
        "PYTHON": venv / "bin" / "python",
        "STAMP": venv / "stamp.json",
    }.items():
        monkeypatch.setattr(bootstrap, name, value)
    return tmp_path


def test_a_checkout_gets_its_environment(checkout, capsys):
    bootstrap.make_venv()
    bootstrap.install(LOCK)

    assert bootstrap.answers(bootstrap.PYTHON, "sys")
    assert bootstrap.installed() == {LOCK: bootstrap.digest(LOCK)}


def test_the_development_lock_serves_running_too(checkout, monkeypatch):
    bootstrap.VENV.mkdir()
    monkeypatch.setattr(bootstrap, "run", lambda _command, _wanted: None)

    bootstrap.install("requirements-dev.lock")

    assert bootstrap.installed()[LOCK] == bootstrap.digest(LOCK)


@pytest.mark.parametrize(("changed", "installs"), [(False, 0), (True, 1)])
def test_it_installs_only_when_the_lock_changed(checkout, monkeypatch, changed, installs):
    done = []
    bootstrap.VENV.mkdir()
    bootstrap.STAMP.write_text(json.dumps({LOCK: bootstrap.digest(LOCK)}))
    if changed:
        (checkout / LOCK).write_text("# another\n")
    monkeypatch.setattr(bootstrap, "answers", lambda _python, _module: True)
    monkeypatch.setattr(bootstrap, "install", done.append)

    bootstrap.main(LOCK)

    assert len(done) == installs


def test_a_half_made_environment_is_made_again(checkout):
    (checkout / ".venv" / "bin").mkdir(parents=True)
    bootstrap.PYTHON.symlink_to("/nowhere/python3.11")

    bootstrap.make_venv()

    assert bootstrap.answers(bootstrap.PYTHON, "sys")


def test_a_failed_installation_says_why_and_is_not_taken_for_done(checkout):
    bootstrap.make_venv()
    (checkout / LOCK).write_text("no-hash-here==1.0\n")

    with pytest.raises(SystemExit) as failed:
        bootstrap.install(LOCK)

    assert "hash" in str(failed.value).lower()
    assert bootstrap.installed() == {}
