"""Knows how to read an Excel sheet row by row without trusting it."""

import re
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from itertools import repeat
from pathlib import Path
from typing import Any

from tracker.errors import Invalid
from tracker.tasks.importing.reading import Line
from tracker.tasks.importing.reasons import Reason, RowRejected
from tracker.texts import N_

#: Unpacked size and members above which a workbook is refused before it is opened.
MAX_UNPACKED = 200 * 1024 * 1024
MAX_MEMBERS = 2_000

_FORMULA = re.compile(rb"<f[ >/]")
_CHUNK = 1 << 20


@contextmanager
def open_workbook(path: Path, sheet: str) -> Iterator[Iterator[Line]]:
    """Open the named sheet, or the first; yields its rows, the heading first.

    Raises Invalid for a file that is no workbook, unpacks to too much, or lacks the sheet.
    """
    from openpyxl import load_workbook

    has_formulas = _look_inside(path)
    try:
        with closing(load_workbook(path, read_only=True, data_only=True)) as book:
            found = _sheet(book, sheet)
            if not has_formulas:
                yield _lines(found.iter_rows(values_only=True), repeat(()))
                return
            with closing(load_workbook(path, read_only=True)) as written:
                formulas = _sheet(written, found.title).iter_rows(values_only=True)
                yield _lines(found.iter_rows(values_only=True), formulas)
    except (KeyError, ValueError, TypeError, SyntaxError, zipfile.BadZipFile) as error:
        raise _unreadable(path, str(error)) from error


def _look_inside(path: Path) -> bool:
    """Refuse a bomb by its table of contents; say whether any sheet holds a formula."""
    try:
        with zipfile.ZipFile(path) as pack:
            members = pack.infolist()
            if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_UNPACKED:
                raise Invalid(N_("工作簿解压后过大，请分成几个文件或另存为 CSV。"))
            sheets = [m for m in members if m.filename.startswith("xl/worksheets/")]
            return any(_has_formula(pack, member) for member in sheets)
    except zipfile.BadZipFile as error:
        raise _unreadable(path, str(error)) from error


def _has_formula(pack: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    tail = b""
    with pack.open(member) as stream:
        while piece := stream.read(_CHUNK):
            if _FORMULA.search(tail + piece):
                return True
            tail = piece[-3:]
    return False


def _unreadable(path: Path, what: str) -> Invalid:
    return Invalid(
        N_("%(file)s 不是可读的 Excel 工作簿（%(what)s）。"), file=path.name, what=what[:200]
    )


def _sheet(book: Any, name: str) -> Any:
    if not name:
        return book.worksheets[0]
    if name not in book.sheetnames:
        raise Invalid(
            N_("工作簿中没有工作表“%(name)s”，只有：%(known)s"),
            name=name, known="、".join(book.sheetnames),
        )  # fmt: skip
    return book[name]


def _lines(rows: Iterator[Any], formulas: Iterator[Any]) -> Iterator[Line]:
    width = 0
    for number, (row, written) in enumerate(zip(rows, formulas, strict=False), start=1):
        cells = tuple(map(_as_text, row))
        if not any(cells) and not any(written):
            continue
        width = width or len(cells)
        yield Line(number, cells + ("",) * (width - len(cells)), _empty_formula(row, written))


def _empty_formula(row: Any, written: Any) -> RowRejected | None:
    """A formula whose result the program that wrote the file did not store."""
    for column, (value, formula) in enumerate(zip(row, written, strict=False), start=1):
        if value is None and isinstance(formula, str) and formula.startswith("="):
            return RowRejected(
                Reason.FORMULA, N_("第 %(column)d 列是没有结果的公式，请粘贴为数值"), column=column
            )
    return None


def _as_text(value: Any) -> str:
    """A cell as it would be typed; a date without a time of day stays a date."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
