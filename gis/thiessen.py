"""Know how to draw borders where none are surveyed: cells around seeds, and strips of equal area."""

import math
from collections.abc import Sequence
from typing import Any

import shapely

from gis.coordinates import LonLat
from gis.errors import BadSeeds
from gis.projection import flatten, unflatten

_HALVINGS = 48


def cells(seeds: Sequence[tuple[str, LonLat]], within: Any) -> dict[str, Any]:
    """Return for each seed the part of `within` that is nearest to it (Thiessen, Voronoi).

    `within` is a valid shapely polygon, WGS-84; so are the cells, which share their borders, do not
    overlap, fill `within` and come in the order of the seeds. A seed may lie outside `within` as
    long as its cell does not. Raises BadSeeds for no seeds, a code or a place given twice, or a
    seed without a cell.
    """
    codes = [code for code, _ in seeds]
    if not seeds or len(set(codes)) < len(codes) or len({place for _, place in seeds}) < len(seeds):
        raise BadSeeds("Seeds must be some, each with its own code and place.", code="seeds_repeat")
    middle = within.centroid
    places = [shapely.Point(place.lon, place.lat) for _, place in seeds]
    flat = [flatten(place, middle.x, middle.y) for place in places]
    nearest = _nearest(flat, flatten(within, middle.x, middle.y))
    made = {
        # cut in degrees, by the very coordinates of `within`
        code: polygonal(shapely.intersection(unflatten(cell, middle.x, middle.y), within))
        for code, cell in zip(codes, nearest, strict=True)
    }
    empty = [code for code, cell in made.items() if cell.is_empty]
    if empty:
        raise BadSeeds(
            "A seed lies so far outside that no cell is left.", code="no_cell", area=empty[0]
        )
    return made


def split_grid(polygon: Any, n: int) -> list[Any]:
    """Return `n` parts of equal area of a polygon (shapely, WGS-84), which share their borders.

    They stand in rows from north to south, in each row from west to east, about as wide as high.
    Raises ValueError for `n` below 1.
    """
    if n < 1:
        raise ValueError("n must be at least 1.")
    west, south, east, north = polygon.bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    tall = (north - south) / max((east - west) * squeeze, 1e-12)
    rows = min(n, max(1, round(math.sqrt(n * tall))))
    counts = [n // rows + (row < n % rows) for row in range(rows)]
    # latitude ascends, rows are wanted from the north
    bands = _slices(polygon, counts[::-1], axis=1)[::-1]
    return [
        part
        for band, count in zip(bands, counts, strict=True)
        for part in _slices(band, [1] * count, axis=0)
    ]


def polygonal(geometry: Any) -> Any:
    """Return the polygons of a geometry as one Polygon or MultiPolygon, without points and lines."""
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _nearest(places: list[Any], within: Any) -> list[Any]:
    if len(places) == 1:
        return [shapely.box(*within.buffer(1.0).bounds)]
    seeds = shapely.multipoints(places)
    regions = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=within))
    # the regions come in no promised order
    tree = shapely.STRtree(regions)
    return [regions[tree.query(place, predicate="within")[0]] for place in places]


def _slices(polygon: Any, shares: list[int], *, axis: int) -> list[Any]:
    """Cut across an axis (0 longitude, 1 latitude), ascending, in proportion to `shares`."""
    bounds = list(polygon.bounds)
    low, high = bounds[axis], bounds[axis + 2]
    whole, total, done = polygon.area, sum(shares), 0
    edges = [low - 1.0]
    for share in shares[:-1]:
        done += share
        edges.append(_edge(polygon, whole * done / total, axis, low, high))
    edges.append(high + 1.0)
    cut = []
    for start, end in zip(edges, edges[1:], strict=False):
        bounds[axis], bounds[axis + 2] = start, end
        bounds[1 - axis], bounds[3 - axis] = (
            polygon.bounds[1 - axis] - 1,
            polygon.bounds[3 - axis] + 1,
        )
        cut.append(polygonal(shapely.intersection(polygon, shapely.box(*bounds))))
    return cut


def _edge(polygon: Any, area: float, axis: int, low: float, high: float) -> float:
    """Return the coordinate below which the polygon has an area (square degrees), by halving."""
    west, south, east, north = polygon.bounds
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        box = (west, south, middle, north) if axis == 0 else (west, south, east, middle)
        if shapely.intersection(polygon, shapely.box(*box)).area < area:
            low = middle
        else:
            high = middle
    return (low + high) / 2
