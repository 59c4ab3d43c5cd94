"""Know how a file of places of unknown origin becomes checked geometry: nothing of it is trusted."""

import csv
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import shapely

from gis._child import run_reader
from gis._staging import Limits, shapefiles_in, stage
from gis.boundaries import Value
from gis.coordinates import parse_crs
from gis.errors import TooLarge, UnsupportedFormat
from gis.problems import Problem

__all__ = ["FeatureFile", "Limits", "Shape", "read_features", "read_wkt"]

#: Shapefiles hold one kind of geometry each: an archive may hold one for points, lines and areas.
MAX_LAYERS = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """One feature of a file."""

    #: Number in the file, from 1, counted on from layer to layer.
    row: int
    properties: Mapping[str, Value]
    #: shapely Point, LineString, Polygon or a Multi… of the latter two; valid, WGS-84 (longitude,
    #: latitude) in decimal degrees. None where the file has no geometry for it.
    geometry: Any
    #: x and y of a point as given, in the coordinate system of the file; empty for other geometry.
    given: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class FeatureFile:
    """What a file of places holds, and what was wrong in it; `crs` and the rest as in `BoundaryFile`."""

    features: tuple[Shape, ...]
    problems: tuple[Problem, ...]
    fields: tuple[str, ...]
    crs: str
    crs_source: str
    encoding: str


def read_features(
    path: Path, *, crs: str | None = None, encoding: str | None = None, limits: Limits | None = None
) -> FeatureFile:
    """Read the points, lines and areas of a .shp, .zip, .gpkg, .geojson, .json or .csv file.

    As `gis.boundaries.read_boundaries` does, in the same confined child, with the same limits and
    the same exceptions; but a feature may be of any kind and may lack its geometry, and an archive
    may hold up to three shapefiles. Problems of single features: `unsupported_shape`,
    `too_detailed`, `zero_length`, and those of boundaries.
    """
    bounds, path = limits or Limits(), Path(path)
    layers: list[str | None] = [None]
    if path.suffix.casefold() == ".zip":
        layers = [*shapefiles_in(path, bounds)] or [None]
    if len(layers) > MAX_LAYERS:
        raise UnsupportedFormat("Too many shapefiles.", code="not_one_shapefile", found=len(layers))
    asked = {
        "crs": parse_crs(crs) if crs else None,
        "encoding": encoding,
        "max_features": bounds.features,
        "any_shape": True,
    }
    whole = _read(path, layers[0], asked, bounds)
    for layer in layers[1:]:
        whole = _joined(whole, _read(path, layer, asked, bounds))
    if len(whole.features) > bounds.features:
        raise TooLarge("Too many places.", code="too_many_features", limit=bounds.features)
    return whole


def read_wkt(texts: Sequence[str], *, crs: str, limits: Limits | None = None) -> FeatureFile:
    """Parse cells of WKT in the confined child; the features are numbered as the cells, from 1."""
    with tempfile.TemporaryDirectory(prefix="wkt-") as room:
        file = Path(room) / "cells.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            # a row of one empty cell would be no row at all
            csv.writer(stream).writerows([("row", "wkt"), *enumerate(texts, start=1)])
        return read_features(file, crs=crs, encoding="utf-8", limits=limits)


def _read(path: Path, layer: str | None, asked: dict[str, Any], bounds: Limits) -> FeatureFile:
    with tempfile.TemporaryDirectory(prefix="features-") as room:
        folder = Path(room)
        kind = stage(path, folder, bounds, layer=layer)
        head, body = run_reader(folder, {**asked, "kind": kind}, bounds)
    features, start = [], 0
    for row, properties, length, given in head["features"]:
        shape = shapely.from_wkb(body[start : start + length]) if length else None
        features.append(Shape(row, MappingProxyType(properties), shape, tuple(given)))
        start += length
    return FeatureFile(
        tuple(features),
        tuple(Problem(**fault) for fault in head["problems"]),
        tuple(head["fields"]),
        head["crs"],
        head["crs_source"],
        head["encoding"],
    )


def _joined(first: FeatureFile, second: FeatureFile) -> FeatureFile:
    """Return both layers as one file, the rows of the second counted on."""
    rows = {one.row for one in first.features} | {one.row or 0 for one in first.problems}
    last = max(rows, default=0)
    return replace(
        first,
        features=first.features
        + tuple(replace(one, row=one.row + last) for one in second.features),
        problems=first.problems
        + tuple(replace(one, row=(one.row or 0) + last) for one in second.problems),
        fields=tuple(dict.fromkeys(first.fields + second.fields)),
    )
