"""Knows what an import of points answers, and how its rejected rows leave to be mended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tracker.places.importing_report import FileReport, Rejection
from tracker.points.importing_columns import ADDED, COLUMNS, Column
from tracker.points.importing_files import PointRecord
from tracker.sheets import csv_pieces


@dataclass(frozen=True)
class RowChange:
    """What one row does: `changes` is field → [before, after] in words, as in the history."""

    row: int
    code: str
    name: str
    is_new: bool
    changes: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class PointReport(FileReport):
    """The end of an import of points."""

    #: columns of the file that mean nothing here
    ignored: Sequence[str] = ()
    #: the rows that are created or changed, in the order of the file
    rows: Sequence[RowChange] = ()

    def as_dict(self, *, shown: int | None = None) -> dict[str, Any]:
        """Plain data; of the rows created and of those changed the first `shown` each."""
        created = [vars(row) for row in self.rows if row.is_new]
        changed = [vars(row) for row in self.rows if not row.is_new]
        return super().as_dict() | {"rows": created[:shown] + changed[:shown]}


def rejected_rows_csv(
    rejections: Sequence[Rejection],
    words: Mapping[int, str],
    columns: Sequence[Column] = COLUMNS,
) -> str:
    """The rejected rows as CSV in the columns they came in, each with its number and its reason.

    Positions and shapes of files that are no tables are given as WKT in WGS-84. `words` gives the
    reason in words by the place in `rejections`.
    """
    records = [one.record for one in rejections if one.record is not None]
    given = {name for record in records for name in record.cells} | {"code"}
    if any(record.shape is not None for record in records):
        given.add("wkt")
    names = [column.name for column in columns if column.name in given]
    return "".join(csv_pieces([*names, *ADDED], _rows(rejections, words, names)))


def _rows(
    rejections: Sequence[Rejection], words: Mapping[int, str], names: Sequence[str]
) -> Iterator[list[Any]]:
    for index, one in enumerate(rejections):
        record = one.record or PointRecord(one.row, {"code": one.code, "name": one.name})
        cells = dict(record.cells)
        if record.shape is not None and not cells.get("wkt"):
            cells["wkt"] = record.shape.wkt
        yield [*(cells.get(name, "") for name in names), one.row, words[index]]
