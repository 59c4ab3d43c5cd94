"""Knows how a file of any kind becomes records of areas: boundaries by gis, tables by themselves."""

from dataclasses import dataclass, replace
from pathlib import Path

from gis.boundaries import BoundaryFile, read_boundaries
from gis.errors import GisError, UnreadableFile
from gis.problems import Problem
from tracker.errors import Invalid
from tracker.places.columns import AreaColumns, GivenColumns, as_code, as_text, choose_columns
from tracker.places.gis_words import BOUNDARY_FAULTS, refusal
from tracker.places.importing_report import AreaRecord, Rejection, Remark
from tracker.places.importing_tables import Table, read_table
from tracker.places.models import Level
from tracker.texts import N_


@dataclass(frozen=True)
class AreaFile:
    """The records of a file, and the rows that have no usable boundary."""

    records: tuple[AreaRecord, ...]
    rejections: tuple[Rejection, ...] = ()
    remarks: tuple[Remark, ...] = ()
    crs: str = ""
    crs_source: str = ""
    encoding: str = ""


def read_areas(
    path: Path,
    *,
    level: Level | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    given: GivenColumns | None = None,
    only: AreaRecord | None = None,
) -> AreaFile:
    """Read .shp, .zip, .gpkg, .geojson, .json, .csv with or without WKT, or .xlsx.

    `level` only helps to choose among headers. With `only`, the file brings the boundary of that
    area alone: its single feature, or the one with its code. Raises Invalid for a file that cannot be used at
    all; a row that cannot is a rejection.
    """
    if only is None and path.suffix.casefold() == ".xlsx":
        return _from_table(read_table(path, encoding=encoding), level, given)
    try:
        read = read_boundaries(path, crs=crs, encoding=encoding)
        return _of_one(read, only, given) if only else _from_boundaries(read, level, given)
    except UnreadableFile as error:
        if only is not None or error.code != "no_wkt_column":
            raise refusal(error) from error
    except GisError as error:
        raise refusal(error) from error
    return _from_table(read_table(path, encoding=encoding), level, given)


def _from_table(table: Table, level: Level | None, given: GivenColumns | None) -> AreaFile:
    columns = choose_columns(table.fields, level=level, given=given)
    records = tuple(_record(number, cells, columns) for number, cells in table.rows)
    return AreaFile(records, encoding=table.encoding)


def _from_boundaries(
    read: BoundaryFile, level: Level | None, given: GivenColumns | None
) -> AreaFile:
    columns = choose_columns(read.fields, level=level, given=given)
    records = tuple(
        _record(feature.row, feature.properties, columns, feature.polygon)
        for feature in read.features
    )
    return _file(read, records)


def _of_one(read: BoundaryFile, only: AreaRecord, given: GivenColumns | None) -> AreaFile:
    features = list(read.features)
    if len(features) > 1:
        columns = choose_columns(read.fields, given=given)
        features = [
            one
            for one in features
            if as_code(one.properties.get(columns.code), columns.code) == only.code
        ]
    if len(features) > 1:
        raise Invalid(N_("文件中有多个代码为 %(area)s 的图形。"), field="file", area=only.code)
    if not features and not read.problems:
        raise Invalid(N_("文件中没有代码为 %(area)s 的图形。"), field="file", area=only.code)
    return _file(read, tuple(replace(only, row=one.row, polygon=one.polygon) for one in features))


def _file(read: BoundaryFile, records: tuple[AreaRecord, ...]) -> AreaFile:
    return AreaFile(
        records=records,
        rejections=tuple(map(_refused, (one for one in read.problems if one.code != "repaired"))),
        remarks=tuple(map(_remarked, (one for one in read.problems if one.code == "repaired"))),
        crs=read.crs if len(read.crs) <= 40 else "WKT",
        crs_source=read.crs_source,
        encoding=read.encoding,
    )


def _record(row: int, cells: object, columns: AreaColumns, polygon: object = None) -> AreaRecord:
    values: dict[str, object] = dict(cells)  # type: ignore[call-overload]

    def cell(column: str | None) -> object:
        return values.get(column) if column else None

    return AreaRecord(
        row=row,
        code=as_code(cell(columns.code), columns.code),
        name=as_text(cell(columns.name)),
        level=as_text(cell(columns.level)),
        parent=as_code(cell(columns.parent), columns.parent),
        pilot=as_text(cell(columns.pilot)),
        polygon=polygon,
    )


def _refused(problem: Problem) -> Rejection:
    return Rejection(problem.row or 0, "", problem.name, BOUNDARY_FAULTS[problem.code])


def _remarked(problem: Problem) -> Remark:
    return Remark(problem.row or 0, problem.name, BOUNDARY_FAULTS[problem.code])
