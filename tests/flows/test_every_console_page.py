"""`make screenshots`, and with it the tests of axe and CSP, cover every page of the console."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.urls import URLPattern, URLResolver, get_resolver, resolve

from tests.flows import every_console_page as tables
from tests.screenshots import SHOTS

SAMPLES = {"incident": "1", "ticket": "INC-000001", "report": "INC-000001"}


def names_below(prefix: str, before: str = "", at: URLResolver | None = None) -> Iterator[str]:
    """The name of every line of the URL map whose path begins with `prefix`."""
    for each in (at or get_resolver()).url_patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from names_below(prefix, path, each)
        elif isinstance(each, URLPattern) and path.startswith(prefix):
            yield each.name or ""


def looked_at() -> set[str]:
    """The names that Shots open by their address."""
    paths = {urlsplit(shot.path.format(**SAMPLES)).path for shot in SHOTS}
    return {resolve(path).url_name or "" for path in paths if path.startswith("/admin/")}


def test_every_line_of_the_console_has_a_picture_or_a_reason():
    found = set(names_below("admin/"))

    missing = found - looked_at() - set(tables.REACHED)
    assert {name for name in missing if not tables.is_no_page(name)} == set()


def test_the_tables_name_nothing_that_is_not_there():
    found, shots = set(names_below("admin/")), {shot.name for shot in SHOTS}

    assert {*tables.REACHED, *tables.NO_PAGES} <= found
    assert set(tables.REACHED.values()) <= shots
    assert looked_at().isdisjoint(tables.NO_PAGES)
