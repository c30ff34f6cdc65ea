"""Markdown as pages show it: our tags only, no HTML of the author's, no pictures."""

from typing import NamedTuple

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = set(
    "a blockquote br code del em h2 h3 h4 hr li ol p pre strong table tbody td th thead tr"
    " ul".split()
)
ATTRIBUTES = {
    "a": {"href", "title"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "pre": {"tabindex"},
}
PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


class Heading(NamedTuple):
    anchor: str
    text: str


class Prose(NamedTuple):
    """A text that was read. Its title is its first line if that is a heading of the first rank."""

    title: str
    summary: str
    headings: list[Heading]
    html: SafeString


def read(text: str) -> Prose:
    """`text` without its title, which the page shows itself; the summary is its first paragraph."""
    tokens = PARSER.parse(text)
    title = plain(tokens[1]) if tokens and tokens[0].tag == "h1" else ""
    rest = tokens[3:] if title else tokens
    for token in rest:
        # A page has one title.
        if token.tag == "h1":
            token.tag = "h2"
    headings = anchor_all(rest)
    raw = PARSER.renderer.render(rest, PARSER.options, {})
    # Wide code scrolls inside its box, which the keyboard must be able to reach.
    html = clean(raw.replace("<pre>", '<pre tabindex="0">'))
    return Prose(title, first_paragraph(rest), headings, html)


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


def first_paragraph(tokens: list[Token]) -> str:
    """The plain text of it; empty when there is none."""
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type == "paragraph_open":
            return plain(inline)
    return ""


def plain(inline: Token) -> str:
    parts = (" " if each.type.endswith("break") else each.content for each in inline.children or [])
    return "".join(parts).strip()


def anchor_all(tokens: list[Token]) -> list[Heading]:
    """Give every heading an id of its own; the h2 make the table of contents."""
    taken: set[str] = set()
    contents = []
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type != "heading_open":
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
