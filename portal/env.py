"""Typed readers of the environment. They fail loudly: a bad value never becomes a default."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off", ""}


class BadSetting(SystemExit):
    """A setting cannot be used. One line: the variable, what is wrong, the cure."""

    def __init__(self, name: str, problem: str, cure: str):
        self.line = f"{name}: {problem} {cure}"
        super().__init__(self.line)

    def __str__(self) -> str:
        return self.line


def text(name: str, default: str) -> str:
    """The value of `name` without surrounding space, or `default` when unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """True for 1/true/yes/on, False for 0/false/no/off; anything else is refused."""
    value = os.environ.get(name)
    if value is None:
        return default
    word = value.strip().lower()
    if word in YES | NO:
        return word in YES
    raise BadSetting(name, f"{value!r} is neither yes nor no.", "Use 1 or 0.")


def integer(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError:
        raise BadSetting(name, f"{value!r} is no number.", f"Use {least} to {most}.") from None
    if not least <= number <= most:
        raise BadSetting(name, f"{number} is out of range.", f"Use {least} to {most}.")
    return number


def one_of(name: str, default: str, allowed: Sequence[str]) -> str:
    """One of `allowed`, in any case; returned as it is written in `allowed`."""
    value = text(name, default)
    for choice in allowed:
        if value.lower() == choice.lower():
            return choice
    raise BadSetting(name, f"{value!r} is not known.", f"Use one of: {', '.join(allowed)}.")


def time_zone(name: str, default: str) -> str:
    """The name of an IANA time zone, such as Europe/Amsterdam."""
    value = text(name, default)
    if value in available_timezones():
        return value
    raise BadSetting(name, f"{value!r} is no time zone.", "Use a name such as Europe/Amsterdam.")


def http_url(name: str, default: str) -> str:
    """An absolute http or https address without a slash at its end."""
    value = text(name, default).rstrip("/")
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if usable:
        return value
    raise BadSetting(
        name, f"{value!r} is no web address.", "Use one such as https://tocsin.example.org."
    )


def http_url_or_none(name: str) -> str | None:
    """The same, or None when `name` is unset or empty."""
    return http_url(name, "") if text(name, "") else None


def pairs(name: str) -> list[tuple[str, str]]:
    """Pairs written "a=b, c=d". The last = of each parts it; none when unset or empty."""
    found = []
    for part in filter(str.strip, text(name, "").split(",")):
        left, _equals, right = (word.strip() for word in part.rpartition("="))
        if not left or not right:
            raise BadSetting(name, f"{part.strip()!r} is no pair.", "Write them as a=b, c=d.")
        found.append((left, right))
    return found


def directory(name: str, default: Path) -> Path:
    """A directory that exists (made when missing, for its owner only) and can be written."""
    path = Path(text(name, str(default))).expanduser().resolve()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        usable = os.access(path, os.W_OK | os.X_OK)
    except OSError:
        usable = False
    if usable:
        return path
    raise BadSetting(name, f"{path} cannot be written.", "Name a directory that this user owns.")


def secret(name: str, default: Path) -> str:
    """The secret in the file that `name` points to; made at first use, for its owner only."""
    path = Path(text(name, str(default))).expanduser()
    try:
        create_secret(path)
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise BadSetting(name, f"{path} cannot be read ({problem}).", "Mend it.") from None
    if len(value) < 50:
        raise BadSetting(
            name, f"{path} holds fewer than 50 characters.", "Delete it to get a fresh one."
        )
    return value


def content(name: str) -> str:
    """What the file that `name` points to holds, without space around; empty when it is unset."""
    path = text(name, "")
    if not path:
        return ""
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise BadSetting(name, f"{path} cannot be read ({problem}).", "Mend or unset it.") from None


def paragraphs(name: str) -> list[str]:
    """The paragraphs of the file that `name` points to; none when it is unset."""
    return [part.strip() for part in content(name).split("\n\n") if part.strip()]


def create_secret(path: Path) -> None:
    """Write a fresh secret to `path` unless there is one; safe when two processes start at once."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(64), encoding="utf-8")
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def database(name: str, default: str) -> dict[str, Any]:
    """Django's database settings from a URL: sqlite:/// or postgresql://."""
    value = text(name, default)
    problem = BadSetting(
        name,
        "is no database address.",
        "Use postgresql://user:password@host:5432/name or sqlite:////path/to/file.",
    )
    if urlsplit(value).scheme not in {"sqlite", "postgres", "postgresql"}:
        raise problem
    try:
        return dict(environ.Env.db_url_config(value))
    except ValueError:
        raise problem from None


def mail(name: str, default: str) -> dict[str, Any]:
    """Django's mail settings from a URL: smtp://, smtp+tls://, smtp+ssl:// or outbox:///directory."""
    value = text(name, default)
    parts = urlsplit(value)
    if parts.scheme == "outbox":
        return {"EMAIL_BACKEND": "outbox", "EMAIL_FILE_PATH": parts.path}
    try:
        port = parts.port
        if parts.scheme in {"smtp", "smtp+tls", "smtp+ssl"} and parts.hostname and port != 0:
            return dict(environ.Env.email_url_config(value))
    except ValueError:
        pass
    raise BadSetting(
        name,
        "is no mail address.",
        "Use smtp://user:password@host:587, smtp+tls://, smtp+ssl:// or outbox:///directory.",
    )
