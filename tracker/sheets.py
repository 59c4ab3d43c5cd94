"""Knows how rows leave as CSV or XLSX so that no text runs as a formula, and how cells come back."""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from tracker.clock import in_city

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Rows of CSV sent at a time.
CHUNK = 500
#: Characters that a cell of a workbook holds (ECMA-376, as Excel reads it).
MAX_CELL = 32_767
#: A cell that starts so may run as a formula in a spreadsheet (OWASP; full-width forms too).
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
#: What XML 1.0 (§2.2) cannot hold: one such character would spoil the whole workbook.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def guarded(cell: str) -> str:
    """A cell of CSV: text that would start a formula, guarded or not, gets an apostrophe before it."""
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA_STARTS) else cell


def unguarded(cell: str) -> str:
    """The text that `guarded` was given; other text stays as it is."""
    is_guard = cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS)
    return cell[1:] if is_guard else cell


def csv_pieces(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """CSV text with a byte-order mark, some hundred rows at a time; times carry their offset."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    yield "\ufeff" + _drained(buffer)
    for number, row in enumerate(rows, start=1):
        writer.writerow([as_text(value) for value in row])
        if number % CHUNK == 0:
            yield _drained(buffer)
    yield _drained(buffer)


def _drained(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def as_text(value: Any) -> Any:
    """A value as a cell of CSV: text guarded, moments on the city's clock with their offset."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return in_city(value).isoformat(sep=" ", timespec="seconds")
    return guarded(value) if isinstance(value, str) else value


def workbook_pieces(
    title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterator[bytes]:
    """An XLSX file in pieces: header frozen, text as text, moments on the city's clock."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append(list(header))
    for row in rows:
        sheet.append([_as_cell(WriteOnlyCell, sheet, value) for value in row])
    kept = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the answer that reads it
    book.save(kept)
    kept.seek(0)
    return _pieces(kept)


def _as_cell(kind: Any, sheet: Any, value: Any) -> Any:
    """A cell of a workbook; a string is written as one whatever it starts with."""
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, datetime):
        cell = kind(sheet, in_city(value).replace(tzinfo=None, microsecond=0))
        cell.number_format = "yyyy-mm-dd hh:mm"
        return cell
    # no guard is needed here, but what looks guarded must come back as it is
    text = guarded(value) if value.startswith("'") else value
    cell = kind(sheet, _NOT_XML.sub("", text)[:MAX_CELL])
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def _pieces(kept: Any) -> Iterator[bytes]:
    with kept:
        while piece := kept.read(64 * 1024):
            yield piece
