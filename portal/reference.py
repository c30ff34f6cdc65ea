"""All shipped reference data: what workflows.reference loads, and the help articles as rows.

What an organisation wrote stays: an article follows its file only while nobody has edited it.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from portal.models import Article
from workflows import reference

ARTICLES = Path(__file__).with_name("shipped") / "articles"
INDEX = "index.yaml"


@transaction.atomic
def sync() -> dict[str, int]:
    """Bring every shipped row up to date; how many of each kind are new or changed.

    Raises what workflows.reference.sync() raises; then nothing was changed.
    """
    return {**reference.sync(), "help articles": _sync_articles()}


def _sync_articles() -> int:
    rows = {(row.slug, row.language): row for row in Article.objects.all()}
    index = yaml.safe_load((ARTICLES / INDEX).read_text(encoding="utf-8"))
    return sum(
        _sync_article(path, index[path.stem], rows.get((path.stem, path.parent.name)))
        for path in sorted(ARTICLES.glob("*/*.md"))
    )


def _sync_article(path: Path, facts: Mapping[str, Any], row: Article | None) -> int:
    """1 if there was something to do. Whether it is published is nothing that a file says."""
    title, _line, body = path.read_text(encoding="utf-8").partition("\n")
    content = {
        "title": title.removeprefix("# ").strip(),
        "body": body.strip(),
        "about": sorted(facts["about"]),
        "position": facts["position"],
    }
    digest = _digest(content)
    if row is None:
        row = Article(slug=path.stem, language=path.parent.name)
    elif row.shipped_digest in {"", digest} or row.shipped_digest != _digest_of(row):
        return 0
    for name, value in content.items():
        setattr(row, name, value)
    row.shipped_digest = digest
    row.save()
    return 1


def _digest_of(row: Article) -> str:
    about = sorted(row.about)
    return _digest({"title": row.title, "body": row.body, "about": about, "position": row.position})


def _digest(content: Mapping[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
