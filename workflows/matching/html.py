"""Rule 2: HTML to text. One pass from left to right, whatever the text, and a way back."""

import html
import re
from dataclasses import dataclass, field

from .cleaning import HARD_STOP, NEUTRAL
from .positions import Edits, Span
from .vocabulary import words

KNOWN = words(
    """
    a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink
    blockquote body br button canvas caption center cite code col colgroup data datalist dd del
    details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame
    frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend
    li link main map mark marquee menu meta meter nav nobr noframes noscript object ol optgroup
    option output p param picture pre progress q rp rt ruby s samp script search section select
    slot small source span strike strong style sub summary sup svg table tbody td template
    textarea tfoot th thead time title tr track tt u ul var video wbr
    """
)
BLOCKS = words("p div li h1 h2 h3 h4 h5 h6 tr table ul ol pre blockquote")
HIDDEN = frozenset(["script", "style"])

OPENING = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]*)(?=[\s/>])")
DECLARATION = re.compile(r"<[!?][A-Za-z\[]")
TAG_STEP = re.compile(r">|=\s*+([\"'])")
ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]{0,31});?")
LONGEST_NUMBER = 8
CARRIAGE_RETURN = re.compile(r"\r\n?")


@dataclass(slots=True)
class Plain:
    """Text without markup. `edits` lead back to the text it was made of."""

    text: str
    edits: list[Edits] = field(default_factory=list)
    quotes: list[Span] = field(default_factory=list)


def to_text(original: str, *, declared: bool) -> Plain:
    """Return `original` as plain text; `declared` says that it came as text/html.

    Text of another kind is left alone unless a known tag occurs in it.
    """
    text, breaks = unify_breaks(original.replace(HARD_STOP, NEUTRAL))
    if "<" in text or (declared and "&" in text):
        scanner = Scanner(text, declared=declared)
        scanner.run()
        if declared or scanner.has_known_tag:
            plain = scanner.result()
            plain.edits.insert(0, breaks)
            return plain
    return Plain(text, [breaks])


def unify_breaks(text: str) -> tuple[str, Edits]:
    """Turn CRLF and CR into LF."""
    edits, shift = Edits(), 0
    if "\r" not in text:
        return text, edits
    for match in CARRIAGE_RETURN.finditer(text):
        start, end = match.span()
        if end - start == 2:
            edits.add((start - shift, start - shift + 1), (start, end))
            shift += 1
    return CARRIAGE_RETURN.sub("\n", text), edits


class Scanner:
    """Walks over the tags of one text and collects what a reader would see.

    Everything that looks ahead remembers when it found nothing, so that a text full of openings
    that never close is still read in linear time.
    """

    def __init__(self, text: str, *, declared: bool) -> None:
        self.text = text
        self.declared = declared
        self.has_known_tag = False
        self.pieces: list[str] = []
        self.length = 0
        self.edits = Edits()
        self.quotes: list[Span] = []
        self.open_quotes: list[int] = []
        self.missing: set[str] = set()
        self.trust_quotes = True

    def run(self) -> None:
        position = kept = 0
        while (at := self.text.find("<", position)) >= 0:
            end, name = self.markup(at)
            if end < 0:
                position = at + 1
                continue
            if self.is_between_blocks(name, kept, at):
                self.write("", kept, end)
            else:
                self.keep(kept, at)
                self.write(self.shown_for(name), at, end)
            position = kept = end
        self.keep(kept, len(self.text))

    def result(self) -> Plain:
        unclosed = [(start, self.length) for start in self.open_quotes]
        return Plain("".join(self.pieces), [self.edits], self.quotes + unclosed)

    def markup(self, at: int) -> tuple[int, str]:
        """Return the end and name of the markup at `at`; -1 if it is only text."""
        opening = OPENING.match(self.text, at)
        if opening:
            return self.tag(opening)
        if self.text.startswith("<!--", at):
            return self.after("-->", at + 4), ""
        if DECLARATION.match(self.text, at):
            return self.after(">", at), ""
        return -1, ""

    def tag(self, opening: re.Match[str]) -> tuple[int, str]:
        slash, name = opening[1], opening[2].lower()
        known = name in KNOWN
        if not known and not self.declared:
            return -1, ""
        end = self.tag_end(opening.end())
        if end < 0:
            return -1, ""
        self.has_known_tag = self.has_known_tag or known
        if name in HIDDEN and not slash:
            return self.hidden_end(name, end), name
        return end, slash + name

    def tag_end(self, start: int) -> int:
        """Return where the tag ends, its quoted attributes respected if they are sound."""
        end = self.quoted_tag_end(start) if self.trust_quotes else -1
        return end if end >= 0 else self.after(">", start)

    def quoted_tag_end(self, start: int) -> int:
        while step := TAG_STEP.search(self.text, start):
            if step[1] is None:
                return step.end()
            start = self.text.find(step[1], step.end()) + 1
            if not start:
                break
        # One look at the whole rest was in vain: from here on the first `>` ends a tag.
        self.trust_quotes = False
        return -1

    def hidden_end(self, name: str, start: int) -> int:
        """Return the end of a script or style; one that never closes hides only its own tag."""
        closing = f"</{name}"
        if closing not in self.missing:
            found = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(self.text, start)
            end = self.after(">", found.end()) if found else -1
            if end >= 0:
                return end
            self.missing.add(closing)
        return start

    def after(self, mark: str, start: int) -> int:
        """Return the position after the next `mark`, -1 if there is none."""
        if mark in self.missing:
            return -1
        found = self.text.find(mark, start)
        if found < 0:
            self.missing.add(mark)
            return -1
        return found + len(mark)

    def shown_for(self, name: str) -> str:
        """Return what stands in the text for a tag, and note quotations."""
        if name == "blockquote":
            self.open_quotes.append(self.length)
        elif name == "/blockquote" and self.open_quotes:
            self.quotes.append((self.open_quotes.pop(), self.length))
        if name.lstrip("/") in BLOCKS:
            return HARD_STOP
        return "\n" if name in ("br", "/br", "td") else ""

    def is_between_blocks(self, name: str, start: int, end: int) -> bool:
        """True where one block follows another: the white space between them is no empty line."""
        parted = not self.pieces or self.pieces[-1] == HARD_STOP
        return (
            name.lstrip("/") in BLOCKS - {"blockquote"}
            and parted
            and (start == end or self.text[start:end].isspace())
        )

    def keep(self, start: int, end: int) -> None:
        """Copy text between tags, its entities decoded once."""
        position = start
        for match in ENTITY.finditer(self.text, start, end) if start < end else ():
            shown = decode(match.group())
            if shown != match.group():
                self.copy(position, match.start())
                self.write(shown, *match.span())
                position = match.end()
        self.copy(position, end)

    def copy(self, start: int, end: int) -> None:
        if start < end:
            self.pieces.append(self.text[start:end])
            self.length += end - start

    def write(self, shown: str, start: int, end: int) -> None:
        if shown:
            self.pieces.append(shown)
        self.edits.add((self.length, self.length + len(shown)), (start, end))
        self.length += len(shown)


def decode(entity: str) -> str:
    """Return the character an entity stands for; an impossible one is a replacement mark."""
    if entity.startswith("&#"):
        digits = entity[2:].rstrip(";").lstrip("xX").lstrip("0")
        if len(digits) > LONGEST_NUMBER:
            return "\ufffd"
        base = "x" if entity[2] in "xX" else ""
        entity = f"&#{base}{digits or '0'};"
    shown = html.unescape(entity).replace(HARD_STOP, NEUTRAL)
    return CARRIAGE_RETURN.sub("\n", shown)
