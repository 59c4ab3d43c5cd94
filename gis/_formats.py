"""Know how each kind of boundary file is parsed into rows of properties and raw geometry."""

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from gis._encodings import declared_encoding, decoded, guess_encoding, read_text
from gis._staging import STEM
from gis.errors import TooLarge, UnreadableFile

#: Column names of a CSV file that hold WKT.
WKT_COLUMNS = ("wkt", "geometry", "geom", "the_geom", "几何", "几何图形", "边界")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A geometry the parser gave up on, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Layer:
    """What a parser found: geometry is a shapely geometry, None, or Unreadable."""

    fields: list[str]
    rows: list[tuple[dict[str, Any], Any]]
    #: What the file says of its coordinate system, as WKT or `EPSG:n`; None when it does not.
    crs: str | None
    encoding: str


def read_shp(encoding: str | None, max_features: int) -> Layer:
    """Read the staged shapefile; the text is decoded here, for few files say their encoding truly."""
    # every byte is a character of ISO 8859-1, so the bytes of the file come back unharmed
    meta, shapes, columns = _read_ogr("shp", max_features, encoding="ISO-8859-1")
    names = [str(name).encode("latin-1") for name in meta["fields"]]
    texts = [
        [value.encode("latin-1") if isinstance(value, str) else value for value in column]
        for column in columns
    ]
    found = encoding or guess_encoding(
        [*names, *(value for column in texts for value in column if isinstance(value, bytes))],
        declared_encoding(),
    )
    fields = [decoded(name, found) for name in names]
    values = [
        [decoded(value, found) if isinstance(value, bytes) else value for value in column]
        for column in texts
    ]
    return Layer(fields, _rows(fields, values, shapes), meta["crs"], found)


def read_gpkg(encoding: str | None, max_features: int) -> Layer:
    """Read the first layer of the staged GeoPackage; its text is UTF-8 by its standard."""
    meta, shapes, columns = _read_ogr("gpkg", max_features)
    fields = [str(name) for name in meta["fields"]]
    return Layer(fields, _rows(fields, columns, shapes), meta["crs"], "utf-8")


def read_geojson(encoding: str | None, max_features: int) -> Layer:
    """Read the staged GeoJSON: a collection, one feature or one geometry (RFC 7946)."""
    text, found = read_text("geojson", encoding)
    try:
        content = json.loads(text)
        if "\\ud" in text.casefold():  # half a letter outside the BMP can be written nowhere
            whole = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
            content = json.loads(whole)
    except ValueError as error:
        raise UnreadableFile("This is not JSON.", code="bad_json") from error
    features = _features(content)
    if len(features) > max_features:
        raise TooLarge("Too many areas.", code="too_many_features", limit=max_features)
    rows = [
        (
            {str(key): _plain(value) for key, value in (feature.get("properties") or {}).items()},
            _shape(feature.get("geometry")),
        )
        for feature in features
    ]
    fields = list(dict.fromkeys(key for properties, _ in rows for key in properties))
    return Layer(fields, rows, _named_crs(content), found)


def read_csv(encoding: str | None, max_features: int) -> Layer:
    """Read the staged CSV file with a column of WKT."""
    text, found = read_text("csv", encoding)
    csv.field_size_limit(2**31 - 1)
    try:
        table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        names = list(table.fieldnames or [])
        column = next((name for name in names if name.strip().casefold() in WKT_COLUMNS), None)
        if column is None:
            raise UnreadableFile("There is no column of WKT.", code="no_wkt_column")
        rows: list[tuple[dict[str, Any], Any]] = []
        for line in table:
            if len(rows) == max_features:
                raise TooLarge("Too many areas.", code="too_many_features", limit=max_features)
            properties = {name: line[name] for name in names if name != column}
            rows.append((properties, _from_wkt(line[column])))
    except csv.Error as error:
        raise UnreadableFile("This is not a CSV file.", code="bad_csv") from error
    return Layer([name for name in names if name != column], rows, None, found)


