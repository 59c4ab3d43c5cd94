"""Knows which areas a point lies in: one spatial index per version of the boundaries."""

import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from gis.projection import DEGREE_M
from tracker.places.models import Area, AreaBoundary, AreaEpoch, Level
from tracker.places.versions import version
from tracker.storage.db import db

if TYPE_CHECKING:
    from gis.grid import Locator


@dataclass(frozen=True)
class Located:
    """Codes of the areas around a place, None where it lies in none."""

    district_code: str | None = None
    town_code: str | None = None
    community_code: str | None = None
    grid_code: str | None = None


NOWHERE = Located()

_lock = threading.Lock()
_built: dict[tuple[str, int], "Locator"] = {}


def epoch(session: Session) -> int:
    """A number that grows with every change of areas: the key of everything derived from them."""
    return version(session)[1]


def bump_epoch(session: Session) -> None:
    """Say that areas changed, in the transaction of the change."""
    row = session.get(AreaEpoch, 1)
    if row is None:
        session.add(AreaEpoch(id=1, value=1))
    else:
        # the database adds: two changes at once are two numbers
        row.value = AreaEpoch.value + 1


def locator(session: Session) -> "Locator":
    """The index of the boundaries in force, built once per epoch and shared by all threads."""
    from gis.grid import Locator

    key = (str(db.engine.url), epoch(session))
    with _lock:
        if key not in _built:
            _built.clear()
            _built[key] = Locator.from_areas(_borders(session))
        return _built[key]


def _borders(session: Session) -> list[tuple[str, str, Any]]:
    """Code, level and polygon of the areas with a border in force."""
    rows = session.execute(
        # as text: read by the geometry library at once, a sixth of the time of reading JSON first
        select(Area.code, Area.level, cast(AreaBoundary.geometry, Text))
        .join(AreaBoundary, AreaBoundary.area_code == Area.code)
        .where(AreaBoundary.version == Area.boundary_version, Area.valid_to.is_(None))
    ).all()
    polygons = shapely.from_geojson([text for _, _, text in rows])
    return [
        (code, level, polygon) for (code, level, _), polygon in zip(rows, polygons, strict=True)
    ]


def locate(session: Session, lon: float, lat: float) -> Located:
    """The areas of a point, WGS-84 degrees. Parents missing on the map come from the code tree."""
    found = locator(session).locate(lon, lat)
    for level in (Level.GRID, Level.COMMUNITY, Level.TOWN, Level.DISTRICT):
        code = found.get(level)
        if code:
            return of_area(session, code)
    return NOWHERE


def communities_around(session: Session, lon: float, lat: float, metres: float) -> frozenset[str]:
    """Communities that a circle of `metres` around a WGS-84 point touches, seen from eight sides."""
    index, found = locator(session), set()
    north = metres / DEGREE_M
    east = north / max(math.cos(math.radians(lat)), 0.01)
    for eighth in range(8):
        angle = eighth * math.pi / 4
        areas = index.locate(lon + east * math.cos(angle), lat + north * math.sin(angle))
        found.add(areas.get(Level.COMMUNITY))
    return frozenset(code for code in found if code)


def of_area(session: Session, code: str) -> Located:
    """An area and its ancestors. An unknown code gives NOWHERE."""
    area = session.get(Area, code) if "\0" not in code else None
    if area is None:
        return NOWHERE
    # one by one: whoever places many holds the areas, and then the database is not asked
    above = [session.get(Area, part) for part in area.path.split("/") if part]
    levels = {found.level: found.code for found in above if found is not None}
    return Located(**{f"{level}_code": levels.get(level) for level in Level})
