"""Knows how points become a file of each kind: tables for offices, layers for maps."""

import json
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tracker.clock import in_city
from tracker.errors import Invalid
from tracker.points.exporting import POINTS, OutColumn, Sheet
from tracker.sheets import MAX_CELL, XLSX, csv_pieces, workbook_pieces
from tracker.texts import N_

Pieces = Iterator[bytes]
#: Bytes of a text field of a shapefile (dBASE holds 254); what is longer goes on in name_2 …
_FIELD = 240
#: A layer that packs more tightly than this is stored unpacked, so that our own import, wary of
#: archives that unpack to too much, takes it.
_RATIO = 50
#: Shapefiles hold one kind of geometry each.
_KINDS = {"Point": "points", "LineString": "lines", "Polygon": "areas"}


@dataclass(frozen=True)
class Format:
    """A kind of file: its ending, its media type, and what writes it from lines of a sheet."""

    ending: str
    media_type: str
    writer: Callable[[Iterable[Any], bool, Sheet], Pieces]

    def write(self, lines: Iterable[Any], english: bool, sheet: Sheet = POINTS) -> Pieces:
        """The bytes of a file with these lines, headings in English or Chinese."""
        return self.writer(lines, english, sheet)


def _csv(lines: Iterable[Any], english: bool, sheet: Sheet) -> Pieces:
    rows = ([column.value(line) for column in sheet.table] for line in lines)
    return (piece.encode() for piece in csv_pieces(_header(english, sheet), rows))


def _xlsx(lines: Iterable[Any], english: bool, sheet: Sheet) -> Pieces:
    title = sheet.name if english else sheet.title
    # a workbook that was begun must be ended, so what cannot be written is found before
    return workbook_pieces(title, _header(english, sheet), [_cells(line, sheet) for line in lines])


def _header(english: bool, sheet: Sheet) -> list[str]:
    return [column.english if english else column.chinese for column in sheet.table]


def _cells(line: Any, sheet: Sheet) -> list[Any]:
    cells = [column.value(line) for column in sheet.table]
    if any(isinstance(cell, str) and len(cell) > MAX_CELL for cell in cells):
        raise Invalid(
            N_("%(what)s %(number)s 的图形太细，Excel 放不下。请导出 CSV、GeoJSON 或 GPKG。"),
            field="format",
            what=sheet.title,
            number=sheet.code(line),
        )
    return cells


def _geojson(lines: Iterable[Any], _english: bool, sheet: Sheet) -> Pieces:
    """A feature on each line (RFC 7946), so that two exports can be compared as text."""
    from shapely.geometry import mapping

    yield b'{"type": "FeatureCollection", "features": [\n'
    for place, line in enumerate(lines):
        shape = sheet.shape(line)
        feature = {
            "type": "Feature",
            "id": sheet.code(line),
            "properties": {column.english: _property(column, line) for column in sheet.layer},
            "geometry": None if shape is None else mapping(shape),
        }
        yield (b",\n" if place else b"") + json.dumps(feature, ensure_ascii=False).encode()
    yield b"\n]}\n"


def _property(column: OutColumn, line: Any) -> Any:
    value = column.value(line)
    return in_city(value).isoformat() if isinstance(value, datetime) else value


def _gpkg(lines: Iterable[Any], _english: bool, sheet: Sheet) -> Pieces:
    found = list(lines)
    columns = {one.english: [_property(one, line) for line in found] for one in sheet.layer}
    with tempfile.TemporaryDirectory(prefix="points-") as room:
        file = Path(room) / f"{sheet.name}.gpkg"
        _write_layer(file, columns, [sheet.shape(line) for line in found], "Unknown")
        yield file.read_bytes()


def _shp(lines: Iterable[Any], _english: bool, sheet: Sheet) -> Pieces:
    """A zip with a shapefile for points, one for lines and one for areas, UTF-8 with its .cpg."""
    groups: dict[str, list[Any]] = defaultdict(list)
    groups["Point"] = []
    for line in lines:
        drawn = sheet.geometry(line)
        kind = drawn["type"].removeprefix("Multi") if drawn else "Point"
        groups[kind].append(line)
    with tempfile.TemporaryDirectory(prefix="points-") as room:
        for kind, some in groups.items():
            columns: dict[str, list[Any]] = {}
            for one in sheet.layer:
                columns |= _fields(one.short, [_property(one, line) for line in some])
            shapes = [sheet.shape(line) for line in some]
            _write_layer(Path(room) / f"{_KINDS[kind]}.shp", columns, shapes, kind)
        yield _zipped(Path(room))


def _fields(name: str, values: Sequence[Any]) -> dict[str, list[Any]]:
    """The fields of one column: texts too long for one go on in the next."""
    parts = [_parts(value) if isinstance(value, str) else [value] for value in values]
    most = max(map(len, parts), default=1)
    return {
        name if place == 0 else f"{name[:8]}_{place + 1}": [
            part[place] if place < len(part) else ("" if place else None) for part in parts
        ]
        for place in range(most)
    }


def _parts(text: str) -> list[str]:
    """A text in parts that fit a field; none ends in a space, which dBASE would drop."""
    found, start = [], 0
    while len(text[start:].encode()) > _FIELD:
        end = start + len(text[start:].encode()[:_FIELD].decode(errors="ignore"))
        cut = start + len(text[start:end].rstrip())
        end = cut if cut > start else end
        found.append(text[start:end])
        start = end
    return [*found, text[start:]]


def _write_layer(
    file: Path, columns: dict[str, list[Any]], shapes: Sequence[Any], kind: str
) -> None:
    import geopandas
    import pyogrio

    frame = geopandas.GeoDataFrame(columns, geometry=list(shapes), crs="EPSG:4326")
    for name in columns:
        if all(isinstance(value, str | None) for value in columns[name]):
            frame[name] = frame[name].astype(object)
    options = {"encoding": "UTF-8"} if file.suffix == ".shp" else {}
    pyogrio.write_dataframe(frame, file, geometry_type=kind, **options)


def _zipped(folder: Path) -> bytes:
    files = sorted(folder.iterdir())
    packed = folder / "points.zip"
    for how in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        with zipfile.ZipFile(packed, "w", how) as archive:
            for file in files:
                archive.write(file, file.name)
        if sum(file.stat().st_size for file in files) < _RATIO * packed.stat().st_size:
            break
    return packed.read_bytes()


FORMATS = {
    "csv": Format("csv", "text/csv; charset=utf-8", _csv),
    "xlsx": Format("xlsx", XLSX, _xlsx),
    "geojson": Format("geojson", "application/geo+json", _geojson),
    "gpkg": Format("gpkg", "application/geopackage+sqlite3", _gpkg),
    "shp": Format("zip", "application/zip", _shp),
}
#: By the ending of a file that somebody names.
BY_ENDING = {one.ending: one for one in FORMATS.values()} | {"json": FORMATS["geojson"]}
