"""Knows how to read the rows of a CSV or Excel file one by one, whatever wrote it."""

import codecs
import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import Invalid
from tracker.tasks.importing.profile import Profile
from tracker.tasks.importing.reasons import Reason, RowRejected
from tracker.texts import N_

#: Columns a file of rejected rows has in addition; they are dropped when it comes back.
ADDED = ("row", "reason")

#: A longer cell is no cell.
MAX_CELL = 20_000

_CHUNK = 1 << 20
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Line:
    """One row as text. `number` counts as a spreadsheet does: the heading is 1."""

    number: int
    cells: tuple[str, ...]
    #: what is wrong with the row itself
    fault: RowRejected | None = None


@dataclass(frozen=True)
class Sheet:
    """The heading of a file and its rows, read as they are asked for."""

    header: tuple[str, ...]
    lines: Iterator[Line]


@contextmanager
def open_rows(path: Path, profile: Profile) -> Iterator[Sheet]:
    """Open a .csv, .txt, .tsv or .xlsx file; empty rows are passed over.

    Raises Invalid when the file as a whole cannot be read: not there, empty, an encoding that is
    none of the profile's, no heading.
    """
    try:
        if path.suffix.lower() in (".xlsx", ".xlsm"):
            from tracker.tasks.importing.workbook import open_workbook

            with open_workbook(path, profile.sheet) as found:
                yield _with_header(found)
        elif path.suffix.lower() == ".xls":
            raise Invalid(N_("不支持旧版 .xls 文件，请另存为 .xlsx 或 CSV 后再导入。"))
        else:
            with path.open("rb") as raw:
                if raw.read(4) == b"PK\x03\x04":
                    raise Invalid(N_("这是 Excel 工作簿或压缩包，请使用 .xlsx 扩展名。"))
            encoding = _encoding(path, profile.encodings)
            with path.open(encoding=encoding, newline="") as stream:
                delimiter = profile.delimiter or _delimiter(stream.readline())
                stream.seek(0)
                yield _with_header(_csv_lines(csv.reader(stream, delimiter=delimiter)))
    except OSError as error:
        raise Invalid(
            N_("无法读取文件 %(file)s：%(what)s"), file=path.name, what=error.strerror or str(error)
        ) from error


def _with_header(lines: Iterator[Line]) -> Sheet:
    head = next(lines, None)
    if head is None:
        raise Invalid(N_("文件是空的：没有表头。"))
    if head.fault is not None:
        raise Invalid(N_("表头无法读取：%(what)s"), what=str(head.fault))
    header = tuple(cell.strip() for cell in head.cells)
    while header and not header[-1]:
        header = header[:-1]
    twice = {name for name in header if name and header.count(name) > 1}
    if twice:
        raise Invalid(N_("表头中有重复的列名：%(names)s"), names="、".join(sorted(twice)))
    return Sheet(header, _fitting(lines, len(header)))


def _fitting(lines: Iterator[Line], width: int) -> Iterator[Line]:
    """Rows of exactly `width` cells; one with another number keeps its cells and gets a fault."""
    for line in lines:
        cells = line.cells
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]
        fault = line.fault
        if len(cells) != width and fault is None:
            fault = RowRejected(
                Reason.SHAPE, N_("本行有 %(found)d 列，表头有 %(wanted)d 列"),
                found=len(cells), wanted=width,
            )  # fmt: skip
        yield Line(line.number, cells, fault or _text_fault(cells))


def _text_fault(cells: tuple[str, ...]) -> RowRejected | None:
    for cell in cells:
        if "\x00" in cell:
            return RowRejected(Reason.TEXT, N_("含有无法使用的字符（NUL）"))
        if len(cell) > MAX_CELL:
            return RowRejected(Reason.TEXT, N_("单元格超过 %(n)d 字"), n=MAX_CELL)
    return None


def _csv_lines(rows: Iterator[list[str]]) -> Iterator[Line]:
    csv.field_size_limit(min(sys.maxsize, 1 << 27))
    number = 0
    while True:
        number += 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(
                number,
                (),
                RowRejected(Reason.SHAPE, N_("引号或分隔符有误：%(what)s"), what=str(error)),
            )
            continue
        if any(cell.strip() for cell in cells):
            yield Line(number, tuple(cells))


def _encoding(path: Path, tried: tuple[str, ...]) -> str:
    """The first encoding that decodes the whole file, read in pieces."""
    with path.open("rb") as raw:
        start = raw.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried = ("utf-16",)
    for name in tried:
        if _decodes(path, name):
            return name
    raise Invalid(
        N_("文件编码不是 %(tried)s 中的任何一种，请另存为 UTF-8 编码的 CSV。"),
        tried="、".join(tried),
    )


def _decodes(path: Path, encoding: str) -> bool:
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError as error:
        raise Invalid(N_("不认识的文件编码：%(name)s"), name=encoding) from error
    try:
        with path.open("rb") as raw:
            while piece := raw.read(_CHUNK):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _delimiter(first: str) -> str:
    return max(_DELIMITERS, key=first.count)
