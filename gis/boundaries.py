"""Know how a boundary file of unknown origin becomes checked polygons: nothing of it is trusted."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import shapely

from gis._child import run_reader
from gis._staging import Limits, stage
from gis.coordinates import LonLat, parse_crs
from gis.errors import TooLarge
from gis.problems import Problem, name_of

__all__ = ["BoundaryFile", "Feature", "Limits", "read_boundaries"]

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Feature:
    """One area of a file."""

    #: Number in the file, from 1.
    row: int
    properties: Mapping[str, Value]
    #: shapely MultiPolygon, valid, WGS-84 (longitude, latitude) in decimal degrees.
    polygon: Any

    @property
    def name(self) -> str:
        """The likely name of the area."""
        return name_of(self.properties)


@dataclass(frozen=True, slots=True)
class BoundaryFile:
    """What a boundary file holds, and what was wrong in it."""

    features: tuple[Feature, ...]
    problems: tuple[Problem, ...]
    #: Names of the properties, in the order of the file.
    fields: tuple[str, ...]
    #: The coordinate system the file was read in: a `CoordSys` value, `EPSG:n` or WKT.
    crs: str
    #: Who said so: `given` by the caller, `file`, or `rfc7946` (GeoJSON that says nothing).
    crs_source: str
    #: The text encoding the properties were read in.
    encoding: str


def read_boundaries(
    path: Path, *, crs: str | None = None, encoding: str | None = None, limits: Limits | None = None
) -> BoundaryFile:
    """Read the areas of a .shp, .zip (of one shapefile), .gpkg, .geojson, .json or .csv file.

    `crs` (as for `gis.coordinates.parse_crs`) overrides what the file says of itself; `encoding`
    likewise for shapefiles, CSV and GeoJSON, else UTF-8 then GB 18030 is tried. A CSV file carries
    WKT in a column named wkt, geometry or 几何. The file is copied under a fixed name and parsed in
    a child process with bounds on memory, time and output and with only the drivers it needs.

    Raises NeedsCoordSys when neither the file nor the caller names the system, and
    UnsupportedFormat, UnreadableFile, UnsafeArchive, TooLarge or UnknownCoordSys. Faults of single
    features raise nothing: they are listed, and refused features left out.
    """
    bounds = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="boundaries-") as room:
        folder = Path(room)
        kind = stage(Path(path), folder, bounds)
        request = {
            "kind": kind,
            "crs": parse_crs(crs) if crs else None,
            "encoding": encoding,
            "max_features": bounds.features,
            "any_shape": False,
        }
        head, body = run_reader(folder, request, bounds)
    if len(head["features"]) > bounds.features:
        raise TooLarge("Too many areas.", code="too_many_features", limit=bounds.features)
    return _file(head, body)


def _file(head: dict[str, Any], body: bytes) -> BoundaryFile:
    features, start = [], 0
    for row, properties, length, _ in head["features"]:
        polygon = shapely.from_wkb(body[start : start + length])
        features.append(Feature(row, MappingProxyType(properties), polygon))
        start += length
    problems = [
        Problem(**{**fault, "where": LonLat(*fault["where"]) if fault.get("where") else None})
        for fault in head["problems"]
    ]
    return BoundaryFile(
        tuple(features),
        tuple(problems),
        tuple(head["fields"]),
        head["crs"],
        head["crs_source"],
        head["encoding"],
    )
