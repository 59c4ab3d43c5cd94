"""Know how areas are laid on a sheet of paper: in metres of their own zone, as large as fits, with a scale bar."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis.coordinates import from_wgs84
from gis.projection import flatten

#: Central meridians of the 3-degree zones of CGCS2000, and the EPSG code of the first (75° E).
_FIRST_MERIDIAN, _LAST_MERIDIAN, _FIRST_ZONE = 75, 135, 4534
#: What lies this near (metres) is not drawn larger: an area without extent still has a scale.
_LEAST_M = 50.0


@dataclass(frozen=True)
class Plane:
    """Where metres are measured: a Gauss-Krüger zone of CGCS2000, elsewhere a plane of its own.

    Both are true in length to 0.1 % within the 1.5° of a zone, so that one scale serves a sheet,
    and grid north is north to less than a degree.
    """

    lon: float
    lat: float
    #: degrees east; None outside the zones
    meridian: int | None

    @classmethod
    def around(cls, lon: float, lat: float) -> "Plane":
        """The plane of a place, WGS-84 degrees."""
        nearest = 3 * round(lon / 3)
        inside = _FIRST_MERIDIAN <= nearest <= _LAST_MERIDIAN and 3 <= lat <= 54
        return cls(lon, lat, nearest if inside else None)

    @property
    def crs(self) -> str | None:
        """The EPSG code of the zone (CGCS2000 / 3-degree Gauss-Kruger CM …)."""
        if self.meridian is None:
            return None
        return f"EPSG:{_FIRST_ZONE + (self.meridian - _FIRST_MERIDIAN) // 3}"

    def flat(self, geometry: Any) -> Any:
        """A geometry of WGS-84 degrees in metres east and north."""
        if self.crs is None:
            return flatten(geometry, self.lon, self.lat)
        crs = self.crs
        return shapely.transform(
            geometry, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], crs))
        )


@dataclass(frozen=True)
class Box:
    """A rectangle on the paper, millimetres from its upper left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def below(self, top: float) -> "Box":
        """What of the rectangle lies below a line."""
        return Box(self.left, top, self.width, self.bottom - top)


@dataclass(frozen=True)
class Fit:
    """How metres become millimetres of paper, y downwards."""

    mm_per_m: float
    #: metres that lie in the middle of the box
    east: float
    north: float
    middle: tuple[float, float]

    def place(self, geometry: Any) -> Any:
        """A geometry in metres on the paper."""
        scale = self.mm_per_m
        return shapely.transform(
            geometry, lambda xy: (xy - (self.east, self.north)) * (scale, -scale) + self.middle
        )


def fitted(geometries: Sequence[Any], box: Box) -> Fit:
    """The largest fit of geometries in metres into a box, in its middle."""
    west, south, east, north = shapely.total_bounds(np.array(geometries, dtype=object)).tolist()
    scale = min(box.width / max(east - west, _LEAST_M), box.height / max(north - south, _LEAST_M))
    middle = (box.left + box.width / 2, box.top + box.height / 2)
    return Fit(scale, (west + east) / 2, (south + north) / 2, middle)


@dataclass(frozen=True)
class ScaleBar:
    """A round length on the ground and how long it is on the paper."""

    metres: int
    mm: float


def scale_bar(mm_per_m: float, *, longest_mm: float) -> ScaleBar:
    """The longest of 1, 2, 5, 10 … metres that takes no more than `longest_mm` of paper."""
    most = max(longest_mm / mm_per_m, 1.0)
    power = 10 ** math.floor(math.log10(most))
    metres = next(int(n * power) for n in (5, 2, 1) if n * power <= most)
    return ScaleBar(metres, metres * mm_per_m)


def path_data(geometry: Any) -> str:
    """The rings of polygons as the `d` of an SVG path, hundredths of a millimetre."""
    pieces = []
    for polygon in shapely.get_parts(geometry):
        if polygon.geom_type != "Polygon":
            continue
        for ring in (polygon.exterior, *polygon.interiors):
            points = np.round(shapely.get_coordinates(ring)[:-1], 2).tolist()
            pieces.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z")
    return "".join(pieces)
