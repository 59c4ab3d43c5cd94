"""Knows the borders that maps draw: small for the district, exact for one community."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry import shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis import outlines
from tracker.places import locating
from tracker.places.models import Area, AreaBoundary, Level
from tracker.places.queries import boundary_of, children_with_boundaries, in_force
from tracker.places.tree import tree
from tracker.storage.db import db
from tracker.web.map_answers import Bounds

#: How far a border of the district's map may be moved, metres; less than a pixel there.
TOLERANCE_M = 15.0


@dataclass(frozen=True)
class Outlines:
    """The communities of the whole installation, simplified together, at one epoch."""

    geometries: dict[str, dict[str, Any]] = field(repr=False)
    polygons: dict[str, Any] = field(repr=False)

    def around(self, codes: Sequence[str]) -> Bounds | None:
        """(west, south, east, north) around the given communities."""
        return outlines.bounds([self.polygons[code] for code in codes if code in self.polygons])

    def joined(self, codes: Sequence[str]) -> dict[str, Any] | None:
        """One border around the given communities."""
        found = [self.polygons[code] for code in codes if code in self.polygons]
        return outlines.as_geometry(outlines.union(found)) if found else None


_lock = threading.Lock()
_built: dict[tuple[str, int], Outlines] = {}


def community_outlines(session: Session) -> Outlines:
    """The simplified communities, made once per epoch and shared by all threads."""
    key = (str(db.engine.url), locating.epoch(session))
    with _lock:
        if key not in _built:
            _built.clear()
            _built[key] = _build(session)
        return _built[key]


def _build(session: Session) -> Outlines:
    rows = session.execute(
        select(Area.code, AreaBoundary.geometry)
        .join(AreaBoundary, AreaBoundary.area_code == Area.code)
        .where(
            Area.level == Level.COMMUNITY,
            in_force(),
            AreaBoundary.version == Area.boundary_version,
        )
        .order_by(Area.code)
    ).all()
    made = outlines.simplified([shape(row.geometry) for row in rows], tolerance_m=TOLERANCE_M)
    polygons = {row.code: polygon for row, polygon in zip(rows, made, strict=True)}
    return Outlines({code: outlines.as_geometry(p) for code, p in polygons.items()}, polygons)


def shaded(session: Session, areas: Sequence[Area]) -> list[dict[str, Any]]:
    """GeoJSON features of areas made of communities, simplified so that neighbours still meet."""
    outlines_now = community_outlines(session)
    members: dict[str, list[str]] = {}
    for code, around in tree(session).within([area.code for area in areas]).items():
        members.setdefault(around, []).append(code)
    features = []
    for area in areas:
        geometry = outlines_now.joined(members.get(area.code, []))
        if geometry:
            properties = {"code": area.code, "name": area.name, "level": area.level, "role": "part"}
            features.append(
                {"type": "Feature", "id": area.code, "properties": properties, "geometry": geometry}
            )
    return features


def features_of(session: Session, area: Area) -> list[dict[str, Any]]:
    """GeoJSON features of one area's map: itself, what lies in it, and around a grid its community.

    The property `role` says which: area, part or context.
    """
    found = []
    if area.level == Level.GRID and area.parent_code:
        found.append((boundary_of(session, area.parent_code), "context"))
    found.append((boundary_of(session, area.code), "area"))
    found += [(part, "part") for part in children_with_boundaries(session, area.code)]
    features = []
    for border, role in found:
        if border is not None:
            feature = border.as_feature()
            feature["properties"]["role"] = role
            feature["geometry"] = outlines.as_geometry(shape(border.geometry))
            features.append(feature)
    return features


def parts(session: Session, parts: Sequence[Area]) -> dict[str, dict[str, Any]]:
    """GeoJSON geometries of areas side by side, small enough to draw together, by code.

    Communities come from the outlines that are made once an epoch; a town without a boundary of its
    own is joined from its communities; grids keep theirs. Areas without any border are left out.
    """
    made = community_outlines(session)
    found = {
        area.code: made.geometries[area.code] for area in parts if area.code in made.geometries
    }
    rest = [area for area in parts if area.code not in found]
    rows = session.execute(
        select(Area.code, Area.level, AreaBoundary.geometry)
        .join(AreaBoundary, AreaBoundary.area_code == Area.code)
        .where(
            Area.code.in_([area.code for area in rest]),
            AreaBoundary.version == Area.boundary_version,
        )
        .order_by(Area.code)
    ).all()
    own = {row.code: shape(row.geometry) for row in rows}
    plain = [row.code for row in rows if row.level != Level.GRID]
    drawn = outlines.simplified([own[code] for code in plain], tolerance_m=TOLERANCE_M)
    own |= dict(zip(plain, drawn, strict=True))
    found |= {code: outlines.as_geometry(polygon) for code, polygon in own.items()}
    inside = tree(session).within([area.code for area in rest if area.code not in own])
    members: dict[str, list[str]] = {}
    for code, above in inside.items():
        members.setdefault(above, []).append(code)
    for code, below in members.items():
        joined = made.joined(below)
        if joined is not None:
            found[code] = joined
    return found


def bounds_of(session: Session, area: Area) -> Bounds | None:
    """(west, south, east, north) of an area, or of the nearest area above it that has a boundary.

    Without any, around the communities in it.
    """
    for code in reversed([code for code in area.path.split("/") if code]):
        border = boundary_of(session, code)
        if border is not None:
            return outlines.bounds([shape(border.geometry)])
    return community_outlines(session).around(list(tree(session).within([area.code])))
