"""Know how to measure and draw in metres near a place, so that no degree is taken for a length."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gis.coordinates import Floats

#: Metres in a degree of latitude, for a tolerance or a first box: good to 0.6 % anywhere.
DEGREE_M = 111_320.0
# WGS-84 ellipsoid
_AXIS_M = 6_378_137.0
_E2 = 0.006_694_379_990_141_3


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Return the length of a degree of longitude and of latitude, metres, at a latitude (WGS-84)."""
    east, north = _degrees_at(lat)
    return float(east), float(north)


def straight_m(a: Floats, b: Floats) -> Floats:
    """Return metres between positions (…, 2) of lon, lat in WGS-84 degrees; good to 0.1 % up to 50 km."""
    east, north = _degrees_at((a[..., 1] + b[..., 1]) / 2)
    found: Floats = np.hypot((b[..., 0] - a[..., 0]) * east, (b[..., 1] - a[..., 1]) * north)
    return found


def _degrees_at(lat: npt.ArrayLike) -> tuple[Any, Any]:
    phi = np.radians(lat)
    bend = 1 - _E2 * np.sin(phi) ** 2
    east = np.radians(_AXIS_M / np.sqrt(bend) * np.cos(phi))
    north = np.radians(_AXIS_M * (1 - _E2) / bend**1.5)
    return east, north


def area_m2(geometry: Any) -> float:
    """Return the area in square metres of a geometry in WGS-84 degrees, its edges straight in degrees.

    Good to 0.1 % up to a province. A map projection would bend the edges and so give a seam, which
    has no area, one: a point amid a border of 30 km moves 7 m off the line between its ends.
    """
    return float(areas_m2(np.array([geometry], dtype=object))[0])


def areas_m2(geometries: npt.NDArray[np.object_]) -> Floats:
    """Return `area_m2` of each of an array of geometries."""
    sizes: Floats = shapely.area(geometries)
    # what is empty has no centroid
    solid = sizes != 0.0
    # at the latitude of the centroid the change of scale to either side cancels out
    east, north = _degrees_at(shapely.get_y(shapely.centroid(geometries[solid])))
    sizes[solid] = sizes[solid] * east * north
    return sizes


def flatten(geometry: Any, lon0: float, lat0: float) -> Any:
    """Return a geometry in metres east and north of a place; good to 0.1 % within 50 km of it."""
    east, north = metres_per_degree(lat0)
    return shapely.transform(geometry, lambda xy: (xy - (lon0, lat0)) * (east, north))


def unflatten(geometry: Any, lon0: float, lat0: float) -> Any:
    """Return a geometry of `flatten` in WGS-84 degrees again."""
    east, north = metres_per_degree(lat0)
    return shapely.transform(geometry, lambda xy: xy / (east, north) + (lon0, lat0))


@dataclass(frozen=True)
class Plane:
    """Metres east and north of a place (WGS-84 degrees), for many points at once; as `flatten`."""

    lon0: float
    lat0: float

    def metres(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Floats:
        """Return an array of (east, north), metres, of positions in decimal degrees."""
        east, north = metres_per_degree(self.lat0)
        xs = (np.asarray(lon, np.float64) - self.lon0) * east
        ys = (np.asarray(lat, np.float64) - self.lat0) * north
        return np.stack([xs, ys], axis=-1).reshape(-1, 2)

    def degrees(self, places: Floats) -> Floats:
        """Return an array of (lon, lat) of places in metres: the inverse of `metres`."""
        east, north = metres_per_degree(self.lat0)
        return np.asarray(places, np.float64) / (east, north) + (self.lon0, self.lat0)
