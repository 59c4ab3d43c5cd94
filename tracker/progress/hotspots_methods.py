"""Knows how each method turns reports into spots: the mathematics are gis.hotspots and gis.clusters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gis.projection import Plane
from tracker.progress.hotspots_asked import LEAST
from tracker.tasks.lifecycle import RECURRENCE_WITHIN_DAYS, RECURRENCE_WITHIN_M

#: More hexagons than this are made larger.
MOST_CELLS = 6000
#: Cells whose centres are this many cell sizes away weigh in Gi*: two rings.
BAND = 2
#: A peak of density with fewer reports is none.
LEAST_OF_A_PEAK = 3
#: A circle around members keeps them when its middle is rounded for an address, metres.
_SLACK_M = 0.5
_NO_HULL = np.zeros((0, 2))


@dataclass(frozen=True)
class Ground:
    """Reports and points of an area on a plane, metres."""

    plane: Plane
    lon: Any = field(repr=False)
    lat: Any = field(repr=False)
    reports: Any = field(repr=False)
    points: Any = field(repr=False)

    @classmethod
    def of(
        cls, middle: tuple[float, float], rows: Sequence[Any], points: Sequence[Any]
    ) -> "Ground":
        """`middle` is (lon, lat) WGS-84; rows and points have lon and lat."""
        plane = Plane(*middle)
        lon, lat = (
            np.array([getattr(row, name) for row in rows], float) for name in ("lon", "lat")
        )
        ground = plane.metres([one.lon for one in points], [one.lat for one in points])
        return cls(plane, lon, lat, plane.metres(lon, lat), ground)


@dataclass(frozen=True)
class Spot:
    """A circle on the plane of the ground, metres, that is worth a look."""

    centre: tuple[float, float]
    radius_m: float
    level: int = 0
    again: int = 0
    category_id: int | None = None
    hull: Any = field(default_factory=lambda: _NO_HULL, repr=False)


@dataclass(frozen=True)
class Cells:
    """Hexagons for a map: middle, value and class of each, and their corners around the middle, degrees."""

    size_m: int
    rows: list[list[float]] = field(repr=False)
    corners: list[list[float]] = field(repr=False)
    #: of density: the lowest value of each class
    breaks: list[float] = field(default_factory=list)
    #: how many were judged, and of these how many are significantly cold
    n: int = 0
    cold: int = 0


def dense(ground: Ground, size_m: int) -> tuple[Cells | None, list[Spot]]:
    """Density around the middle of each hexagon that holds a report, and its peaks."""
    from gis.hotspots import density, peaks

    cells = _hexagons(ground.reports, size_m)
    if not len(cells):
        return None, []
    values = density(ground.reports, cells.centres, cells.size_m)
    breaks = np.quantile(values, (0.0, 0.5, 0.75, 0.9, 0.97))
    level = np.searchsorted(breaks, values, side="right")
    spots = []
    for index in peaks(cells.centres, values, 2 * cells.size_m, most=40):
        centre = cells.centres[index]
        n = (np.hypot(*(ground.reports - centre).T) <= cells.size_m).sum()
        if n >= LEAST_OF_A_PEAK:
            spots.append(Spot(_pair(centre), cells.size_m))
    return _shown(ground, cells, values, level, breaks=breaks.round(1).tolist()), spots


def hot(
    ground: Ground, size_m: int, visited: Sequence[int] | None
) -> tuple[Cells | None, str, list[Spot]]:
    """Gi* of the hexagons that hold a report or a point; with visits, of reports per visit.

    Open water and fields, where nobody looks, are no ground: they would make every street hot.
    Returns why nothing can be said in the middle.
    """
    from gis.hotspots import TooLittle, gi_star, peaks

    if visited is None:
        cells = _hexagons(np.concatenate([ground.reports, ground.points]), size_m)
        values = cells.counts(ground.reports)
    else:
        weights = np.array(visited, float)
        cells = _hexagons(ground.points[weights > 0], size_m)
        index = cells.index_of(ground.points)
        inside = index >= 0
        visits = np.bincount(index[inside], weights[inside], minlength=len(cells))
        values = cells.counts(ground.reports) / np.maximum(visits, 1.0)
    band = BAND * cells.size_m
    try:
        found = gi_star(cells.centres, values, band * 1.001)
    except TooLittle as fault:
        return None, fault.code, []
    # the cells of two rings lie within it; a round number is easier to say
    radius = 10.0 * np.ceil((band + cells.size_m / 3**0.5) / 10)
    best = peaks(cells.centres, np.where(found.level > 0, found.z, 0.0), 2 * radius, most=40)
    spots = [Spot(_pair(cells.centres[one]), radius, level=int(found.level[one])) for one in best]
    cold = int((found.level < 0).sum())
    return _shown(ground, cells, values, found.level, cold=cold), "", spots


def cluster(ground: Ground, within_m: int) -> list[Spot]:
    """DBSCAN clusters of reports, the largest first."""
    from gis.clusters import clusters

    return [
        Spot(one.centre, one.radius_m + _SLACK_M, hull=one.hull)
        for one in clusters(ground.reports, within_m=within_m, least=LEAST)
    ]


def recurrence(
    ground: Ground, rows: Sequence[Any], within_m: float = RECURRENCE_WITHIN_M
) -> list[Spot]:
    """Places where what was closed was reported again, those where it happened most first."""
    from gis.clusters import recurring

    position = {row.id: n for n, row in enumerate(rows)}
    kinds = np.array([row.category_id or -1 for row in rows], np.int64)
    nan = float("nan")
    found = recurring(
        ground.reports,
        # without a category nothing is the same: each is a kind of its own
        np.where(kinds < 0, -1 - np.arange(len(rows)), kinds),
        np.array([row.reported_at.timestamp() for row in rows], float),
        np.array([row.closed_at.timestamp() if row.closed_at else nan for row in rows], float),
        np.array([_earlier(row, position) for row in rows], np.int64),
        within_m=within_m,
        within=RECURRENCE_WITHIN_DAYS * 86_400.0,
    )
    return [
        Spot(
            one.centre,
            one.radius_m + _SLACK_M,
            again=one.again,
            category_id=_only(kinds[one.members]),
        )
        for one in found
    ]


def _earlier(row: Any, position: dict[int, int]) -> int:
    return position.get(row.recurrence_of_id, -1) if row.recurrence_of_id else -1


def _only(kinds: Any) -> int | None:
    """The category that all share; a person may have linked tasks of two."""
    found = set(kinds.tolist())
    return found.pop() if len(found) == 1 and -1 not in found else None


def _hexagons(places: Any, size_m: int) -> Any:
    from gis.hotspots import hexagons

    cells = hexagons(places, size_m)
    while len(cells) > MOST_CELLS:
        cells = hexagons(places, cells.size_m * 2)
    return cells


def _shown(ground: Ground, cells: Any, values: Any, level: Any, **more: Any) -> Cells:
    middles = ground.plane.degrees(cells.centres).round(6)
    lon, lat = ground.plane.lon0, ground.plane.lat0
    corners = (ground.plane.degrees(cells.corners) - (lon, lat)).round(7)
    rows = [
        [x, y, round(value, 2), int(one)]
        for (x, y), value, one in zip(middles.tolist(), values.tolist(), level, strict=True)
    ]
    return Cells(int(cells.size_m), rows, corners.tolist(), n=len(rows), **more)


def _pair(place: Any) -> tuple[float, float]:
    return float(place[0]), float(place[1])
