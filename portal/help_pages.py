"""The documentation at /help/: the Markdown files of portal/docs, and nothing else."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import nh3
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

DOCS = Path(__file__).parent / "docs"
FIRST = ["reporting"]  # what everybody needs; the rest follows by title
TAGS = set(
    "a blockquote br code del em h1 h2 h3 h4 hr li ol p pre strong table tbody td th thead tr"
    " ul".split()
)
ATTRIBUTES = {
    "a": {"href", "title"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "pre": {"tabindex"},
}


class Heading(NamedTuple):
    anchor: str
    text: str


class Article(NamedTuple):
    name: str
    title: str
    summary: str
    headings: list[Heading]
    html: SafeString


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/help_index.html", {"articles": list(articles().values())})


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    article = articles().get(name)
    if article is None:
        raise Http404
    return render(request, "portal/help_page.html", {"article": article})


@cache
def articles() -> dict[str, Article]:
    """Every article by name, in the order of the index; read once in the life of a process."""
    found = [read(path) for path in sorted(DOCS.glob("*.md"))]
    found.sort(key=lambda each: (each.name not in FIRST, each.title.casefold()))
    return {each.name: each for each in found}


def read(path: Path) -> Article:
    """One file as an article. Its title is its first heading, its summary the first paragraph."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    tokens = parser.parse(path.read_text(encoding="utf-8"))
    title, summary = first(tokens, "h1") or path.stem, first(tokens, "p")
    headings = anchor_all(tokens)
    # Wide code scrolls inside its box, which the keyboard must be able to reach.
    for token in tokens:
        if token.type in {"fence", "code_block"}:
            token.attrSet("tabindex", "0")
    raw = parser.renderer.render(without_title(tokens), parser.options, {})
    return Article(path.stem, title, summary, headings, clean(raw))


def clean(raw: str) -> SafeString:
    """Markup with our tags and attributes only; links lead to the web, to mail, or into here."""
    html = nh3.clean(
        raw,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )
    return mark_safe(html)  # noqa: S308 - nh3 has just cleaned it


def first(tokens: list[Token], tag: str) -> str:
    """The plain text of the first element of this tag; empty when there is none."""
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type.endswith("_open") and opening.tag == tag:
            return plain(inline)
    return ""


def plain(inline: Token) -> str:
    parts = (" " if each.type.endswith("break") else each.content for each in inline.children or [])
    return "".join(parts).strip()


def without_title(tokens: list[Token]) -> list[Token]:
    """The page shows the title itself."""
    is_title = bool(tokens) and tokens[0].tag == "h1"
    return tokens[3:] if is_title else tokens


def anchor_all(tokens: list[Token]) -> list[Heading]:
    """Give every heading below the title an id of its own; the h2 make the table of contents."""
    taken: set[str] = set()
    contents = []
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type != "heading_open" or opening.tag == "h1":
            continue
        anchor = base = slugify(plain(inline)) or "section"
        number = 2
        while anchor in taken:
            anchor, number = f"{base}-{number}", number + 1
        taken.add(anchor)
        opening.attrSet("id", anchor)
        if opening.tag == "h2":
            contents.append(Heading(anchor, plain(inline)))
    return contents
