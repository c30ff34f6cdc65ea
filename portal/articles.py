"""Help for reporters: short articles, each in the reader's language, or else in English."""

from collections.abc import Collection

from portal.models import Article

FALLBACK = "en"
SUGGESTED_MOST = 3


def published(language: str) -> list[Article]:
    """One row for each article, in order, without its text. One query."""
    rows = _readable(language).defer("body")
    chosen: dict[str, Article] = {}
    for row in rows:
        if row.slug not in chosen or row.language == language:
            chosen[row.slug] = row
    return sorted(chosen.values(), key=lambda row: (row.position, row.slug))


def suggested(kinds: Collection[str], language: str) -> list[Article]:
    """What helps beside a report of these kinds (incidents.states.About). One query."""
    found = [row for row in published(language) if set(kinds) & set(row.about)]
    return found[:SUGGESTED_MOST]


def find(slug: str, language: str) -> Article | None:
    """The article of this name as `language` reads it. One query."""
    rows = {row.language: row for row in _readable(language).filter(slug=slug)}
    return rows.get(language) or rows.get(FALLBACK)


def _readable(language: str):
    return Article.objects.filter(is_published=True, language__in={language, FALLBACK})
