"""Every reader of the environment: what it takes, and how it refuses the rest."""

import os
import stat
import subprocess
import sys

import pytest

from portal import env
from portal.env import BadSetting


@pytest.fixture
def given(monkeypatch):
    """Sets the variable THING; None unsets it."""

    def set_thing(value: str | None) -> None:
        if value is None:
            monkeypatch.delenv("THING", raising=False)
        else:
            monkeypatch.setenv("THING", value)

    return set_thing


def refusal(read) -> str:
    with pytest.raises(BadSetting) as refused:
        read()
    line = str(refused.value)
    assert line.startswith("THING: ")
    assert "\n" not in line
    return line


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "default"), ("", "default"), ("   ", "default"), ("a", "a"), (" a b ", "a b")],
)
def test_text(given, value, expected):
    given(value)

    assert env.text("THING", "default") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("true", True), ("YES", True), (" on ", True)]
    + [("0", False), ("False", False), ("no", False), ("off", False), ("", False)],
)
def test_flag(given, value, expected):
    given(value)

    assert env.flag("THING", not expected) is expected


@pytest.mark.parametrize("default", [True, False])
def test_an_unset_flag_is_its_default(given, default):
    given(None)

    assert env.flag("THING", default) is default


@pytest.mark.parametrize("value", ["2", "maybe", "ja", "tru"])
def test_flag_refuses(given, value):
    given(value)

    assert "neither yes nor no" in refusal(lambda: env.flag("THING"))


@pytest.mark.parametrize(("value", "expected"), [(None, 5), ("1", 1), ("10", 10), (" 7 ", 7)])
def test_integer(given, value, expected):
    given(value)

    assert env.integer("THING", 5, least=1, most=10) == expected


@pytest.mark.parametrize("value", ["0", "11", "-1", "1.5", "ten", "1e1", "0x5"])
def test_integer_refuses(given, value):
    given(value)

    assert "Use 1 to 10." in refusal(lambda: env.integer("THING", 5, least=1, most=10))


@pytest.mark.parametrize(("value", "expected"), [(None, "json"), ("JSON", "json"), ("b", "b")])
def test_one_of(given, value, expected):
    given(value)

    assert env.one_of("THING", "json", ["json", "b"]) == expected


def test_one_of_refuses_and_lists_the_choices(given):
    given("xml")

    assert "json, b" in refusal(lambda: env.one_of("THING", "json", ["json", "b"]))


