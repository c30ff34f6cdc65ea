"""The queue as a file, as it is shown: its filters, its words, what its reader may see.

A reporter who asked to stay unnamed is in no file, whoever asks: it leaves the house.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from io import TextIOWrapper
from tempfile import TemporaryFile
from typing import IO, Any

import structlog
import xlsxwriter
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from incidents import access, timeline
from incidents.models import Incident
from incidents.models.timeline import Kind
from incidents.states import Confidentiality

log = structlog.get_logger(__name__)

ROWS_MOST = 10_000
CHUNK = 500
BOM = "\ufeff"  # by it Excel knows UTF-8
# A cell that begins so is a formula to a spreadsheet; the wide forms are to some.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001
# Where lists are parted by semicolons, a cell may begin in the middle of ours.
PARTED = re.compile(r"(?<=[;\t|])(\s*)(?=[=+@＝＋－＠-])")  # noqa: RUF001
UNSEEN = re.compile(r"\A[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
MOMENT = "%Y-%m-%d %H:%M"
XLSX_MOMENT = "yyyy-mm-dd hh:mm"

Cell = str | int | datetime | None


def columns() -> list[tuple[str, Callable[[Any], Cell]]]:
    """Each heading with what stands below it."""
    return [
        (_("Reference"), lambda row: row.reference),
        (_("Severity"), lambda row: f"SEV{row.severity}"),
        (_("Priority"), lambda row: f"P{row.priority}"),
        (_("State"), lambda row: row.get_state_display()),
        (_("Subject"), lambda row: row.subject),
        (_("Department"), lambda row: row.department.name),
        (_("Category"), lambda row: row.category.path if row.category else ""),
        (_("Tags"), lambda row: ", ".join(row.tags)),
        (_("TLP"), lambda row: str(row.tlp)),
        (_("Personal data breach"), lambda row: row.get_breach_status_display()),
        (_("Owner"), lambda row: str(row.owner or "")),
        (_("Waiting for"), lambda row: row.get_waiting_on_display()),
        (_("Outcome"), lambda row: row.get_outcome_display()),
        (_("Reporter"), reporter),
        (_("Reported through"), lambda row: row.get_reported_via_display()),
        (_("Reported (UTC)"), lambda row: row.reported_at),
        (_("Next due (UTC)"), lambda row: row.next_due),
        (_("Next due"), lambda row: row.next_title or ""),
        (_("Closed (UTC)"), lambda row: row.closed_at),
    ]


def reporter(incident: Incident) -> str:
    if incident.is_name_confidential:
        return _("kept confidential")
    return incident.contact_name or str(incident.reporter or "")


def answer(request, incidents: QuerySet[Incident], kind: str) -> FileResponse:
    """The file for whoever may take one. Raises rights.Denied.

    Who took which rows is written down; for each restricted incident in its own timeline too.
    """
    allowed = access.exportable(request.user, incidents)
    total = allowed.order_by().values("pk")[: ROWS_MOST + 1].count()
    rows = allowed.select_related("owner", "department", "category", "reporter")[:ROWS_MOST]
    note(request, allowed, min(total, ROWS_MOST), kind)
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    WRITERS[kind](file, lines(rows, is_cut=total > ROWS_MOST))
    file.seek(0)
    name = f"incidents-{timezone.localtime():%Y%m%d-%H%M}.{kind}"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[kind])
    response["Cache-Control"] = "no-store"
    return response


def note(request, allowed: QuerySet[Incident], total: int, kind: str) -> None:
    """Write down who took what. What was searched for is not: it may be a name."""
    filters = request.GET.copy()
    if filters.get("q"):
        filters["q"] = "…"
    query = iri_to_uri(filters.urlencode())
    words = f"exported {total} rows of the queue as {kind}: {query or 'no filter'}"
    LogEntry.objects.create(
        user=request.user, action_flag=CHANGE, object_repr="Export", change_message=words
    )
    log.info("queue_exported", by=request.user.get_username(), rows=total, kind=kind)
    taken = Incident.objects.filter(pk__in=allowed.values("pk")[:ROWS_MOST])
    for incident in taken.filter(confidentiality=Confidentiality.RESTRICTED):
        timeline.append(incident, Kind.ACCESS, by=request.user, text="exported this incident")


def lines(rows: QuerySet[Incident], *, is_cut: bool) -> Iterator[list[Cell]]:
    """The headings, the rows, and a last line that says so when there were more."""
    found = columns()
    yield [heading for heading, _read in found]
    for row in rows.iterator(chunk_size=CHUNK):
        yield [read(row) for _heading, read in found]
    if is_cut:
        sentence = _("Only the first %d are in this file. Take a narrower filter for the rest.")
        yield [sentence % ROWS_MOST]


def as_csv(file: IO[bytes], rows: Iterable[list[Cell]]) -> None:
    """Comma-separated, in UTF-8."""
    text = TextIOWrapper(file, encoding="utf-8", newline="")
    text.write(BOM)
    csv.writer(text).writerows([plain(cell) for cell in row] for row in rows)
    text.detach()


def plain(cell: Cell) -> str:
    """A cell as text that no spreadsheet runs."""
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime(MOMENT)
    words = "" if cell is None else str(cell)
    words = PARTED.sub(r"\1'", words)
    begins_so = words.startswith(FORMULA) or UNSEEN.sub("", words).startswith(FORMULA)
    return f"'{words}" if begins_so else words


def as_xlsx(file: IO[bytes], rows: Iterable[list[Cell]]) -> None:
    """A workbook of one sheet, written row by row; a text is written as text, never as formula."""
    options = {"constant_memory": True, "default_date_format": XLSX_MOMENT}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 1)
        for n, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(n, column, cell.astimezone(UTC).replace(tzinfo=None))
                else:
                    sheet.write_string(n, column, "" if cell is None else str(cell))


WRITERS = {"csv": as_csv, "xlsx": as_xlsx}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
