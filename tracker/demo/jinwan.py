"""Knows the demo district: the towns and communities of Jinwan on a borders sketch of our own.

Codes and names are those of the 2023 statistical division (facts). Every position and border is a
rough drawing, made by hand and rounded, good for a demonstration only: 示意图,不作划界依据. The two
industrial zones have a street-level code of their own but no town; their one virtual community
(虚拟社区) keeps its code and is shown under the town it lies in, which gives 4 towns and 44
communities.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

DISTRICT_CODE, DISTRICT_NAME = "440404", "金湾区"

#: Outline of the district as (lon, lat), WGS-84, drawn by hand to about a kilometre. 示意
OUTLINE = (
    (113.10, 22.07),
    (113.12, 22.11),
    (113.16, 22.14),
    (113.21, 22.155),
    (113.24, 22.135),
    (113.27, 22.125),
    (113.285, 22.145),
    (113.32, 22.155),
    (113.355, 22.18),
    (113.395, 22.195),
    (113.425, 22.175),
    (113.435, 22.14),
    (113.425, 22.11),
    (113.45, 22.085),
    (113.46, 22.055),
    (113.43, 22.03),
    (113.405, 22.015),
    (113.39, 21.985),
    (113.355, 21.985),
    (113.315, 22.005),
    (113.295, 22.03),
    (113.28, 22.075),
    (113.275, 22.03),
    (113.265, 21.99),
    (113.28, 21.95),
    (113.275, 21.90),
    (113.245, 21.88),
    (113.205, 21.90),
    (113.185, 21.945),
    (113.20, 21.99),
    (113.165, 22.02),
    (113.13, 22.04),
)

#: How many grids each pilot community is cut into.
PILOT_GRIDS = {
    "440404100001": 10,
    "440404100002": 10,
    "440404100004": 8,
    "440404100204": 6,
    "440404103001": 8,
    "440404103002": 8,
}


@dataclass(frozen=True)
class Community:
    """A community of the demo; `lon`, `lat` is a rounded position in WGS-84 (示意)."""

    code: str
    name: str
    full_name: str
    kind: str
    town_code: str
    town_name: str
    is_pilot: bool
    lon: float
    lat: float


@dataclass(frozen=True)
class DemoArea:
    """An area to be created; `level` is district, town, community or grid.

    `boundary` is a shapely polygon in WGS-84 (lon, lat); parts of it tile the parent's.
    """

    code: str
    name: str
    level: str
    parent: str | None
    boundary: Any
    is_pilot: bool


@lru_cache(maxsize=1)
def demo_communities() -> tuple[Community, ...]:
    """The 44 communities in code order."""
    table = resources.files("tracker.demo").joinpath("communities.tsv")
    header, *lines = table.read_text(encoding="utf-8").splitlines()
    rows = (dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines)
    return tuple(
        Community(
            code=row["code"],
            name=row["name"],
            full_name=row["full_name"],
            kind=row["kind"],
            town_code=row["town_code"],
            town_name=row["town_name"],
            is_pilot=row["is_pilot"] == "1",
            lon=float(row["lon"]),
            lat=float(row["lat"]),
        )
        for row in rows
    )


def demo_areas() -> list[DemoArea]:
    """District, towns, communities and pilot grids, parents first; WGS-84 (lon, lat), 示意.

    Communities are Thiessen cells of their positions within the outline, towns are the union of
    their communities, and grids tile a pilot community, numbered from west to east and from
    north to south.
    """
    # geometry libraries cost start-up time that most commands do not need
    import shapely

    from gis.coordinates import LonLat
    from gis.thiessen import cells

    outline, communities = shapely.Polygon(OUTLINE), demo_communities()
    shapes = cells([(place.code, LonLat(place.lon, place.lat)) for place in communities], outline)
    towns: dict[str, str] = {place.town_code: place.town_name for place in communities}
    areas = [DemoArea(DISTRICT_CODE, DISTRICT_NAME, "district", None, outline, False)]
    for code in sorted(towns):
        parts = [shapes[place.code] for place in communities if place.town_code == code]
        whole = shapely.union_all(parts)
        areas.append(DemoArea(code, towns[code], "town", DISTRICT_CODE, whole, False))
    for place in communities:
        shape = shapes[place.code]
        areas.append(
            DemoArea(place.code, place.name, "community", place.town_code, shape, place.is_pilot)
        )
    for place in communities:
        areas.extend(_grids(place, shapes[place.code]))
    return areas


def _grids(community: Community, shape: Any) -> Iterator[DemoArea]:
    """The grids of a pilot community, 15-digit codes; none for another community."""
    from gis.thiessen import split_grid

    wanted = PILOT_GRIDS.get(community.code, 0)
    if not wanted:
        return
    for number, part in enumerate(split_grid(shape, wanted), start=1):
        code, name = f"{community.code}{number:03d}", f"{community.name}第{number:02d}网格"
        yield DemoArea(code, name, "grid", community.code, part, True)
