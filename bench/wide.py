"""A wide district of made-up areas: 26 towns, 625 communities and 10,000 grids, for measuring, never for use."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.district import OUTLINE
from gis import thiessen
from gis.coordinates import LonLat
from tracker import clock
from tracker.places.locating import bump_epoch
from tracker.places.models import Area, AreaBoundary, Organization

DISTRICT = "990101"
TOWNS = 26
COMMUNITIES = 625
GRIDS = 16
UNITS = 60
_COLUMNS = 5

#: Code, level and polygon of each area with a border, as `gis.grid` takes them.
Areas = list[tuple[str, str, Any]]


@cache
def areas(seed: int = 7) -> Areas:
    """The district, its communities and their grids with polygons, WGS-84; the same for a seed."""
    seeds = _seeds(np.random.default_rng(seed))
    found: Areas = [(DISTRICT, "district", OUTLINE)]
    for code, polygon in thiessen.cells(seeds, OUTLINE).items():
        found.append((code, "community", polygon))
        found += [
            (f"{code}{part:03d}", "grid", grid)
            for part, grid in enumerate(thiessen.split_grid(polygon, GRIDS), 1)
        ]
    return found


def _seeds(rng: np.random.Generator) -> list[tuple[str, LonLat]]:
    """Places of the communities, numbered so that those of a town lie together."""
    west, south, east, north = OUTLINE.bounds
    places: list[tuple[float, float]] = []
    while len(places) < COMMUNITIES:
        lon, lat = rng.uniform(west, east), rng.uniform(south, north)
        if shapely.contains_xy(OUTLINE, lon, lat):
            places.append((float(lon), float(lat)))
    places.sort()
    deep = -(-COMMUNITIES // _COLUMNS)
    strips = [
        sorted(places[at : at + deep], key=lambda p: p[1]) for at in range(0, COMMUNITIES, deep)
    ]
    ordered = [place for strip in strips for place in strip]
    return [
        (f"{DISTRICT}{1 + n * TOWNS // COMMUNITIES:03d}{n + 1:03d}", LonLat(*place))
        for n, place in enumerate(ordered)
    ]


def make_wide_district(session: Session, made: Areas) -> None:
    """Write the areas, their towns and some units."""
    now = clock.now()
    towns = sorted({code[:9] for code, level, _ in made if level == "community"})
    listed: list[tuple[str, str, Any]] = [
        made[0], *((town, "town", None) for town in towns), *made[1:],
    ]  # fmt: skip
    session.execute(insert(Area), [_area(code, level, polygon) for code, level, polygon in listed])
    session.execute(
        insert(AreaBoundary),
        [
            {"area_code": code, "version": 1, "geometry": mapping(polygon), "valid_from": now}
            for code, _, polygon in made
        ],
    )
    session.execute(
        insert(Organization),
        [
            {"name": f"测量单位{n}", "kind": "department", "area_code": DISTRICT}
            for n in range(UNITS)
        ],
    )
    bump_epoch(session)


_NAMES = {"district": "测量区", "town": "第{}镇", "community": "第{}社区", "grid": "第{}网格"}


def _area(code: str, level: str, polygon: Any) -> dict[str, Any]:
    parts = {"district": (6,), "town": (6, 9), "community": (6, 9, 12), "grid": (6, 9, 12, 15)}[
        level
    ]
    return {
        "code": code, "name": _NAMES[level].format(int(code[-3:])), "level": level,
        "parent_code": code[: parts[-2]] if len(parts) > 1 else None,
        "path": "".join(code[:end] + "/" for end in parts),
        "is_schematic": True, "boundary_version": 0 if polygon is None else 1,
    }  # fmt: skip


def points(made: Areas, count: int, seed: int = 11) -> tuple[Any, Any]:
    """(lon, lat) arrays of `count` positions within the district, WGS-84, 60 % around 2,000 spots."""
    rng = np.random.default_rng(seed)
    lons, lats = np.empty(0), np.empty(0)
    spots = _scattered(rng, 2_000)
    while len(lons) < count:
        wanted = int((count - len(lons)) * 1.1) + 50
        chosen = rng.integers(0, len(spots[0]), int(wanted * 0.6))
        near = [axis[chosen] + rng.normal(0, 0.0006, len(chosen)) for axis in spots]
        wide = _scattered(rng, wanted - len(chosen))
        lon, lat = np.concatenate([near[0], wide[0]]), np.concatenate([near[1], wide[1]])
        order = rng.permutation(len(lon))
        inside = order[shapely.contains_xy(OUTLINE, lon[order], lat[order])]
        lons, lats = np.concatenate([lons, lon[inside]]), np.concatenate([lats, lat[inside]])
    return lons[:count], lats[:count]


def _scattered(rng: np.random.Generator, count: int) -> tuple[Any, Any]:
    west, south, east, north = OUTLINE.bounds
    shapely.prepare(OUTLINE)
    lon, lat = rng.uniform(west, east, count * 2 + 50), rng.uniform(south, north, count * 2 + 50)
    inside = np.flatnonzero(shapely.contains_xy(OUTLINE, lon, lat))[:count]
    return lon[inside], lat[inside]


def codes_of(found: dict[str, Sequence[Any]], rank: int) -> tuple[str | None, str | None]:
    """(community, grid) of one position of `Locator.locate_many`."""
    return found["community"][rank], found["grid"][rank]
