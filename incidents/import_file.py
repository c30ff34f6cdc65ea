"""A CSV file as people's spreadsheets write it: to rows by column, each with its line. Pure."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

BYTES_MOST = 1024 * 1024
ROWS_MOST = 10_000
DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True)
class Problem:
    """What is wrong at a place of the file, and what to do. `column` may be empty."""

    line: int
    column: str
    message: str


@dataclass
class File:
    """What was read. Each row is the line it begins on, and its cells by column."""

    columns: list[str] = field(default_factory=list)
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def decode(data: bytes) -> str:
    """The text of an uploaded file. Raises ValidationError saying what to do."""
    if len(data) > BYTES_MOST:
        raise ValidationError(_("This file is larger than 1 MB. Split it."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ValidationError(
            _("Line %(line)d is not in UTF-8. Save the file as “CSV UTF-8” and try again."),
            params={"line": data.count(b"\n", 0, problem.start) + 1},
        ) from problem
    if "\0" in text:
        raise ValidationError(
            _("Line %(line)d holds a character that is no text. Save the file as CSV again."),
            params={"line": text.count("\n", 0, text.index("\0")) + 1},
        )
    if not text.strip():
        raise ValidationError(_("This file is empty."))
    return text


def read(text: str, known: Sequence[str]) -> File:
    """The rows of `text`, whose first line names columns out of `known`; the first is the key."""
    file = File()
    lines = _lines(text, file)
    line, header = next(lines, (1, []))
    file.columns = [cell.strip().lower() for cell in header]
    while file.columns and not file.columns[-1]:
        file.columns.pop()
    file.problems += _problems_of_header(line, file.columns, known)
    if file.problems:
        return file
    for line, cells in lines:
        if len(file.rows) == ROWS_MOST:
            file.problems.append(Problem(line, "", _("More than 10,000 rows. Split the file.")))
            break
        _take(file, line, cells)
    if not file.rows and not file.problems:
        file.problems.append(Problem(line, "", _("There is no row below the header.")))
    return file


def _take(file: File, line: int, cells: list[str]) -> None:
    expected = len(file.columns)
    while len(cells) > expected and not cells[-1].strip():
        cells.pop()
    if len(cells) != expected:
        told = _("This row has %(found)d cells, the header has %(expected)d. Is a quote missing?")
        counts = {"found": len(cells), "expected": expected}
        file.problems.append(Problem(line, "", told % counts))
        return
    named = zip(file.columns, cells, strict=True)
    file.rows.append((line, {name: cell.strip() for name, cell in named}))


def _lines(text: str, file: File) -> Iterator[tuple[int, list[str]]]:
    """Every line that is not blank, with its number; a quoted cell may go over several."""
    source = StringIO(text, newline="")
    reader = csv.reader(source, delimiter=_delimiter(text), strict=True, skipinitialspace=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            told = _("From here on the file cannot be read. Check the quotation marks.")
            file.problems.append(Problem(line, "", told))
            return
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _delimiter(text: str) -> str:
    """What the header is divided by: no name of a column has such a sign in it."""
    header = text.lstrip("\r\n").partition("\n")[0]
    return max(DELIMITERS, key=header.count)


def _problems_of_header(line: int, found: list[str], known: Sequence[str]) -> list[Problem]:
    problems = []
    for name in dict.fromkeys(found):
        if name not in known:
            told = _("There is no such column. The columns are: %s.") % ", ".join(known)
            problems.append(Problem(line, name, told))
        elif found.count(name) > 1:
            problems.append(Problem(line, name, _("This column stands here twice.")))
    if known[0] not in found:
        told = _("This column is missing. By it a row is found. The first line names the columns.")
        problems.append(Problem(line, known[0], told))
    return problems
