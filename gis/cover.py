"""Know how much of an area lines and polygons cover, what they leave, and where two cover the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis.coordinates import LonLat
from gis.projection import flatten, unflatten

#: Pieces smaller than this are corners and rounding, square metres.
SLIVER_M2 = 200.0
#: Sides of the polygon that stands for a quarter of a circle around the end of a line.
_QUARTER = 4
#: Lines that only cross are near each other for at most about so many times the reach of both.
_CROSSING = 3.0


@dataclass(frozen=True, slots=True)
class Piece:
    """One connected piece of ground, shapely WGS-84 (lon, lat)."""

    geometry: Any
    area_m2: float
    #: A position inside it.
    where: LonLat


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of an area."""

    area_m2: float
    covered_m2: float
    #: Largest first, slivers left out.
    pieces: tuple[Piece, ...]


def uncovered(area: Any, shapes: Sequence[tuple[Any, float]], *, most: int = 50) -> Left:
    """Return what of `area` no shape covers: lines with their reach in metres, polygons as they are.

    `area` is a polygon, shapes are (geometry, reach); shapely, WGS-84 (lon, lat), valid. Areas are
    good to 0.1 % within 50 km. At most `most` pieces come back; the figures count all of them.
    """
    lon, lat = area.centroid.x, area.centroid.y
    ground = flatten(area, lon, lat)
    cover = [_ground(flatten(one, lon, lat), reach) for one, reach in shapes]
    left = shapely.difference(ground, shapely.union_all(np.array(cover, dtype=object)))
    pieces = _pieces(left, lon, lat)
    return Left(ground.area, max(0.0, ground.area - left.area), tuple(pieces[:most]))


def shared(one: tuple[Any, float], other: tuple[Any, float]) -> Piece | None:
    """Return the ground that two shapes of one kind both cover, None when they only touch or cross.

    Each is (geometry, reach in metres), as in `uncovered`. Polygons share what both hold; lines run
    beside each other for more than a crossing needs.
    """
    lon, lat = one[0].centroid.x, one[0].centroid.y
    first, second = flatten(one[0], lon, lat), flatten(other[0], lon, lat)
    both = shapely.intersection(_ground(first, one[1]), _ground(second, other[1]))
    if both.is_empty:
        return None
    reach = one[1] + other[1]
    if reach:
        beside = shapely.intersection(first, _ground(second, reach))
        if beside.length <= _CROSSING * reach:
            return None
    pieces = _pieces(both, lon, lat)
    return pieces[0] if pieces else None


def _ground(flat: Any, reach_m: float) -> Any:
    return shapely.buffer(flat, reach_m, quad_segs=_QUARTER) if reach_m else flat


def _pieces(flat: Any, lon: float, lat: float) -> list[Piece]:
    found = []
    for part in shapely.get_parts(flat):
        if part.geom_type != "Polygon" or part.area < SLIVER_M2:
            continue
        inside = unflatten(part.representative_point(), lon, lat)
        found.append(
            Piece(unflatten(part, lon, lat), round(part.area, 1), LonLat(inside.x, inside.y))
        )
    return sorted(found, key=lambda piece: -piece.area_m2)
