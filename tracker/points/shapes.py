"""Knows which positions, lines and polygons a point may have, and where on them it is marked."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tracker.errors import Invalid
from tracker.texts import N_

#: Vertices of one geometry: a street or a river of a district needs a few hundred.
MAX_VERTICES = 5000
#: West, south, east, north of China with its islands, degrees WGS-84.
PLAUSIBLE = (73.0, 3.0, 136.0, 54.0)
#: How deep the coordinates of each type are nested: 2 is a list of positions.
_DEPTHS = {"LineString": 2, "MultiLineString": 3, "Polygon": 3, "MultiPolygon": 4}
#: Seven digits are a centimetre.
_DIGITS = 7


@dataclass(frozen=True)
class Shape:
    """A checked geometry, GeoJSON (lon, lat) WGS-84, and a position on it."""

    geometry: dict[str, Any]
    lon: float
    lat: float


def check_position(lon: float | None, lat: float | None) -> tuple[float, float] | None:
    """The rounded pair, None when there is none. Raises Invalid for half a pair or a far one."""
    if lon is None and lat is None:
        return None
    if not _is_near(lon, lat):
        raise Invalid(
            N_("坐标不在中国范围内。请核对经度、纬度是否写反，坐标系是否选对。"), field="coords"
        )
    assert lon is not None
    assert lat is not None
    return round(lon, _DIGITS), round(lat, _DIGITS)


def check_geometry(geometry: Any) -> Shape | None:
    """A line or polygon that can be drawn, with the place on it that stands for it.

    Takes a GeoJSON geometry or a feature with one; None for nothing. The place lies on the line
    half-way along, or inside the polygon. Raises Invalid (field "geometry").
    """
    if geometry is None or geometry == {}:
        return None
    if isinstance(geometry, dict) and geometry.get("type") == "Feature":
        return check_geometry(geometry.get("geometry"))
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(kind, str) or kind not in _DEPTHS:
        raise _refusal(N_("只能是线或面（GeoJSON 的 LineString、Polygon 及其多部分形式）。"))
    coordinates = _rounded(geometry.get("coordinates"), _DEPTHS[kind], _Budget(MAX_VERTICES))
    plain = {"type": kind, "coordinates": coordinates}
    lon, lat = _place_on(plain)
    return Shape(plain, round(lon, _DIGITS), round(lat, _DIGITS))


def positions(geometry: dict[str, Any]) -> Iterator[tuple[float, float]]:
    """Every (lon, lat) of a checked geometry."""
    waiting: list[Any] = [geometry["coordinates"]]
    while waiting:
        found = waiting.pop()
        if found and isinstance(found[0], int | float):
            yield found[0], found[1]
        else:
            waiting.extend(reversed(found))


@dataclass
class _Budget:
    """How many vertices may still come."""

    left: int

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _refusal(N_("图形的顶点过多（最多 %(n)d 个），请先简化。"), n=MAX_VERTICES)


def _rounded(value: Any, depth: int, budget: _Budget) -> Any:
    if depth == 1:
        budget.take()
        ok = isinstance(value, list | tuple) and len(value) in (2, 3) and _is_near(*value[:2])
        if not ok:
            raise _refusal(N_("图形里有不能识别或不在中国范围内的坐标。"))
        return [round(float(value[0]), _DIGITS), round(float(value[1]), _DIGITS)]
    if not isinstance(value, list | tuple) or not value:
        raise _refusal(N_("图形没有坐标，请重新绘制。"))
    return [_rounded(part, depth - 1, budget) for part in value]


def _place_on(geometry: dict[str, Any]) -> tuple[float, float]:
    from shapely.errors import GEOSException
    from shapely.geometry import shape

    try:
        drawn = shape(geometry)
    except (ValueError, TypeError, GEOSException):
        raise _refusal(N_("图形不完整：线至少两个点，面至少三个点并首尾相接。")) from None
    if drawn.is_empty or not (drawn.length > 0):
        raise _refusal(N_("图形不完整：线至少两个点，面至少三个点并首尾相接。"))
    if not drawn.is_valid:
        raise _refusal(N_("面的边线自相交叉，请重新绘制。"))
    if geometry["type"].endswith("LineString"):
        parts = list(getattr(drawn, "geoms", [drawn]))
        longest = max(parts, key=lambda part: part.length)
        place = longest.interpolate(0.5, normalized=True)
    else:
        place = drawn.representative_point()
    return place.x, place.y


def _is_near(lon: Any, lat: Any) -> bool:
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in (lon, lat)):
        return False
    if not (abs(lon) < 1e6 and abs(lat) < 1e6) or not (math.isfinite(lon) and math.isfinite(lat)):
        return False
    west, south, east, north = PLAUSIBLE
    return west <= lon <= east and south <= lat <= north


def _refusal(message: str, **facts: Any) -> Invalid:
    return Invalid(message, field="geometry", **facts)
