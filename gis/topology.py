"""Know whether areas fit together: no overlap, no gap, nothing outside the area that holds them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely

from gis.coordinates import LonLat
from gis.problems import Problem
from gis.projection import area_m2

#: Pieces below this are the rounding of coordinates, not faults, square metres.
SLIVER_M2 = 50.0

#: A name and a polygon (shapely, WGS-84 longitude and latitude in decimal degrees).
Named = tuple[str, Any]


def check(
    areas: Sequence[Named], parent: Any | None = None, *, sliver_m2: float = SLIVER_M2
) -> list[Problem]:
    """Report where areas overlap, leave a gap or leave their parent, largest fault first.

    `parent` is the polygon that the areas should fill; without it a gap is a hole enclosed by the
    areas, and nothing can be outside. Each problem is one connected piece with its area in m² and a
    point inside it; its code is `overlap` (of `name` and `other`), `gap` (`name` and `other` are
    the neighbours with the longest shared borders) or `outside_parent`. Rows count from 1.
    Polygons must be valid, as `gis.boundaries` delivers them.
    """
    polygons = np.array([polygon for _, polygon in areas], dtype=object)
    found = [
        *_overlaps(areas, polygons, sliver_m2),
        *_gaps(areas, polygons, parent, sliver_m2),
        *_outside(areas, parent, sliver_m2),
    ]
    return sorted(
        found, key=lambda problem: (-(problem.area_m2 or 0), problem.code, problem.row or 0)
    )


def _overlaps(areas: Sequence[Named], polygons: Any, sliver_m2: float) -> Iterator[Problem]:
    if len(polygons) < 2:
        return
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    for one, two in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        if one < two:
            shared = shapely.intersection(polygons[one], polygons[two])
            for piece, size in _pieces(shared, sliver_m2):
                yield _problem(
                    "overlap", piece, size, row=one + 1, name=areas[one][0], other=areas[two][0]
                )


def _gaps(
    areas: Sequence[Named], polygons: Any, parent: Any | None, sliver_m2: float
) -> Iterator[Problem]:
    filled = shapely.union_all(polygons)
    if parent is None:
        rings = shapely.get_rings(shapely.get_parts(filled))
        missing = shapely.difference(shapely.union_all(shapely.polygons(rings)), filled)
    else:
        missing = shapely.difference(parent, filled)
    for piece, size in _pieces(missing, sliver_m2):
        name, other = _neighbours(areas, polygons, piece)
        yield _problem("gap", piece, size, name=name, other=other)


def _outside(areas: Sequence[Named], parent: Any | None, sliver_m2: float) -> Iterator[Problem]:
    if parent is None:
        return
    for row, (name, polygon) in enumerate(areas, start=1):
        for piece, size in _pieces(shapely.difference(polygon, parent), sliver_m2):
            yield _problem("outside_parent", piece, size, row=row, name=name)


def _pieces(geometry: Any, sliver_m2: float) -> Iterator[tuple[Any, float]]:
    # a collection may hold collections no deeper than the one that get_parts opens
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            size = area_m2(part)
            if size > sliver_m2:
                yield part, size


def _neighbours(areas: Sequence[Named], polygons: Any, piece: Any) -> tuple[str, str]:
    if not len(polygons):
        return "", ""
    lengths = shapely.length(shapely.intersection(polygons, piece.exterior))
    order = np.argsort(-lengths, kind="stable")[:2]
    names = [areas[index][0] for index in order.tolist() if lengths[index] > 0]
    return (*names, "", "")[0], (*names, "", "")[1]


def _problem(code: str, piece: Any, size: float, **said: Any) -> Problem:
    inside = piece.representative_point()
    return Problem(code=code, area_m2=round(size, 1), where=LonLat(inside.x, inside.y), **said)
