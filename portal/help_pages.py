"""/help/: the articles for reporters, and the documentation, the Markdown files of portal/docs."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal import articles, languages, prose
from portal.prose import Prose

DOCS = Path(__file__).parent / "docs"
DOCS_LANGUAGE = "en"
FOR_EVERYBODY = ["reporting"]


class Document(NamedTuple):
    """A file of the documentation."""

    name: str
    title: str
    prose: Prose


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    found = list(documents().values())
    lists = {
        "articles": articles.published(languages.now()),
        "for_everybody": [each for each in found if each.name in FOR_EVERYBODY],
        "documents": [each for each in found if each.name not in FOR_EVERYBODY],
        "docs_language": DOCS_LANGUAGE,
    }
    return render(request, "portal/help_index.html", lists)


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    """A file of the documentation, else an article of this name."""
    if document := documents().get(name):
        return show(request, document.title, document.prose, DOCS_LANGUAGE)
    article = articles.find(name, languages.now())
    if article is None:
        raise Http404
    return show(request, article.title, prose.read(article.body), article.language)


def show(
    request: HttpRequest,
    title: str,
    text: Prose,
    language: str,
    template: str = "portal/help_page.html",
) -> HttpResponse:
    """`text` as readers see it."""
    facts = {"title": title, "prose": text, "text_language": language}
    return render(request, template, facts)


@cache
def documents() -> dict[str, Document]:
    """The documentation by name and in order of title; read once in the life of a process."""
    found = sorted(map(read, DOCS.glob("*.md")), key=lambda each: each.title.casefold())
    return {each.name: each for each in found}


def read(path: Path) -> Document:
    text = prose.read(path.read_text(encoding="utf-8"))
    return Document(path.stem, text.title or path.stem, text)
