"""Times are the reader's own; UTC stands beside them, where everybody can see it."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone, translation

from portal.templatetags.looks import moment

NOON = datetime(2026, 11, 23, 11, 42, tzinfo=UTC)
TAGS = re.compile(r"<[^>]+>")


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOON, tick=False):
        yield


def seen(value, zone="Europe/Amsterdam", language="en"):
    """What a reader sees without touching anything."""
    with timezone.override(zone), translation.override(language):
        return TAGS.sub("", moment(value))


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Europe/Amsterdam", "today 12:42 (11:42 UTC)"),
        ("America/New_York", "today 06:42 (11:42 UTC)"),
        ("Asia/Kolkata", "today 17:12 (11:42 UTC)"),
        ("UTC", "today 11:42 UTC"),
        ("Africa/Abidjan", "today 11:42 UTC"),
    ],
)
def test_a_moment_is_told_by_the_reader_s_clock_and_in_utc(zone, text):
    assert seen(NOON, zone) == text


def test_another_day_in_utc_is_named():
    just_after_midnight = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

    assert seen(just_after_midnight) == "today 00:30 (22 November 23:30 UTC)"


@pytest.mark.parametrize(
    ("language", "near", "far"),
    [
        ("en", "3 May 14:00 (12:00 UTC)", "3 May 2025 14:00 (12:00 UTC)"),
        ("nl", "3 mei 14:00 (12:00 UTC)", "3 mei 2025 14:00 (12:00 UTC)"),
        ("de", "3. Mai 14:00 (12:00 UTC)", "3. Mai 2025 14:00 (12:00 UTC)"),
        ("fr", "3 mai 14:00 (12:00 UTC)", "3 mai 2025 14:00 (12:00 UTC)"),
    ],
)
def test_days_are_written_as_the_language_writes_them(language, near, far):
    assert seen(datetime(2026, 5, 3, 12, tzinfo=UTC), language=language) == near
    assert seen(datetime(2025, 5, 3, 12, tzinfo=UTC), language=language) == far


def test_programs_find_the_exact_moment():
    assert 'datetime="2026-11-23T11:42:00Z"' in moment(NOON)


def test_no_moment_is_nothing():
    assert moment(None) == ""


def test_the_footer_says_whose_clock_it_is(client, db):
    assert "Times are those of Europe/Amsterdam" in client.get("/").content.decode()
