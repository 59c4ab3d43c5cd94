"""Know how borders are made small enough to draw: neighbours keep their common line, coordinates few digits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping

from gis.projection import DEGREE_M

#: Six digits are 0.1 m.
_DIGITS = 6


def simplified(polygons: Sequence[Any], *, tolerance_m: float) -> list[Any]:
    """Return the polygons with fewer points; a border that two share stays one line.

    Polygons are shapely, WGS-84 (lon, lat), valid; no point moves farther than about `tolerance_m` metres.
    A polygon too small to survive comes back as it was.
    """
    if not polygons:
        return []
    # The tolerance of a coverage is the square root of an area: about the same length.
    made = shapely.coverage_simplify(np.array(polygons, dtype=object), tolerance_m / DEGREE_M)
    return [
        plain if plain.is_valid and not plain.is_empty else given
        for plain, given in zip(made.tolist(), polygons, strict=True)
    ]


def union(polygons: Sequence[Any]) -> Any:
    """Return what the polygons cover together, without the lines between them."""
    return shapely.union_all(np.array(polygons, dtype=object))


def as_geometry(polygon: Any) -> dict[str, Any]:
    """Return the GeoJSON geometry of a polygon, WGS-84 (lon, lat), rounded to a decimetre."""
    return dict(mapping(shapely.transform(polygon, lambda points: np.round(points, _DIGITS))))


def bounds(polygons: Sequence[Any]) -> tuple[float, float, float, float] | None:
    """Return (west, south, east, north) around all polygons, None when there are none."""
    if not polygons:
        return None
    west, south, east, north = shapely.total_bounds(np.array(polygons, dtype=object)).tolist()
    return west, south, east, north
