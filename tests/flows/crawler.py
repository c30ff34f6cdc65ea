"""Walks every page that a visitor can reach, and says what stands on them."""

import re
from collections import deque
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

from django.urls import URLPattern, URLResolver, get_resolver

from tests.flows.callers import Answer, Visitor
from tests.flows.pages import Page

PARAMETER = re.compile(r"<(?:(\w+):)?\w+>")
SAMPLES = {"uuid": "00000000-0000-4000-8000-000000000000", "str": "1", "slug": "x", "path": "1"}
# The token against forged forms, and the number of the request.
DIFFERING = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w+|(?<=<code>)[0-9a-f]{32}(?=<)')


def walk(visitor: Visitor, starts: list[str], *, most: int) -> dict[str, Answer]:
    """Every page that links lead to, by path with query. Stops after `most` pages."""
    waiting, seen = deque(starts), set(starts)
    found: dict[str, Answer] = {}
    while waiting and len(found) < most:
        path = waiting.popleft()
        answer = found[path] = visitor.get(path)
        if answer.status != 200 or "html" not in answer.headers.get("Content-Type", ""):
            continue
        for link in Page(answer.text).links:
            address = urldefrag(urljoin(answer.url, link))[0]
            parts = urlsplit(address)
            following = parts.path + (f"?{parts.query}" if parts.query else "")
            is_ours = address.startswith(visitor.base) and not parts.path.startswith("/static/")
            if is_ours and following not in seen:
                seen.add(following)
                waiting.append(following)
    return found


def paths_below(prefix: str) -> list[str]:
    """Every address of the URL map below `prefix`, with a sample for each parameter."""
    found: set[str] = set()
    collect("/", get_resolver().url_patterns, found)
    return sorted(path for path in found if path.startswith(prefix))


def collect(before: str, patterns: list[URLPattern | URLResolver], found: set[str]) -> None:
    for each in patterns:
        path = before + sample(str(each.pattern))
        if isinstance(each, URLResolver):
            collect(path, each.url_patterns, found)
        else:
            found.add(path)


def sample(pattern: str) -> str:
    """A path that fits; the few regular expressions of the admin too."""
    text = pattern.removeprefix("^").removesuffix("$")
    text = re.sub(r"\(\?P<\w+>\.\*\)", "nowhere", text)
    text = re.sub(r"\(\?P<\w+>([\w]+)[^)]*\)", r"\1", text)
    return PARAMETER.sub(lambda found: SAMPLES.get(found[1] or "str", "1"), text)


def without_tokens(text: str) -> str:
    """The page without what differs from visit to visit."""
    return DIFFERING.sub("", text)


class Route(NamedTuple):
    """One line of the URL map: its path with {name} for each parameter, and their names."""

    path: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return self.path


def routes() -> list[Route]:
    """The whole URL map."""
    found: dict[str, Route] = {}
    gather("/", get_resolver().url_patterns, found)
    return sorted(found.values())


def gather(before: str, patterns: list[URLPattern | URLResolver], found: dict[str, Route]) -> None:
    for each in patterns:
        path = before + named(str(each.pattern))
        if isinstance(each, URLResolver):
            gather(path, each.url_patterns, found)
        else:
            found[path] = Route(path, tuple(re.findall(r"\{(\w+)\}", path)))


def named(pattern: str) -> str:
    """Converters and groups as {name}."""
    text = pattern.removeprefix("^").removesuffix("$").removesuffix("\\Z")
    text = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", text))
    return text.replace("\\", "").replace(".*", "nowhere").removesuffix("/?")
