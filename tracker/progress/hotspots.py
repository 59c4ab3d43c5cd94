"""Knows what the analysis of hot spots finds: places with as many reports as the list behind each has rows."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.counters.queries import Days
from tracker.maps.borders import bounds_of
from tracker.progress import hotspots_data as data
from tracker.progress import hotspots_methods as methods
from tracker.progress.hotspots_asked import Method, Wanted
from tracker.progress.hotspots_data import Reports
from tracker.progress.hotspots_methods import Cells, Ground, Spot
from tracker.storage.db import db
from tracker.tasks.filter_near import Near
from tracker.web import crowding

#: Findings that a page lists.
MOST_FINDINGS = 20
#: Analyses kept in the process.
_KEPT = 32
#: A point this near to the middle of a finding names it, metres.
_NAMES_WITHIN_M = 300.0


@dataclass(frozen=True)
class Finding:
    """One place, with the figures of the circle around it."""

    near: Near
    #: reports in the circle: the rows of the list behind it
    n: int
    #: the category that is most frequent there, and how often; None where no report has one
    category_id: int | None
    matched: int
    #: name of the inspection point nearby, and code of the community
    point: str
    community: str | None
    #: of Gi*: 3, 2, 1 is 99, 95, 90 %
    level: int = 0
    #: of recurrence: reports that came after one was closed
    again: int = 0
    #: corners in WGS-84 (lon, lat), of clusters
    hull: list[list[float]] = field(default_factory=list, repr=False)


@dataclass(frozen=True)
class Result:
    """What was found, and of what."""

    findings: tuple[Finding, ...]
    cells: Cells | None
    n: int
    days: Days
    is_cut: bool
    #: why nothing can be said: few_cells, all_equal, no_neighbours; empty when something can
    refusal: str = ""


_lock = threading.Lock()
_kept: "OrderedDict[tuple[Any, ...], Result]" = OrderedDict()


def analysed(session: Session, wanted: Wanted, actor: Actor) -> Result:
    """The analysis, kept until anything it was made of changes. `wanted.area` must not be None.

    Raises Busy.
    """
    key = (
        str(db.engine.url), wanted.area and wanted.area.code, wanted.method, wanted.size_m,
        wanted.per_visit, wanted.chosen.wanted, wanted.chosen.days, data.version(session, wanted, actor),
    )  # fmt: skip
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    with crowding.a_place():
        made = analyse(session, wanted, actor)
    with _lock:
        _kept[key] = made
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return made


def analyse(session: Session, wanted: Wanted, actor: Actor) -> Result:
    """The analysis, made anew."""
    found = data.reports(session, wanted, actor)
    points = data.points(session, wanted, actor)
    ground = Ground.of(_middle(session, wanted, found), found.rows, points)
    cells, refusal, spots = None, "", list[Spot]()
    if wanted.method is Method.RECURRENCE:
        spots = methods.recurrence(ground, found.rows, wanted.size_m)
    elif wanted.method is Method.CLUSTER:
        spots = methods.cluster(ground, wanted.size_m)
    elif wanted.method is Method.DENSITY:
        cells, spots = methods.dense(ground, wanted.size_m)
    else:
        by_point = data.visits(session, wanted, actor, found.days) if wanted.per_visit else None
        visited = None if by_point is None else [by_point.get(row.id, 0) for row in points]
        cells, refusal, spots = methods.hot(ground, wanted.size_m, visited)
    made = [_finding(ground, found.rows, points, spot) for spot in spots]
    if wanted.method is Method.DENSITY:  # in the order of the number that is shown
        made.sort(key=lambda one: (-one.n, str(one.near)))
    return Result(
        tuple(made[:MOST_FINDINGS]), cells, len(found.rows), found.days, found.is_cut, refusal
    )


def _middle(session: Session, wanted: Wanted, found: Reports) -> tuple[float, float]:
    """Where the plane of an area touches the earth: always the same, so that no hexagon wanders."""
    bounds = bounds_of(session, wanted.area) if wanted.area else None
    if bounds is not None:
        return (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    # an area without a boundary: a tenth of a degree is enough to stay the same
    return (round(found.rows[0].lon, 1), round(found.rows[0].lat, 1)) if found.rows else (0.0, 0.0)


def _finding(ground: Ground, rows: Sequence[Any], points: Sequence[Any], spot: Spot) -> Finding:
    import numpy as np

    lon, lat = ground.plane.degrees(np.array([spot.centre]))[0]
    near = Near.of(float(lon), float(lat), spot.radius_m)
    inside = [rows[index] for index in np.flatnonzero(near.holds(ground.lon, ground.lat)).tolist()]
    if spot.category_id is not None:
        inside = [row for row in inside if row.category_id == spot.category_id]
    kinds = Counter(row.category_id for row in inside if row.category_id is not None)
    kind, matched = min(kinds.items(), key=lambda item: (-item[1], item[0]), default=(None, 0))
    places = Counter(row.community_code for row in inside if row.community_code)
    hull = ground.plane.degrees(spot.hull).round(6).tolist() if len(spot.hull) else []
    return Finding(
        near, len(inside), kind, matched, _name(ground, points, spot),
        min(places, key=lambda code: (-places[code], code), default=None),
        spot.level, spot.again, hull,
    )  # fmt: skip


def _name(ground: Ground, points: Sequence[Any], spot: Spot) -> str:
    """The name of the nearest inspection point, if it is near."""
    import numpy as np

    if not points:
        return ""
    away = np.hypot(*(ground.points - spot.centre).T)
    nearest = int(away.argmin())
    return str(points[nearest].name) if away[nearest] <= _NAMES_WITHIN_M else ""