#: The parser of each kind; called with the encoding (or None) and the most features.
READERS: dict[str, Callable[[str | None, int], Layer]] = {
    "shp": read_shp,
    "gpkg": read_gpkg,
    "geojson": read_geojson,
    "csv": read_csv,
}


def _read_ogr(
    kind: str, max_features: int, **options: str
) -> tuple[dict[str, Any], Any, list[Any]]:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError

    path = Path.cwd() / f"{STEM}.{kind}"
    try:
        # a drawing program keeps its styles in a table beside the layer
        spatial = [
            number
            for number, (_, shape) in enumerate(pyogrio.list_layers(path))
            if shape is not None
        ]
        if len(spatial) != 1:
            raise UnreadableFile(
                "The file must hold one layer.", code="not_one_layer", found=len(spatial)
            )
        meta, _, shapes, columns = pyogrio.raw.read(
            path,
            layer=spatial[0],
            max_features=max_features + 1,
            force_2d=True,
            datetime_as_string=True,
            **options,
        )
    except (DataSourceError, DataLayerError, FieldError, GeometryError, UnicodeError) as error:
        raise UnreadableFile(
            f"This {kind} file is broken.", code="broken_file", kind=kind
        ) from error
    if shapes is None:
        raise UnreadableFile("The file has no geometry.", code="no_geometry")
    if len(shapes) > max_features:
        raise TooLarge("Too many areas.", code="too_many_features", limit=max_features)
    return meta, [_from_wkb(shape) for shape in shapes], [column.tolist() for column in columns]


def _rows(
    fields: list[str], columns: list[list[Any]], shapes: Iterable[Any]
) -> list[tuple[dict[str, Any], Any]]:
    values: Iterator[Any] = zip(*columns, strict=True) if columns else iter(lambda: (), None)
    return [
        (dict(zip(fields, map(_plain, row), strict=True)), shape)
        for shape, row in zip(shapes, values, strict=False)
    ]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        return value.hex()
    return json.dumps(value, ensure_ascii=False, default=str)


def _features(content: Any) -> list[dict[str, Any]]:
    features: list[dict[str, Any]]
    kind = content.get("type") if isinstance(content, dict) else None
    if kind == "FeatureCollection" and isinstance(content.get("features"), list):
        features = content["features"]
    elif kind == "Feature":
        features = [content]
    elif kind in ("Polygon", "MultiPolygon"):
        features = [{"geometry": content}]
    else:
        raise UnreadableFile("This JSON is not GeoJSON.", code="not_geojson")
    if not all(isinstance(feature, dict) for feature in features):
        raise UnreadableFile("This JSON is not GeoJSON.", code="not_geojson")
    if not all(isinstance(feature.get("properties") or {}, dict) for feature in features):
        raise UnreadableFile("This JSON is not GeoJSON.", code="not_geojson")
    return features


def _named_crs(content: dict[str, Any]) -> str | None:
    """Return the `crs` member of GeoJSON before RFC 7946, as `EPSG:n` or what it says."""
    try:
        name = str(content["crs"]["properties"]["name"])
    except (KeyError, TypeError):
        return None
    if re.search(r"crs:?84$", name, re.I):
        return "EPSG:4326"
    code = re.search(r"epsg.*?[:/](\d+)$", name, re.I)
    return f"EPSG:{code[1]}" if code else name


def _shape(geometry: Any) -> Any:
    if geometry is None:
        return None
    try:
        return shapely.geometry.shape(geometry)
    except Exception as error:  # what a hostile dict can break inside is not one kind of error
        return Unreadable(str(error)[:200] or type(error).__name__)


def _from_wkb(wkb: bytes | None) -> Any:
    if wkb is None:
        return None
    try:
        return shapely.from_wkb(wkb)
    except (shapely.errors.ShapelyError, ValueError) as error:
        return Unreadable(str(error)[:200])


def _from_wkt(text: str | None) -> Any:
    if not text or not text.strip():
        return None
    try:
        return shapely.from_wkt(re.sub(r"^\s*SRID=\d+;", "", text))
    except (shapely.errors.ShapelyError, ValueError) as error:
        return Unreadable(str(error)[:200])
