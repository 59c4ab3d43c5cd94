"""Knows what an import answers: what was read, stored, rejected and why, and what does not fit."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from tracker.sheets import guarded


@dataclass(frozen=True)
class AreaRecord:
    """One row of a file of areas as it was given; `polygon` is shapely, valid, WGS-84."""

    #: Number of the record in the file, from 1 (the header does not count).
    row: int
    code: str
    name: str
    level: str = ""
    parent: str = ""
    pilot: str = ""
    polygon: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class Rejection:
    """One row that was not stored; `reason` is a message id, filled with `facts`."""

    row: int
    code: str
    name: str
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: the row as it was given, of the kind that the import reads
    record: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class Remark:
    """Something to look at in a row that was stored all the same."""

    row: int
    name: str
    #: a message id, filled with `facts`
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Misfit:
    """One gap, overlap or piece outside the parent; `code` as in gis.topology, size in m²."""

    code: str
    parent: str
    name: str
    other: str
    area_m2: float
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class FileReport:
    """The end of an import. Every row read is created, changed, unchanged or rejected."""

    read: int
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejections: Sequence[Rejection] = ()
    remarks: Sequence[Remark] = ()
    crs: str = ""
    #: `given`, `file` or `rfc7946`: who said which coordinate system it is
    crs_source: str = ""
    encoding: str = ""
    dry_run: bool = False

    @property
    def stored(self) -> int:
        return self.created + self.changed

    @property
    def rejected(self) -> int:
        return len(self.rejections)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for a page or a file; message ids stay untranslated."""
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        return plain | {
            "stored": self.stored,
            "rejected": self.rejected,
            "rejections": [
                {
                    "row": rejection.row,
                    "code": rejection.code,
                    "name": rejection.name,
                    "reason": rejection.reason,
                    "facts": dict(rejection.facts),
                }
                for rejection in self.rejections
            ],
            "remarks": [vars(remark) for remark in self.remarks],
        }


@dataclass(frozen=True)
class ImportReport(FileReport):
    """The end of an import of areas."""

    #: how many new versions of a boundary there are, among the created and the changed
    boundaries: int = 0
    misfits: Sequence[Misfit] = ()

    def as_dict(self) -> dict[str, Any]:
        return super().as_dict() | {"misfits": [vars(misfit) for misfit in self.misfits]}


def rejected_rows_csv(rejections: Sequence[Rejection], words: Mapping[int, str]) -> str:
    """The rejected rows as CSV in the native columns, each with its reason, to mend and import.

    Boundaries are WKT in WGS-84, so the file is imported again with the coordinate system wgs84;
    `words` gives the reason in words by the place in `rejections`. Cells that a spreadsheet would
    run as a formula get an apostrophe, which the import takes off again.
    """
    with_borders = any(one.record and one.record.polygon is not None for one in rejections)
    out = io.StringIO()
    writer = csv.writer(out)
    header = ["row", "code", "name", "level", "parent", "pilot", "reason"]
    writer.writerow(header + (["wkt"] if with_borders else []))
    for index, one in enumerate(rejections):
        record = one.record or AreaRecord(one.row, one.code, one.name)
        cells = [record.code, record.name, record.level, record.parent, record.pilot, words[index]]
        wkt = [record.polygon.wkt if record.polygon is not None else ""] if with_borders else []
        writer.writerow([record.row, *map(guarded, cells), *wkt])
    return "\ufeff" + out.getvalue()
