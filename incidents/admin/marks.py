"""A reporter's words as HTML, with those that fired a rule marked."""

from collections.abc import Iterable

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from incidents.admin.panels import Mark


def highlight(text: str, marks: Iterable[Mark]) -> SafeString:
    """`text` as paragraphs; words that fired are marked, negated ones apart.

    A mark that no longer fits the text is left out; of overlapping marks the first one counts.
    """
    pieces, position = [], 0
    for mark in sorted(marks, key=lambda each: (each.start, -each.end)):
        if mark.start < position or mark.end <= mark.start or mark.end > len(text):
            continue
        pieces.append(conditional_escape(text[position : mark.start]))
        pieces.append(_marked(text[mark.start : mark.end], mark))
        position = mark.end
    pieces.append(conditional_escape(text[position:]))
    return _paragraphs(mark_safe("".join(pieces)))  # noqa: S308 - every piece is escaped above


def _marked(words: str, mark: Mark) -> SafeString:
    if mark.is_negated:
        return format_html('<mark class="no">{}</mark>', words)
    return format_html("<mark>{}</mark>", words)


def _paragraphs(html: SafeString) -> SafeString:
    """Empty lines part paragraphs, unless a mark spans one: that would break the HTML."""
    whole = html.replace("\r\n", "\n").replace("\r", "\n")
    if any("\n\n" in part.partition("</mark>")[0] for part in whole.split("<mark")[1:]):
        return format_html('<p class="as-typed">{}</p>', mark_safe(whole))  # noqa: S308 - escaped
    parts = [part for part in whole.split("\n\n") if part.strip()]
    return format_html_join(
        "\n",
        '<p class="as-typed">{}</p>',
        ((mark_safe(part.strip("\n")),) for part in parts),  # noqa: S308 - escaped
    )