@pytest.mark.parametrize("value", ["Mars/Olympus", "CEST", "../etc/passwd"])
def test_time_zone_refuses(given, value):
    given(value)

    refusal(lambda: env.time_zone("THING", "UTC"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "http://localhost:8000"),
        ("https://tocsin.example.org/", "https://tocsin.example.org"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_http_url(given, value, expected):
    given(value)

    assert env.http_url("THING", "http://localhost:8000") == expected


@pytest.mark.parametrize(
    "value", ["tocsin.example.org", "ftp://a.example", "https://", "https://a:0", "https://a:b"]
)
def test_http_url_refuses(given, value):
    given(value)

    refusal(lambda: env.http_url("THING", "http://localhost"))


def test_directory_is_made_for_its_owner_only(given, tmp_path):
    given(str(tmp_path / "new" / "data"))

    made = env.directory("THING", tmp_path)

    assert made == tmp_path / "new" / "data"
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_directory_refuses_a_file(given, tmp_path):
    (tmp_path / "file").touch()
    given(str(tmp_path / "file"))

    refusal(lambda: env.directory("THING", tmp_path))


def test_secret_is_made_once_and_for_its_owner_only(given, tmp_path):
    given(None)
    path = tmp_path / "keys" / "secret"

    first, second = env.secret("THING", path), env.secret("THING", path)

    assert first == second
    assert len(first) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["secret"]


@pytest.mark.parametrize("content", [b"short", b"\xff" * 60, b" " * 60])
def test_secret_refuses_a_bad_file(given, tmp_path, content):
    (tmp_path / "secret").write_bytes(content)
    given(str(tmp_path / "secret"))

    refusal(lambda: env.secret("THING", tmp_path / "other"))


@pytest.mark.parametrize(
    ("value", "engine", "name"),
    [
        (
            "sqlite:////var/lib/tocsin.sqlite3",
            "django.db.backends.sqlite3",
            "/var/lib/tocsin.sqlite3",
        ),
        ("postgres://u:p@db:5432/tocsin", "django.db.backends.postgresql", "tocsin"),
        ("postgresql://u@db/tocsin", "django.db.backends.postgresql", "tocsin"),
    ],
)
def test_database(given, value, engine, name):
    given(value)

    database = env.database("THING", "sqlite:///x")

    assert (database["ENGINE"], database["NAME"]) == (engine, name)


@pytest.mark.parametrize("value", ["mysql://u:p@db/x", "tocsin.sqlite3", "postgres://db:port/x"])
def test_database_refuses_without_repeating_the_password(given, value):
    given(value)

    line = refusal(lambda: env.database("THING", "sqlite:///x"))

    assert value not in line


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("outbox:///var/mail", {"EMAIL_BACKEND": "outbox", "EMAIL_FILE_PATH": "/var/mail"}),
        ("smtp://u:p@mail:587", {"EMAIL_HOST": "mail", "EMAIL_PORT": 587, "EMAIL_HOST_USER": "u"}),
        ("smtp+tls://mail:587", {"EMAIL_USE_TLS": True}),
        ("smtp+ssl://mail:465", {"EMAIL_USE_SSL": True}),
    ],
)
def test_mail(given, value, expected):
    given(value)

    mail = env.mail("THING", "outbox:///x")

    assert {name: mail[name] for name in expected} == expected


@pytest.mark.parametrize(
    "value", ["mail.example.org", "http://mail", "smtp://", "smtp://mail:port"]
)
def test_mail_refuses(given, value):
    given(value)

    refusal(lambda: env.mail("THING", "outbox:///x"))


@pytest.mark.parametrize(
    ("host", "is_answered"), [("127.0.0.1", True), ("::1", True), ("0.0.0.0", False)]
)
def test_loopback_names_are_answered_only_where_nobody_else_can_use_them(
    host, is_answered, tmp_path
):
    told = {"HOST": host, "BASE_URL": "https://tocsin.example.org", "DATA_DIR": str(tmp_path)}
    ask = "from portal import settings; print(*settings.ALLOWED_HOSTS)"

    answer = subprocess.run(
        [sys.executable, "-c", ask], env=told, capture_output=True, text=True, check=True
    )

    names = answer.stdout.split()
    assert "tocsin.example.org" in names
    assert ("localhost" in names) is is_answered


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, []),
        ("", []),
        ("soc=handler", [("soc", "handler")]),
        (" a b = c ,d=e,", [("a b", "c"), ("d", "e")]),
        ("cn=soc;ou=x=handler", [("cn=soc;ou=x", "handler")]),
    ],
)
def test_pairs(given, value, expected):
    given(value)

    assert env.pairs("THING") == expected


@pytest.mark.parametrize("value", ["soc", "=handler", "soc=", "a=b,c"])
def test_what_is_no_pair_is_refused(given, value):
    given(value)

    assert "is no pair" in refusal(lambda: env.pairs("THING"))


def test_the_content_of_a_file(given, tmp_path):
    file = tmp_path / "secret"
    file.write_text(" a secret\n", encoding="utf-8")

    given(str(file))
    assert env.content("THING") == "a secret"
    given(None)
    assert env.content("THING") == ""
    given(str(tmp_path / "missing"))
    assert "cannot be read" in refusal(lambda: env.content("THING"))


def test_an_address_that_may_be_missing(given):
    given("https://id.example.org/realms/main/")
    assert env.http_url_or_none("THING") == "https://id.example.org/realms/main"
    given("")
    assert env.http_url_or_none("THING") is None
    given("id.example.org")
    assert "is no web address" in refusal(lambda: env.http_url_or_none("THING"))
