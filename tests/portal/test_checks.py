"""Start-up checks: what each refuses, and that good settings pass all."""

from types import SimpleNamespace

import pytest
from django.core import checks as django_checks

from portal import checks

GOOD = {
    "DEMO": False,
    "HOST": "127.0.0.1",
    "BASE_URL": "https://tocsin.example.org",
    "EMAIL_BACKEND": "workflows.mail.SmtpBackend",
    "WORKDAY_START_HOUR": 9,
    "WORKDAY_END_HOUR": 17,
    "OIDC_SERVER_URL": None,
    "OIDC_CLIENT_ID": "",
    "OIDC_GROUP_MAP": [],
}


def found(settings, **changes: object) -> list[str]:
    """The ids of what our checks find, with good settings but for `changes`."""
    for name, value in {**GOOD, **changes}.items():
        setattr(settings, name, value)
    return [problem.id for check in checks.CHECKS for problem in check()]


def jobs(settings, **changes: object) -> dict[str, object]:
    return {**settings.Q_CLUSTER, **changes}


def test_good_settings_pass(settings):
    assert found(settings) == []


def test_the_checks_are_registered():
    registered = django_checks.registry.registry.get_checks()

    assert set(checks.CHECKS) <= set(registered)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "tocsin.example.org", ""])
def test_a_demo_must_stay_on_loopback(settings, host):
    assert found(settings, DEMO=True, HOST=host) == ["portal.E001"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]"])
def test_a_demo_on_loopback_is_welcome(settings, host):
    assert found(settings, DEMO=True, HOST=host) == []


def test_a_lease_must_outlast_the_longest_wait(settings):
    short = jobs(settings, timeout=30, queue_limit=4, workers=2, retry=90)
    enough = jobs(settings, timeout=30, queue_limit=4, workers=2, retry=91)

    assert found(settings, Q_CLUSTER=short) == ["portal.E002"]
    assert found(settings, Q_CLUSTER=enough) == []


@pytest.mark.parametrize("place", ["", "evidence"])
def test_evidence_must_not_be_public(settings, place):
    location = settings.STATIC_ROOT / place
    storages = {**settings.STORAGES, "evidence": {"OPTIONS": {"location": location}}}

    assert found(settings, STORAGES=storages) == ["portal.E003"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"transaction_mode": "DEFERRED", "init_command": "PRAGMA journal_mode=WAL"},
        {"transaction_mode": "IMMEDIATE"},
    ],
)
def test_sqlite_must_take_turns(settings, monkeypatch, options):
    database = {"default": {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": options}}
    monkeypatch.setattr(checks, "settings", SimpleNamespace(DATABASES=database))

    assert [problem.id for problem in checks.sqlite_takes_turns()] == ["portal.E004"]


def test_jobs_must_share_the_transaction(settings):
    assert found(settings, Q_CLUSTER=jobs(settings, orm="queue")) == ["portal.E005"]


def test_a_working_day_must_have_hours(settings):
    assert found(settings, WORKDAY_START_HOUR=17) == ["portal.E006"]


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701])
def test_data_that_others_may_read_are_refused(settings, tmp_path, mode):
    tmp_path.chmod(mode)

    assert found(settings, DATA_DIR=tmp_path) == ["portal.W003"]


def test_data_for_their_owner_alone_are_welcome(settings, tmp_path):
    tmp_path.chmod(0o700)

    assert found(settings, DATA_DIR=tmp_path) == []


def test_mail_that_only_goes_to_files_is_mentioned(settings):
    to_files = "workflows.mail.OutboxBackend"

    assert found(settings, EMAIL_BACKEND=to_files) == ["portal.W001"]
    assert found(settings, EMAIL_BACKEND=to_files, DEMO=True) == []


def test_an_address_without_encryption_is_mentioned(settings):
    assert found(settings, BASE_URL="http://tocsin.example.org") == ["portal.W002"]
    assert found(settings, BASE_URL="http://127.0.0.1:8000") == []


def test_every_problem_names_its_cure(settings):
    settings.DEMO, settings.HOST = True, "0.0.0.0"

    (problem,) = checks.demo_stays_at_home()

    assert problem.hint == "Set DEMO=0, or HOST=127.0.0.1."


def test_single_sign_on_needs_a_client_id(settings):
    address = "https://id.example.org"

    assert found(settings, OIDC_SERVER_URL=address) == ["portal.E008"]
    assert found(settings, OIDC_SERVER_URL=address, OIDC_CLIENT_ID="tocsin") == []


def test_a_group_maps_to_a_role_that_exists(settings):
    assert found(settings, OIDC_GROUP_MAP=[("soc", "handler"), ("x", "root")]) == ["portal.E009"]
    assert found(settings, OIDC_GROUP_MAP=[("soc", "handler")]) == []
