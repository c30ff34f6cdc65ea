"""The phrase lists: as files that a security officer keeps, and as the one index that is searched.

A list is stored as (code, version, text of the file); `parse_list` makes it whole again.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .index import Index
from .phrases import Pattern, Unreadable, compile_phrase

CODES = ("DB", "PHISH", "MAL", "LOST", "ACC", "DOS", "VULN", "INSIDER", "SUPP")
SHIPPED = Path(__file__).parents[1] / "shipped" / "phrases"

VERSION = re.compile(r"version:\s*([1-9][0-9]{0,8})")
SECTION = re.compile(r"\[([a-z]{2})\]")
COMMENT = re.compile(r"(?:^|\s)#.*")
WEAK = "^"


class PhraseError(Exception):
    """A phrase file is wrong. `errors` are (file, line, message); the text names them all."""

    def __init__(self, errors: list[tuple[str, int, str]]) -> None:
        self.errors = errors
        super().__init__("\n".join(f"{file}, line {line}: {text}" for file, line, text in errors))


@dataclass(frozen=True, slots=True)
class Phrase:
    """One line of a list. A weak one gives CONFIRM at most."""

    id: str
    language: str
    text: str
    weak: bool
    pattern: Pattern = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class PhraseList:
    """The phrases, in all languages, that attach the playbook `code`."""

    code: str
    version: int
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class PhraseLists:
    """Several lists compiled together. Immutable; safe to share between threads."""

    lists: tuple[PhraseList, ...]
    index: Index = field(repr=False, compare=False)
    phrases: tuple[tuple[PhraseList, Phrase], ...] = field(repr=False, compare=False)

    @classmethod
    def of(cls, lists: Iterable[PhraseList]) -> "PhraseLists":
        """Compile `lists`. Raises ValueError if two are for the same playbook."""
        kept = tuple(lists)
        if len({each.code for each in kept}) < len(kept):
            raise ValueError("Two phrase lists are for the same playbook.")
        phrases = tuple((each, phrase) for each in kept for phrase in each.phrases)
        return cls(kept, Index([phrase.pattern for _, phrase in phrases]), phrases)

    @property
    def versions(self) -> Mapping[str, int]:
        return {each.code: each.version for each in self.lists}


def load_shipped() -> PhraseLists:
    """Read and compile the lists in `workflows/shipped/phrases/`. Raises PhraseError."""
    files = [SHIPPED / f"{code}.txt" for code in CODES]
    return PhraseLists.of(
        parse_list(file.stem, file.read_text(encoding="utf-8"), file.name) for file in files
    )


def parse_list(code: str, text: str, filename: str) -> PhraseList:
    """Return the list in `text`. Raises PhraseError with every problem found."""
    reader = ListReader(code, filename)
    for number, line in numbered(text):
        reader.line(number, line)
    if not reader.version:
        reader.refuse(1, 'The first line must give the version, such as "version: 1".')
    if reader.errors:
        raise PhraseError(sorted(reader.errors))
    return PhraseList(code, reader.version, tuple(reader.phrases))


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, with their numbers, without comments."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        said = COMMENT.sub("", line).strip()
        if said:
            yield number, said


class ListReader:
    """Collects the phrases of one file, and what is wrong with it."""

    def __init__(self, code: str, filename: str) -> None:
        self.code = code
        self.filename = filename
        self.errors: list[tuple[str, int, str]] = []
        self.version = 0
        self.phrases: list[Phrase] = []
        self.language = ""
        self.seen: dict[str, dict[str, int]] = {}

    def refuse(self, number: int, message: str) -> None:
        self.errors.append((self.filename, number, message))

    def line(self, number: int, line: str) -> None:
        version, section = VERSION.fullmatch(line), SECTION.fullmatch(line)
        if version and not (self.version or self.seen):
            self.version = int(version[1])
        elif section:
            self.section(number, section[1])
        elif self.language:
            self.phrase(number, line)
        else:
            self.refuse(number, "A phrase stands before the first language, such as [en].")

    def section(self, number: int, language: str) -> None:
        if language in self.seen:
            self.refuse(number, f"The language [{language}] has a section already.")
        self.language = language
        self.seen.setdefault(language, {})

    def phrase(self, number: int, line: str) -> None:
        source = line.removeprefix(WEAK).strip()
        before = self.seen[self.language].setdefault(source, number)
        if before != number:
            self.refuse(number, f'The phrase "{source}" is on line {before} already.')
            return
        try:
            pattern = compile_phrase(source)
        except Unreadable as wrong:
            self.refuse(number, f'The phrase "{source}" {wrong}.')
            return
        place = len(self.seen[self.language])
        name = f"{self.code}.{self.language}.{place}"
        self.phrases.append(Phrase(name, self.language, line, line.startswith(WEAK), pattern))
