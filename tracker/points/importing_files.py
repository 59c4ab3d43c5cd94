"""Knows how a file of any kind becomes records of points: shapes by gis, tables by themselves."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gis.coordinates import CoordSys, parse_crs, to_wgs84
from gis.errors import GisError
from gis.features import FeatureFile, read_features, read_wkt
from gis.problems import Problem
from tracker.errors import Invalid
from tracker.places.columns import as_text
from tracker.places.gis_words import refusal
from tracker.places.importing_report import Rejection, Remark
from tracker.places.importing_tables import Table, read_table
from tracker.points.importing_columns import PointColumns, choose_columns
from tracker.texts import N_

#: What is wrong with one shape, by the code of gis.problems.
SHAPE_FAULTS: dict[str, str] = {
    "repaired": N_("图形自相交，已自动修复，请在图上核对"),
    "unsupported_shape": N_("图形不是点、线或面（多个点和混合图形不能作为一个点位）"),
    "too_detailed": N_("图形的顶点过多，请先简化"),
    "not_finite": N_("坐标不是有效数字"),
    "zero_area": N_("面的面积为零"),
    "zero_length": N_("线的长度为零"),
    "outside_world": N_("坐标超出经纬度范围，坐标系可能选错了"),
    "unreadable_geometry": N_("图形无法读取"),
}
#: Characters of a coordinate system that are kept with a point.
_KEPT = 16


@dataclass(frozen=True)
class PointRecord:
    """One row of a file of points as it was given."""

    #: number of the record in the file, from 1 (the header does not count)
    row: int
    #: text by native column, only of columns that the file has
    cells: Mapping[str, str]
    #: shapely, WGS-84 (lon, lat); None where the row has none
    shape: Any = field(default=None, repr=False)
    #: x and y as given, and their coordinate system; empty for lines and areas
    given: tuple[float, ...] = ()
    crs: str = ""

    @property
    def code(self) -> str:
        return self.cells["code"]

    @property
    def name(self) -> str:
        return self.cells.get("name", "")


@dataclass(frozen=True)
class PointFile:
    """The records of a file, and the rows whose shape cannot be used."""

    records: tuple[PointRecord, ...]
    rejections: tuple[Rejection, ...] = ()
    remarks: tuple[Remark, ...] = ()
    #: columns that mean nothing here
    ignored: tuple[str, ...] = ()
    crs: str = ""
    crs_source: str = ""
    encoding: str = ""


def read_points(
    path: Path,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    choose: Callable[[Sequence[str]], PointColumns] = choose_columns,
) -> PointFile:
    """Read .csv, .xlsx, .geojson, .json, .gpkg, .shp or .zip.

    A table's lon and lat are in `crs` (WGS-84 unless said), as is the WKT of its column wkt, which
    goes before them. Raises Invalid for a file that cannot be used at all; a row that cannot is a
    rejection. `choose` matches the headers: other registers have other columns.
    """
    try:
        if path.suffix.casefold() in (".csv", ".xlsx"):
            known = parse_crs(crs) if crs else CoordSys.WGS84.value
            table = read_table(path, encoding=encoding)
            return _from_table(table, choose(table.fields), known, "given" if crs else "default")
        read = read_features(path, crs=crs, encoding=encoding)
        return _from_features(read, choose(read.fields))
    except GisError as error:
        if error.code == "not_one_shapefile":
            raise Invalid(
                N_("压缩包内没有 shapefile，或多于三个（点、线、面各一个）。"), field="file"
            ) from error
        raise refusal(error) from error


def _from_features(read: FeatureFile, columns: PointColumns) -> PointFile:
    crs = read.crs if len(read.crs) <= _KEPT else "file"
    records = tuple(
        PointRecord(
            one.row,
            columns.cells({name: _plain(value) for name, value in one.properties.items()}),
            one.geometry,
            one.given,
            crs,
        )
        for one in read.features
    )
    return PointFile(
        records,
        tuple(_refused(one) for one in read.problems if one.code != "repaired"),
        tuple(_repaired(one) for one in read.problems if one.code == "repaired"),
        columns.ignored,
        crs,
        read.crs_source,
        read.encoding,
    )


def _plain(value: Any) -> str:
    """A property as text; unlike a cell of a table nothing guards it against spreadsheets."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.strip() if isinstance(value, str) else as_text(value)


def _from_table(table: Table, columns: PointColumns, crs: str, source: str) -> PointFile:
    rows = {number: columns.cells(cells) for number, cells in table.rows}
    shapes, problems = _drawn(rows, crs)
    refused = [one for one in problems if one.code != "repaired"]
    return PointFile(
        tuple(
            PointRecord(number, cells, *shapes.get(number, (None, ())), crs)
            for number, cells in rows.items()
            if number not in {one.row for one in refused}
        ),
        tuple(_refused(one, PointRecord(one.row or 0, rows[one.row or 0])) for one in refused),
        tuple(_repaired(one) for one in problems if one.code == "repaired"),
        columns.ignored,
        crs,
        source,
        table.encoding,
    )


def _drawn(
    rows: Mapping[int, Mapping[str, str]], crs: str
) -> tuple[dict[int, tuple[Any, tuple[float, ...]]], list[Problem]]:
    """The shapes that rows give as WKT, by the number of the row, and what is wrong with some."""
    texts = {number: cells["wkt"] for number, cells in rows.items() if cells.get("wkt")}
    if not texts:
        return {}, []
    numbers = list(texts)
    read = read_wkt(list(texts.values()), crs=crs)
    shapes = {numbers[one.row - 1]: (one.geometry, one.given) for one in read.features}
    problems = []
    for one in read.problems:
        number = numbers[(one.row or 1) - 1]
        problems.append(replace(one, row=number, name=rows[number].get("name", "")))
    return shapes, problems


def _refused(problem: Problem, record: PointRecord | None = None) -> Rejection:
    code = record.code if record else ""
    reason = SHAPE_FAULTS[problem.code]
    return Rejection(problem.row or 0, code, problem.name, reason, record=record)


def _repaired(problem: Problem) -> Remark:
    return Remark(problem.row or 0, problem.name, SHAPE_FAULTS["repaired"])


def positions_of(records: tuple[PointRecord, ...]) -> dict[int, tuple[float, float] | Invalid]:
    """Longitude and latitude (WGS-84) of each row that has them in columns, by row, or its fault."""
    found: dict[int, tuple[float, float] | Invalid] = {}
    numbers: list[tuple[int, float, float]] = []
    for record in records:
        lon, lat = record.cells.get("lon", ""), record.cells.get("lat", "")
        if record.shape is not None or not (lon or lat):
            continue
        try:
            numbers.append((record.row, *_numbers(lon, lat)))
        except Invalid as fault:
            found[record.row] = fault
    if numbers:
        rows, xs, ys = zip(*numbers, strict=True)
        lons, lats = to_wgs84(list(xs), list(ys), records[0].crs)
        pairs = zip(rows, lons.tolist(), lats.tolist(), strict=True)
        found |= {row: (lon, lat) for row, lon, lat in pairs}
    return found


def _numbers(lon: str, lat: str) -> tuple[float, float]:
    if not lon or not lat:
        raise Invalid(N_("只有经度或只有纬度"))
    try:
        x, y = float(lon), float(lat)
    except ValueError:
        raise Invalid(
            N_("“经度”“纬度”列的“%(lon)s, %(lat)s”不是数字"), lon=lon[:20], lat=lat[:20]
        ) from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise Invalid(N_("经纬度不是有限的数"))
    return x, y
