"""Knows where the task of a failed item lies: at the point, or where on a street somebody stood."""

from typing import Any

from gis.projection import flatten
from tracker.inspections.models import Visit
from tracker.points.models import InspectionPoint
from tracker.tasks.given import Place

#: A position taken farther than this from a street or river is not believed (metres).
ON_SITE_M = 200.0


def place_of(point: InspectionPoint, visit: Visit) -> Place:
    """WGS-84 degrees; a point without a position gives its community and address."""
    address = point.address or point.name
    if _stood_there(point, visit):
        return Place(
            lon=visit.lon,
            lat=visit.lat,
            raw_x=visit.lon,
            raw_y=visit.lat,
            coord_sys="wgs84",
            accuracy_m=visit.accuracy_m,
            method="gps",
            address=address,
            community_code=point.community_code,
        )
    areas = (point.district_code, point.town_code, point.community_code, point.grid_code)
    return Place(
        lon=point.lon,
        lat=point.lat,
        raw_x=point.lon,
        raw_y=point.lat,
        coord_sys="wgs84" if point.lon is not None else None,
        method="point",
        address=address,
        community_code=point.community_code,
        areas=areas if any(areas) else None,
    )


def _stood_there(point: InspectionPoint, visit: Visit) -> bool:
    """Whether the visit's position says more than the point's: on a line, in a polygon."""
    if visit.lon is None or visit.lat is None:
        return False
    if point.geometry is None:
        return point.lon is None
    return _distance_m(point.geometry, visit.lon, visit.lat) <= ON_SITE_M


def _distance_m(geometry: dict[str, Any], lon: float, lat: float) -> float:
    """Metres from a WGS-84 position to a shape."""
    from shapely.geometry import Point, shape

    return float(flatten(shape(geometry), lon, lat).distance(Point(0, 0)))
