"""Knows which community borders lie under the pin of a report."""

import hashlib
from typing import Any, NamedTuple

import shapely
from shapely.geometry import mapping, shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.places import versions
from tracker.places.locating import epoch
from tracker.places.models import Area, AreaBoundary, Level
from tracker.places.queries import in_force, visible_areas
from tracker.web.keeping import Kept

#: How far a border may move for a smaller answer, in degrees (about 6 m): it is only looked at.
_TOLERANCE = 0.00005


class Community(NamedTuple):
    """A community that a report can lie in."""

    code: str
    name: str
    level: str
    parent_code: str | None
    is_schematic: bool


#: By person: a district has ten thousand grids to look through.
_KEPT: Kept[list[Community]] = Kept(500)


def communities(session: Session, actor: Actor) -> list[Community]:
    """The communities of the actor's areas, in code order; of nobody's areas every community.

    A grid's worker gets the community of the grid: its code is the beginning of the path.
    """
    return _KEPT.made((versions.version(session), actor), lambda: _communities(session, actor))


def _communities(session: Session, actor: Actor) -> list[Community]:
    columns = select(Area.code, Area.name, Area.level, Area.parent_code, Area.is_schematic)
    every = columns.where(Area.level == Level.COMMUNITY, in_force()).order_by(Area.code)
    own = session.scalars(
        select(Area.path).where(visible_areas(actor), in_force(), Area.level != Level.DISTRICT)
    ).all()
    wanted = {code for path in own for code in path.split("/") if code}
    rows = [Community(*row) for row in session.execute(every)]
    return [row for row in rows if row.code in wanted] or rows


def borders(session: Session, actor: Actor) -> dict[str, Any]:
    """GeoJSON of those communities, WGS-84 (lon, lat), simplified to about 6 m."""
    codes = {area.code: area for area in communities(session, actor)}
    rows = session.execute(
        select(AreaBoundary.area_code, AreaBoundary.geometry)
        .join(Area, Area.code == AreaBoundary.area_code)
        .where(AreaBoundary.version == Area.boundary_version, Area.code.in_(list(codes)))
        .order_by(AreaBoundary.area_code)
    )
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": code,
                "properties": {
                    "code": code,
                    "name": codes[code].name,
                    "is_schematic": codes[code].is_schematic,
                },
                "geometry": dict(mapping(shapely.simplify(shape(geometry), _TOLERANCE))),
            }
            for code, geometry in rows
        ],
    }


def version(session: Session, actor: Actor) -> str:
    """Changes whenever the answer of `borders` for this actor may change."""
    grants = sorted(f"{grant.area_code}/{grant.organization_id}" for grant in actor.grants)
    return hashlib.sha256(f"{epoch(session)} {grants}".encode()).hexdigest()[:32]
