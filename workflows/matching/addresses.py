"""Rule 3 again: web and mail addresses, in which a phrase is only part of a name."""

import re

from .positions import Span

MARK = re.compile(r"://|@|[wW]{3}\.(?<=\b[wW]{3}\.)")
SCHEME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-")
NOT_LOCAL = frozenset('<>()[]{}",;:@\\')
WEB_END = re.compile(r"[\s<>\"\x00]")
DOMAIN = re.compile(r"[^\W_](?:[\w-]|\.(?=\w))*")


def addresses(text: str) -> list[Span]:
    """Return where `scheme://...`, `www....` and mail addresses stand; bare host names are none."""
    found: list[Span] = []
    floor = 0
    for mark in MARK.finditer(text):
        if mark.start() < floor:
            continue
        span = mail(text, mark, floor) if mark.group() == "@" else web(text, mark, floor)
        if span[0] < span[1]:
            found.append(span)
            floor = span[1]
    return found


def web(text: str, mark: re.Match[str], floor: int) -> Span:
    end = WEB_END.search(text, mark.end())
    stop = end.start() if end else len(text)
    start = mark.start()
    if mark.group() == "://":
        while start > floor and text[start - 1] in SCHEME:
            start -= 1
    if stop == mark.end() or (mark.group() == "://" and start == mark.start()):
        return mark.end(), mark.end()
    return start, stop


def mail(text: str, mark: re.Match[str], floor: int) -> Span:
    domain = DOMAIN.match(text, mark.end())
    start = mark.start()
    if domain is None:
        return start, start
    while start > floor and not (text[start - 1].isspace() or text[start - 1] in NOT_LOCAL):
        start -= 1
    return (start, domain.end()) if start < mark.start() else (start, start)
