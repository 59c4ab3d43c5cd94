"""Knows what to tell a reporter before the report is sent: areas, unit, deadline, near duplicates."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gis.cells import ranges_around
from gis.coordinates import distance_m
from tracker.access.actor import Actor
from tracker.calendar import Limit
from tracker.catalogue.models import Category
from tracker.places.locating import NOWHERE, Located, locate, locator, of_area
from tracker.places.models import Area
from tracker.places.suggesting import Suggestion
from tracker.points.models import InspectionPoint
from tracker.points.queries import visible_points
from tracker.responsibility.suggesting import suggest, suggest_for
from tracker.tasks import deadlines
from tracker.tasks.limits.queries import handling_limit
from tracker.tasks.models import Task
from tracker.tasks.queries import near
from tracker.tasks.running import work_calendar

#: How long back an open task of the same category counts as a possible duplicate.
DUPLICATE_WINDOW = timedelta(days=7)
#: Points this near to the pin are offered as the place of the finding (metres).
POINT_NEAR_M = 100.0
#: A position farther than this from every area is probably a slip; the person confirms it (metres).
FAR_M = 50_000.0


@dataclass(frozen=True)
class NearTask:
    """An open task that may be the same problem; `distance_m` in metres."""

    number: str
    title: str
    state: str
    distance_m: int


@dataclass(frozen=True)
class NearPoint:
    """An inspection point that may be where it was found; `distance_m` in metres."""

    code: str
    name: str
    distance_m: int


@dataclass(frozen=True)
class Hints:
    """What the form shows beside the place; nothing of it binds anybody."""

    #: names from the town down to the grid, empty outside every area
    area_names: tuple[str, ...] = ()
    has_position: bool = False
    #: 未落入网格: a position that no community holds
    is_outside: bool = False
    #: outside, and more than FAR_M from every area
    is_far: bool = False
    unit: Suggestion | None = None
    limit: Limit | None = None
    #: when the category's limit would run out if it were dispatched now
    due_at: datetime | None = None
    near: list[NearTask] = field(default_factory=list)
    #: offered while no point was chosen
    points: list[NearPoint] = field(default_factory=list)


def hints(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    lon: float | None = None,
    lat: float | None = None,
    community_code: str | None = None,
    category_id: int | None = None,
    point: InspectionPoint | None = None,
) -> Hints:
    """What is known at once about a place (WGS-84 degrees, or a community), category and point."""
    category = session.get(Category, category_id) if category_id else None
    place = _place(session, lon, lat, community_code)
    limit = handling_limit(session, category) if category else None
    outside = lon is not None and place.community_code is None
    found: list[NearTask] = []
    if lon is not None and lat is not None and category is not None:
        found = near_duplicates(session, lon, lat, actor=actor, category_id=category.id, at=at)
    return Hints(
        area_names=_names(session, place),
        has_position=lon is not None,
        is_outside=outside,
        is_far=outside and lon is not None and lat is not None and is_far(session, lon, lat),
        unit=_unit(session, category, place, point, lon, lat),
        limit=limit,
        due_at=deadlines.due_at(at, limit, work_calendar()) if limit else None,
        near=found,
        points=_points(session, lon, lat, actor) if point is None else [],
    )


def suggested_unit(session: Session, task: Task, category: Category | None) -> Suggestion | None:
    """Who probably answers for this category where the task lies; the one way to ask for a task."""
    return suggest_for(session, task, category.code if category else None)


def suggested_units(session: Session, tasks: Iterable[Task]) -> dict[int, Suggestion | None]:
    """Who probably answers for each task, by its id; asked once for all that ask the same."""
    asked: dict[Any, Suggestion | None] = {}
    found: dict[int, Suggestion | None] = {}
    for task in tasks:
        # everything `suggested_unit` looks at
        question = (
            task.category_id, task.grid_code, task.community_code, task.town_code,
            task.district_code, task.point_id, task.lon, task.lat,
        )  # fmt: skip
        if question not in asked:
            asked[question] = suggested_unit(session, task, task.category)
        found[task.id] = asked[question]
    return found


def _unit(
    session: Session,
    category: Category | None,
    place: Located,
    point: InspectionPoint | None,
    lon: float | None,
    lat: float | None,
) -> Suggestion | None:
    """Nothing is proposed before there is a category, unless the point's unit answers for all."""
    if category is None and (point is None or point.unit is None):
        return None
    return suggest(
        session,
        place=place,
        lon=lon,
        lat=lat,
        category=category.code if category else None,
        of_point=point.unit if point else None,
        site_type=point.site_type_code if point else None,
    )


def near_duplicates(
    session: Session, lon: float, lat: float, *, actor: Actor, category_id: int, at: datetime
) -> list[NearTask]:
    """Open visible tasks of the category within 50 m, reported in the last seven days."""
    return [
        NearTask(task.number, task.title, task.state, round(distance))
        for task, distance in near(
            session, lon, lat, actor=actor, category_id=category_id, since=at - DUPLICATE_WINDOW
        )
    ]


def is_outside_and_far(session: Session, lon: float, lat: float) -> bool:
    """Whether no community holds a position and none is within 50 km."""
    return locate(session, lon, lat) == NOWHERE and is_far(session, lon, lat)


def is_far(session: Session, lon: float, lat: float) -> bool:
    """Whether a position is more than 50 km from every area that has a border; never without any."""
    metres = locator(session).nearest_m(lon, lat)
    return metres is not None and metres > FAR_M


def _place(
    session: Session, lon: float | None, lat: float | None, community_code: str | None
) -> Located:
    if lon is not None and lat is not None:
        return locate(session, lon, lat)
    return of_area(session, community_code) if community_code else NOWHERE


def _names(session: Session, place: Located) -> tuple[str, ...]:
    codes = [place.town_code, place.community_code, place.grid_code]
    rows = session.execute(
        select(Area.code, Area.name).where(Area.code.in_([code for code in codes if code]))
    )
    names: dict[str, str] = dict(rows.all())
    shown: list[str] = []
    for name in (names[code] for code in codes if code in names):
        # a grid is often called by its community's name and a number: said once is enough
        shown.append(name.removeprefix(shown[-1]) or name if shown else name)
    return tuple(shown)


def _points(
    session: Session, lon: float | None, lat: float | None, actor: Actor
) -> list[NearPoint]:
    if lon is None or lat is None:
        return []
    return [
        NearPoint(point.code, point.name, round(metres))
        for point, metres in points_near(session, lon, lat, actor=actor)
    ]


def points_near(
    session: Session, lon: float, lat: float, *, actor: Actor, limit: int = 4
) -> list[tuple[InspectionPoint, float]]:
    """Visible active points within 100 m of (lon, lat) WGS-84 with metres, nearest first."""
    ranges = ranges_around(lon, lat, POINT_NEAR_M)
    rows = session.scalars(
        visible_points(actor)
        .where(
            InspectionPoint.is_active,
            or_(*(InspectionPoint.cell.between(low, high) for low, high in ranges)),
        )
        .limit(200)
    )
    found = [
        (point, float(distance_m(lon, lat, point.lon, point.lat)))
        for point in rows
        if point.lon is not None and point.lat is not None
    ]
    return sorted((pair for pair in found if pair[1] <= POINT_NEAR_M), key=lambda pair: pair[1])[
        :limit
    ]
