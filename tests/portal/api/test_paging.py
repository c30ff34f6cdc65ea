"""Pages by cursor: every row once, forwards and back, whatever the order."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from incidents.models import Incident
from tests.calling import Caller, refused_fields, told
from tests.factories import make_incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def incidents(reporter):
    """Seven incidents; three share a priority."""
    made = [make_incident(reporter=reporter) for _each in range(7)]
    for incident, priority in zip(made, [1, 3, 2, 3, 4, 3, 2], strict=True):
        Incident.objects.filter(pk=incident.pk).update(priority=priority)
    return made


def walk(caller: Caller, address: str, way: str) -> list[list[str]]:
    pages = []
    while address:
        page = told(caller.get(address))
        pages.append([row["reference"] for row in page["results"]])
        address = page[way]
    return pages


@pytest.mark.parametrize(
    "ordering", ["reported_at", "-reported_at", "priority", "-priority", "severity", "-updated_at"]
)
def test_every_row_comes_once_in_any_order(handler, incidents, ordering):
    caller = Caller(handler)
    whole = told(caller.get(f"incidents/?ordering={ordering}"))

    pages = walk(caller, f"incidents/?ordering={ordering}&page_size=2", "next")

    assert [len(page) for page in pages] == [2, 2, 2, 1]
    assert sum(pages, []) == [row["reference"] for row in whole["results"]]
    assert len(set(sum(pages, []))) == 7


def test_the_way_back_shows_the_same_pages(handler, incidents):
    caller = Caller(handler)
    forwards = walk(caller, "incidents/?ordering=priority&page_size=2", "next")
    last = "incidents/?ordering=priority&page_size=2"
    for _page in range(3):
        last = told(caller.get(last))["next"]

    backwards = walk(caller, last, "previous")

    assert backwards == forwards[::-1]


def test_rows_that_come_in_meanwhile_shift_nothing(handler, reporter, incidents):
    caller = Caller(handler)
    first = told(caller.get("incidents/?page_size=3"))
    make_incident(reporter=reporter)

    second = told(caller.get(first["next"]))

    assert second["results"][0]["reference"] == incidents[3].reference


def test_the_first_page_has_no_way_back_and_the_last_no_way_on(handler, incidents):
    page = told(Caller(handler).get("incidents/"))

    assert (page["next"], page["previous"]) == (None, None)


@pytest.mark.parametrize("size", ["0", "-1", "x", "", "1.5", "٣"])
def test_a_page_size_that_is_no_size_is_refused(handler, size):
    assert refused_fields(Caller(handler).get(f"incidents/?page_size={size}")) == {"page_size"}


def test_a_page_is_never_larger_than_200(handler, incidents):
    for size in ("201", "9" * 5000):
        assert len(told(Caller(handler).get(f"incidents/?page_size={size}"))["results"]) == 7


def cursor(*parts) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "",
        "%00",
        "é",
        "a" * 5000,
        cursor("-reported_at", False, "not a time", 1),
        cursor("-reported_at", False, "2026-11-23T10:00:00Z"),
        cursor("-reported_at", "no", "2026-11-23T10:00:00Z", 1),
        cursor("priority", False, "1", 1),
        cursor(),
        base64.urlsafe_b64encode(b"[" * 50_000).decode(),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(handler, text):
    assert refused_fields(Caller(handler).get(f"incidents/?cursor={text}")) == {"cursor"}


def test_a_cursor_with_a_huge_key_is_no_crash(handler, incidents):
    text = cursor("-reported_at", False, "2999-11-23T10:00:00+00:00", 10**30)

    assert Caller(handler).get(f"incidents/?cursor={text}").status_code in {200, 400}


def test_links_keep_the_other_parameters(handler, incidents):
    page = told(Caller(handler).get("incidents/?page_size=2&state=new"))

    assert parse_qs(urlsplit(page["next"]).query)["state"] == ["new"]
