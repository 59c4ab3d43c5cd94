"""Knows what a form or a file says about an inspection point, already parsed and typed."""

from dataclasses import dataclass
from typing import Any

from tracker.points.models import InspectionPoint


@dataclass(frozen=True)
class PointGiven:
    """The whole of a point as it shall be; `code` names the point, empty gives a new one a number.

    `lon`, `lat` are degrees WGS-84, `raw_x`, `raw_y`, `coord_sys` what was typed before conversion.
    `geometry` is GeoJSON (lon, lat) WGS-84 of a line or polygon; the position is then taken from it.
    `community_code` is used where the position lies in no known community, or there is none.
    """

    code: str = ""
    name: str = ""
    site_type_code: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    raw_x: float | None = None
    raw_y: float | None = None
    coord_sys: str | None = None
    geometry: dict[str, Any] | None = None
    community_code: str | None = None
    unit_id: int | None = None
    person: str = ""
    #: codes of campaign actions, see points.campaign
    actions: tuple[str, ...] = ()
    is_model_point: bool = False
    #: days within which it should be visited again
    cycle_days: int = 30
    is_active: bool = True

    @classmethod
    def of(cls, point: InspectionPoint) -> "PointGiven":
        """What is known of a point now: a form or a file replaces what it names."""
        return cls(
            code=point.code,
            name=point.name,
            site_type_code=point.site_type_code,
            address=point.address,
            lon=point.lon,
            lat=point.lat,
            raw_x=point.raw_x,
            raw_y=point.raw_y,
            coord_sys=point.coord_sys,
            geometry=point.geometry,
            community_code=point.community_code,
            unit_id=point.unit_id,
            person=point.person,
            actions=tuple(point.actions),
            is_model_point=point.is_model_point,
            cycle_days=point.cycle_days,
            is_active=point.is_active,
        )
