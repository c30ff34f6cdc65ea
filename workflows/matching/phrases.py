"""Rule 6: the signs a phrase is written with, and what they stand for.

A phrase is spelled out into every text it can match, so that one automaton finds them all. What
cannot be spelled out (a digit class, a hyphen that must be there) becomes a regular expression
whose every repeat is possessive: it never goes back, so it stays linear.
"""

import re
from dataclasses import dataclass
from itertools import product
from math import prod

from .cleaning import fold

GAP = "…"
OPTIONAL_SPACE = "~"
# A `-` in a phrase may be a hyphen that only breaks the line in the text.
EXACT = {"-": r"-(?:[^\S\n]*+\n[^\S\n]*+(?=[^\W_]))?+", "/": "/"}
SEPARATORS = r"[^\S\n]|[-_/]"
ONE_OR_MORE = rf"(?=[\s\-_/])(?:{SEPARATORS})*+(?:\n(?:{SEPARATORS})*+)?+"
CLASS = re.compile(r"\[((?:[0-9a-z]-[0-9a-z]|[0-9a-z])+)\](\+?)")
RANGE = re.compile(r"(.)-(.)")
LETTERS = re.compile(r"[^\s()|\[\]?+^~/*`_-]+")
SPACES = re.compile(" +")
MOST_SPELLINGS = 2_000
TOO_MANY = "can be written in too many ways: split it into several phrases"
DEEPEST = 10


class Unreadable(Exception):
    """A phrase is written wrongly; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Space:
    """A part of a phrase that white space, `-`, `_` and `/` match."""

    optional: bool


@dataclass(frozen=True, slots=True)
class Exact:
    """A part that the text must hold as it is: a class of characters, or a `-` or `/`."""

    regex: str


Part = str | Space | Exact
Spelling = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Spelled:
    """One way to write a stretch of a phrase.

    `literal` is looked for in text whose separators are single spaces. With a `regex` the literal
    is only its beginning, and the regex decides on the clean text.
    """

    literal: str
    regex: re.Pattern[str] | None = None


Segment = tuple[Spelled, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled phrase: the stretches between its gaps, each in all its spellings."""

    segments: tuple[Segment, ...]


def compile_phrase(source: str) -> Pattern:
    """Return what `source`, without its `^`, matches. Raises Unreadable."""
    return Pattern(tuple(spell_out(Reader(part.strip()).read()) for part in source.split(GAP)))


class Reader:
    """Reads one stretch of a phrase, from left to right."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.depth = 0

    def read(self) -> list[Spelling]:
        spellings = self.sequence()
        if self.at < len(self.source):
            raise Unreadable(
                "closes a bracket that was not opened"
                if self.source[self.at] == ")"
                else "has a | outside of brackets: write two phrases, or (one|other)"
            )
        return spellings

    def sequence(self) -> list[Spelling]:
        """Read up to the end, a `|` or a `)`, and return every combination of the parts."""
        spellings: list[Spelling] = [()]
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            spellings = combine(spellings, self.item())
        return spellings

    def item(self) -> list[Spelling]:
        character = self.source[self.at]
        if character == "(":
            return self.optional(self.group())
        if character == "[":
            return self.optional(self.character_class())
        if plain := LETTERS.match(self.source, self.at):
            return self.letters(plain)
        self.at += 1
        if character.isspace() or character == OPTIONAL_SPACE:
            return [(Space(character == OPTIONAL_SPACE),)]
        if character in EXACT:
            return [(Exact(EXACT[character]),)]
        raise Unreadable(f"has a {character!r} where it means nothing")

    def letters(self, plain: re.Match[str]) -> list[Spelling]:
        """Read a run of letters; if a `?` follows, its last letter is read apart."""
        run = plain.group()
        if len(run) > 1 and self.source[plain.end() : plain.end() + 1] == "?":
            run = run[:-1]
        self.at += len(run)
        if not run.isprintable():
            raise Unreadable("has an invisible character")
        return self.optional([(fold(run),)])

    def group(self) -> list[Spelling]:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable("has too many brackets inside one another")
        spellings: list[Spelling] = []
        while self.at < len(self.source) and self.source[self.at] in "(|":
            self.at += 1
            spellings += self.sequence()
        if self.at == len(self.source):
            raise Unreadable("opens a bracket that is not closed (a … cannot stand inside one)")
        self.at += 1
        self.depth -= 1
        return spellings

    def character_class(self) -> list[Spelling]:
        found = CLASS.match(self.source, self.at)
        if not found:
            raise Unreadable("has a [ without a class such as [0-9]")
        self.at = found.end()
        if any(low > high for low, high in RANGE.findall(found[1])):
            raise Unreadable("has a class that runs backwards")
        return [(Exact(f"[{found[1]}]" + ("++" if found[2] else "")),)]

    def optional(self, spellings: list[Spelling]) -> list[Spelling]:
        """Read a `?` if there is one."""
        if self.source[self.at : self.at + 1] != "?":
            return spellings
        self.at += 1
        return [(), *spellings]


def combine(left: list[Spelling], right: list[Spelling]) -> list[Spelling]:
    if len(left) * len(right) > MOST_SPELLINGS:
        raise Unreadable(TOO_MANY)
    return [a + b for a, b in product(left, right)]


def spell_out(spellings: list[Spelling]) -> Segment:
    """Return every literal or regex for these spellings, without repeats."""
    found: dict[tuple[str, str], Spelled] = {}
    for spelling in spellings:
        for spelled in spell(spelling):
            found[spelled.literal, spelled.regex.pattern if spelled.regex else ""] = spelled
    if len(found) > MOST_SPELLINGS:
        raise Unreadable(TOO_MANY)
    return tuple(found.values())


def spell(spelling: Spelling) -> list[Spelled]:
    choices = [choice(part) for part in spelling]
    if not all(choices):
        return [with_regex(spelling)]
    if prod(map(len, choices)) > MOST_SPELLINGS:
        raise Unreadable(TOO_MANY)
    literals = {SPACES.sub(" ", "".join(chosen)) for chosen in product(*choices)}
    return [Spelled(checked(literal)) for literal in sorted(literals)]


def choice(part: Part) -> tuple[str, ...]:
    """Return the literals for a part; none if only a regex can say it."""
    if isinstance(part, str):
        return (part,)
    if isinstance(part, Space):
        return (" ", "") if part.optional else (" ",)
    return ()


def with_regex(spelling: Spelling) -> Spelled:
    """Return a spelling that is found by the letters it begins with and decided by a regex."""
    first = spelling[0]
    if not isinstance(first, str):
        raise Unreadable("must begin with a letter")
    regex = "".join(piece(part) for part in spelling)
    opening = "".join(part if isinstance(part, str) else " " for part in spelling)
    return Spelled(checked(opening.split(" ")[0]), re.compile(regex))


def piece(part: Part) -> str:
    if isinstance(part, str):
        return re.escape(part)
    if isinstance(part, Exact):
        return part.regex
    return f"(?:{ONE_OR_MORE})?+" if part.optional else ONE_OR_MORE


def checked(literal: str) -> str:
    if not any(character.isalnum() for character in literal):
        raise Unreadable("can match nothing at all")
    if literal != literal.strip():
        raise Unreadable("begins or ends with a space or ~")
    return literal
