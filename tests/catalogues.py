"""`make messages`: what people read, gathered into catalogues for translators, and compiled.

Works without the gettext programs, which a bare machine does not have. The compiled catalogues
are in git, so that a portal speaks all its languages from its first start with nothing to compile.

`python -m tests.catalogues update` brings each django.po up to the sources and drops what no
source says any more; it never guesses a translation. `python -m tests.catalogues compile` writes
each django.mo.
"""

import argparse
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tests.house.tree import PACKAGES, ROOT, files, read

FOLDER = ROOT / "portal" / "locale"
LANGUAGES = ("nl", "de", "fr")  # English is what the sources say
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
TAG = re.compile(r"</?[a-z][^>]*>")
HEAD = "# Made by `make messages`; translate here, then run it again."
HINT = ["Translators:"]  # a comment that starts so reaches the catalogue


class Found(NamedTuple):
    """One phrase as one place of the sources says it; a pair when it can be counted."""

    text: str | tuple[str, ...]
    context: str | None
    place: tuple[str, int]
    hints: list[str]


class Book(Catalog):
    """A catalogue whose head says nothing that changes by itself: no date, no program."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Project-Id-Version", "Tocsin"),
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=UTF-8"),
            ("Content-Transfer-Encoding", "8bit\n"),
        ]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.catalogues", description=__doc__)
    parser.add_argument("act", choices=["update", "compile"])
    act = update if parser.parse_args(arguments).act == "update" else compile_
    for language in LANGUAGES:
        act(language)


def update(language: str) -> None:
    """Make django.po hold what the sources say, with the translations that it had."""
    book = wanted(language)
    kept = stored(language)
    for message in phrases(book):
        known = kept.get(message.id, message.context)
        if known and known.id == message.id and not known.fuzzy:
            message.string = known.string
    write(book)
    missing = sum(not is_translated(message) for message in phrases(book))
    sys.stdout.write(f"{language}: {len(phrases(book))} messages, {missing} without translation\n")


def compile_(language: str) -> None:
    """Write django.mo, which is what runs."""
    po_file(language).with_suffix(".mo").write_bytes(compiled(language))


def compiled(language: str) -> bytes:
    """What django.mo has to be for the django.po that is there."""
    book = Book(locale=language, fuzzy=False)
    for message in phrases(stored(language)):
        if is_translated(message) and not message.fuzzy:
            book.add(message.id, message.string, context=message.context)
    target = io.BytesIO()
    write_mo(target, book)
    return target.getvalue()


def wanted(language: str) -> Book:
    """All that the sources say, without a translation."""
    book = Book(locale=language, fuzzy=False, header_comment=HEAD)
    for found in sources():
        book.add(
            found.text, context=found.context, locations=[found.place], auto_comments=found.hints
        )
    return book


def stored(language: str) -> Catalog:
    """The django.po that is there; an empty catalogue where there is none yet."""
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def write(book: Book) -> None:
    path = po_file(str(book.locale_identifier))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        write_po(target, book, width=100, sort_output=True, include_lineno=False)


def po_file(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "django.po"


def phrases(catalog: Catalog) -> list[Message]:
    """The messages of a catalogue, without its head."""
    return [message for message in catalog if message.id]


def is_translated(message: Message) -> bool:
    """True when every form of it is there."""
    return all(forms(message))


def forms(message: Message) -> list[str]:
    """The translation, or all its forms where something is counted."""
    string = message.string
    return list(string) if isinstance(string, tuple | list) else [string]


def faults(message: Message, language: str) -> list[str]:
    """Why a translation cannot stand: what it lost or made up of the phrase it is for."""
    if not is_translated(message):
        return ["a form is missing"]
    said = forms(message)
    if not message.pluralizable:
        return differences(message.id, said[0])
    if len(said) != Catalog(locale=language).num_plurals:
        return ["another number of forms"]
    one, many = message.id
    # "One day" may be "%(count)s day" elsewhere, and the other way round.
    first = min(differences(one, said[0]), differences(many, said[0]), key=len)
    return first + [fault for form in said[1:] for fault in differences(many, form)]


def differences(source: str, translation: str) -> list[str]:
    """What a program or a browser would stumble over."""
    kept = {
        "placeholders": marks(PLACEHOLDER, source) == marks(PLACEHOLDER, translation),
        "tags": marks(TAG, source) == marks(TAG, translation),
        "space at the edges": edges(source) == edges(translation),
        "a line break where there was none": "\n" in source or "\n" not in translation,
    }
    return [fault for fault, is_kept in kept.items() if not is_kept]


def marks(kind: re.Pattern[str], text: str) -> Counter[str]:
    return Counter(kind.findall(text))


def edges(text: str) -> tuple[str, str]:
    """The white space before and after."""
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


@cache
def sources() -> list[Found]:
    """Every phrase of our Python and our templates, with the places that say it."""
    return [found for path in sorted(files()) for found in said_in(path)]


def said_in(path: Path) -> Iterator[Found]:
    """The phrases of one file; none if it is no source of ours."""
    source = python_of(path)
    spoken = extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS, comment_tags=HINT)
    for line, text, hints, context in spoken:
        yield Found(text, context, (path.as_posix(), line), hints)


def python_of(path: Path) -> str:
    """The file as Python: a template becomes the calls that its tags stand for."""
    if path.parts[0] not in PACKAGES:
        return ""
    if path.suffix == ".py":
        return read(path)
    if path.suffix in (".html", ".txt") and "templates" in path.parts:
        # What is no tag is blanked out but keeps its indents, which mean nothing in a template.
        lines = templatize(read(path), origin=str(path)).splitlines()
        return "\n".join(line.lstrip() for line in lines)
    return ""


if __name__ == "__main__":
    main()
