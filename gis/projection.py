"""Know how to measure and draw in metres near a place, so that no degree is taken for a length."""

from typing import Any

import numpy as np
import shapely

# WGS-84 ellipsoid
_AXIS_M = 6_378_137.0
_E2 = 0.006_694_379_990_141_3


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Return the length of a degree of longitude and of latitude, metres, at a latitude (WGS-84)."""
    phi = np.radians(lat)
    bend = 1 - _E2 * np.sin(phi) ** 2
    east = np.radians(_AXIS_M / np.sqrt(bend) * np.cos(phi))
    north = np.radians(_AXIS_M * (1 - _E2) / bend**1.5)
    return float(east), float(north)


def area_m2(geometry: Any) -> float:
    """Return the area in square metres of a geometry in WGS-84 degrees, its edges straight in degrees.

    Good to 0.1 % up to a province. A map projection would bend the edges and so give a seam, which
    has no area, one: a point amid a border of 30 km moves 7 m off the line between its ends.
    """
    if geometry.area == 0.0:
        return 0.0
    # at the latitude of the centroid the change of scale to either side cancels out
    east, north = metres_per_degree(geometry.centroid.y)
    return float(geometry.area * east * north)


def flatten(geometry: Any, lon0: float, lat0: float) -> Any:
    """Return a geometry in metres east and north of a place; good to 0.1 % within 50 km of it."""
    east, north = metres_per_degree(lat0)
    return shapely.transform(geometry, lambda xy: (xy - (lon0, lat0)) * (east, north))


def unflatten(geometry: Any, lon0: float, lat0: float) -> Any:
    """Return a geometry of `flatten` in WGS-84 degrees again."""
    east, north = metres_per_degree(lat0)
    return shapely.transform(geometry, lambda xy: xy / (east, north) + (lon0, lat0))
