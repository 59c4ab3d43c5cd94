"""Knows the community borders that the register's maps draw under the points."""

import hashlib
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.places.locating import epoch
from tracker.places.models import Area, AreaBoundary, Level
from tracker.places.queries import in_force, visible_areas

#: How far a border may move for a smaller answer, metres.
TOLERANCE_M = 6.0


def communities(session: Session, actor: Actor) -> dict[str, Any]:
    """GeoJSON of the communities of the actor's areas, WGS-84 (lon, lat); of nobody's areas all."""
    from shapely.geometry import shape

    from gis import outlines

    own = _rows(session, [visible_areas(actor)]) or _rows(session, [])
    drawn = outlines.simplified([shape(row.geometry) for row in own], tolerance_m=TOLERANCE_M)
    features = [
        {
            "type": "Feature",
            "id": row.code,
            "properties": {
                "code": row.code,
                "name": row.name,
                "is_schematic": row.is_schematic,
                "role": "area",
            },
            "geometry": outlines.as_geometry(polygon),
        }
        for row, polygon in zip(own, drawn, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def bounds(session: Session, actor: Actor, area: str = "") -> tuple[float, ...] | None:
    """(west, south, east, north) of an area's communities, of all the actor's for an empty code."""
    from shapely.geometry import shape

    from gis import outlines

    inside = [Area.path.contains(f"{area}/", autoescape=True)] if area else []
    rows = _rows(session, [visible_areas(actor), *inside]) or _rows(session, [])
    return outlines.bounds([shape(row.geometry) for row in rows])


def version(session: Session, actor: Actor) -> str:
    """Changes whenever `communities` may answer this actor otherwise."""
    grants = sorted(f"{grant.area_code}/{grant.organization_id}" for grant in actor.grants)
    return hashlib.sha256(f"{epoch(session)} {grants}".encode()).hexdigest()[:32]


def _rows(session: Session, more: list[Any]) -> list[Any]:
    return list(
        session.execute(
            select(Area.code, Area.name, Area.is_schematic, AreaBoundary.geometry)
            .join(AreaBoundary, AreaBoundary.area_code == Area.code)
            .where(
                Area.level == Level.COMMUNITY,
                in_force(),
                AreaBoundary.version == Area.boundary_version,
                *more,
            )
            .order_by(Area.code)
        )
    )
