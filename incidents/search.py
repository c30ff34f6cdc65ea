"""Full-text search in what reporters wrote: one function for console, API and portal.

SQLite has an FTS5 table beside the incidents, PostgreSQL a generated tsvector; triggers and the
database itself keep them (incidents/search_index.py). Measured in ENGINE.md C: LIKE takes a second
at a million incidents, this a few milliseconds.
"""

import re
import unicodedata
from contextlib import suppress

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from incidents import access
from incidents.models import Incident
from incidents.search_index import SQLITE

HITS_MOST = 5_000
WORDS_MOST = 16
CHARACTERS_MOST = 200
WORD = re.compile(r"[^\W_]+")
NUMBER = re.compile(r"[1-9][0-9]{0,17}\Z", re.ASCII)

FTS5 = """
    SELECT rowid FROM incidents_search WHERE incidents_search MATCH %s
    ORDER BY rowid DESC LIMIT %s
"""
# The fence: with the order inside, the planner walks all incidents to find a rare word.
RARE = """
    WITH hits AS MATERIALIZED (
        SELECT id FROM incidents_incident WHERE search @@ to_tsquery('simple', %s) LIMIT %s
    ) SELECT id FROM hits
"""
COUNT = f"SELECT count(*) FROM ({RARE}) AS hits"  # noqa: S608 - of our own words only
COMMON = """
    SELECT id FROM incidents_incident WHERE search @@ to_tsquery('simple', %s)
    ORDER BY id DESC LIMIT %s
"""

WITH_KEY = "SELECT * FROM (%s) AS hits UNION SELECT %%s"


def matching(incidents: QuerySet[Incident], text: str) -> QuerySet[Incident]:
    """Those with every word of `text`, or with the beginning of it; a reference finds its incident.

    Case and accents do not matter. Of very common words only the newest HITS_MOST count. Says
    nothing about who may see them: give it incidents that are visible already.
    """
    text = text[:CHARACTERS_MOST]
    hits, key = words_of(text), _key(text)
    if not hits:
        return incidents.filter(pk=key) if key is not None else incidents.none()
    return incidents.filter(pk__in=_hits(hits, key))


def words_of(text: str) -> list[str]:
    """The words to look for, as both indexes know them: lower case, without accents."""
    plain = unicodedata.normalize("NFD", text.lower())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return WORD.findall(unicodedata.normalize("NFC", bare))[:WORDS_MOST]


def _key(text: str) -> int | None:
    if NUMBER.match(text.strip()):
        return int(text)
    with suppress(Incident.DoesNotExist):
        return access.key_of(text)
    return None


def _hits(words: list[str], key: int | None) -> RawSQL:
    # The words are letters and digits, and travel as parameters.
    if connection.vendor == SQLITE:
        wanted, found = " AND ".join(f'"{word}"*' for word in words), FTS5
    else:
        wanted = " & ".join(f"'{word}':*" for word in words)
        found = COMMON if _is_common(wanted) else RARE
    if key is None:
        return RawSQL(found, [wanted, HITS_MOST])  # noqa: S611
    # As one set: with OR beside it, PostgreSQL reads every incident.
    return RawSQL(WITH_KEY % found, [wanted, HITS_MOST, key])  # noqa: S611


def _is_common(wanted: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [wanted, HITS_MOST])
        return cursor.fetchone()[0] >= HITS_MOST
