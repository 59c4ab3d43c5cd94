"""Know how shapes are drawn to scale as a plan on paper: positions become a picture's own units."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from gis.projection import flatten


@dataclass(frozen=True, slots=True)
class Drawn:
    """One shape as the `d` of an SVG path, and where its label stands."""

    path: str
    x: float
    y: float
    is_line: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A picture `width` by `height` units, north above; `metres` of ground in one unit."""

    width: float
    height: float
    metres: float
    shapes: tuple[Drawn, ...]


def drawn_plan(shapes: Sequence[Any], *, width: float, height: float, margin: float = 24.0) -> Plan:
    """Draw lines and polygons (shapely, WGS-84) so that all of them fit into the picture.

    Raises ValueError when there is nothing to draw.
    """
    if not shapes:
        raise ValueError("a plan needs a shape")
    west, south, east, north = shapely.total_bounds(list(shapes)).tolist()
    lon, lat = (west + east) / 2, (south + north) / 2
    flat = [flatten(one, lon, lat) for one in shapes]
    left, bottom, right, top = shapely.total_bounds(flat).tolist()
    room_x, room_y = width - 2 * margin, height - 2 * margin
    metres = max((right - left) / room_x, (top - bottom) / room_y, 0.05)
    # what is narrower than the picture stands in its middle
    x0 = (width - (right - left) / metres) / 2 - left / metres
    y0 = (height - (top - bottom) / metres) / 2 + top / metres

    def put(x: float, y: float) -> tuple[float, float]:
        return round(x0 + x / metres, 1), round(y0 - y / metres, 1)

    return Plan(width, height, metres, tuple(_drawn(one, put) for one in flat))


def _drawn(flat: Any, put: Any) -> Drawn:
    is_line = flat.geom_type.endswith("LineString")
    pieces = []
    for part in shapely.get_parts(flat):
        rings = [part] if is_line else [part.exterior, *part.interiors]
        for ring in rings:
            points = [put(x, y) for x, y in shapely.get_coordinates(ring).tolist()]
            steps = "L".join(f"{x:g} {y:g}" for x, y in points)
            pieces.append(f"M{steps}" + ("" if is_line else "Z"))
    middle = (
        max(shapely.get_parts(flat), key=lambda part: part.length).interpolate(0.5, normalized=True)
        if is_line
        else flat.representative_point()
    )
    x, y = put(middle.x, middle.y)
    return Drawn("".join(pieces), x, y, is_line)
