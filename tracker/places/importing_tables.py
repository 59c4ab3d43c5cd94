"""Knows how a table of text is read from CSV or XLSX: headers, rows with numbers, cells as text."""

import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.errors import Invalid
from tracker.places.columns import as_text
from tracker.texts import N_

#: Bounds of a table: rows, and bytes of a workbook when unpacked.
MAX_ROWS = 50_000
MAX_BYTES = 100_000_000

#: Tried in this order when nobody says: Excel writes either of them.
_ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True)
class Table:
    """The header and the rows that are not empty, each with its number from 1."""

    fields: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    encoding: str


def read_table(path: Path, *, encoding: str | None = None) -> Table:
    """Read .csv or .xlsx (its first sheet). Raises Invalid with what to mend."""
    if path.suffix.casefold() == ".xlsx":
        return _table(_workbook(path), "xlsx")
    if path.suffix.casefold() != ".csv":
        raise Invalid(N_("这里只能读 .csv 或 .xlsx 文件。"), field="file")
    if path.stat().st_size > MAX_BYTES:
        raise Invalid(N_("文件过大，请分开导入。"), field="file")
    text, found = _decoded(path.read_bytes(), encoding)
    csv.field_size_limit(2**31 - 1)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise Invalid(N_("CSV 文件格式有误，请检查引号和分隔符。"), field="file") from None
    return _table(lines, found)


def _decoded(content: bytes, encoding: str | None) -> tuple[str, str]:
    for name in (encoding,) if encoding else _ENCODINGS:
        try:
            return content.decode(name), name
        except (UnicodeDecodeError, LookupError):
            continue
    raise Invalid(N_("文字编码不对，请指明编码（如 utf-8 或 gb18030）后重试。"), field="encoding")


def _workbook(path: Path) -> list[list[Any]]:
    from openpyxl import load_workbook

    broken = Invalid(N_("Excel 文件打不开，请另存为 .xlsx 后重试。"), field="file")
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
                raise Invalid(N_("文件过大，请分开导入。"), field="file")
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            return [list(line) for line in sheet.iter_rows(max_row=MAX_ROWS + 2, values_only=True)]
        finally:
            book.close()
    except Invalid:
        raise
    except Exception:  # whatever a torn workbook breaks inside the parser
        raise broken from None


def _table(lines: list[list[Any]], encoding: str) -> Table:
    if not lines:
        raise Invalid(N_("文件是空的。"), field="file")
    if len(lines) > MAX_ROWS + 1:
        raise Invalid(N_("行数超过 %(limit)d，请分开导入。"), field="file", limit=MAX_ROWS)
    fields = [as_text(cell) for cell in lines[0]]
    named = [field for field in fields if field]
    if len(set(named)) != len(named):
        raise Invalid(N_("表头中有重复的列名，请改正后重试。"), field="file")
    rows = []
    for number, line in enumerate(lines[1:], start=1):
        cells = [as_text(cell) for cell in line]
        if any(cells):
            padded = [*cells, *[""] * (len(fields) - len(cells))]
            pairs = zip(fields, padded, strict=False)
            rows.append((number, {field: cell for field, cell in pairs if field}))
    return Table(tuple(named), tuple(rows), encoding)
