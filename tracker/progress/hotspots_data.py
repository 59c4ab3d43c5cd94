"""Names the SELECTs behind hot spots: where reports, points and visits lie, bounded, as plain columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.catalogue.models import Category
from tracker.clock import CITY_ZONE, in_city
from tracker.counters import queries as counters
from tracker.counters.queries import Days
from tracker.inspections.models import Visit
from tracker.inspections.round_candidates import in_area
from tracker.places.jurisdiction import watched_or_own
from tracker.places.locating import epoch
from tracker.places.models import Area, Level
from tracker.points.filters import of_action
from tracker.points.models import InspectionPoint, PointChange
from tracker.points.queries import visible_clause
from tracker.progress.hotspots_asked import Wanted
from tracker.progress.scope import is_watched
from tracker.tasks import filters
from tracker.tasks.filter_category import category_clauses
from tracker.tasks.models import Task
from tracker.tasks.queries import COLUMN_OF, visible
from tracker.tasks.states import VOID

#: More reports than this are not analysed at once: the newest are, and the page says so.
MAX_REPORTS = 20_000
#: Points that make the ground of an area at most.
MAX_POINTS = 20_000


@dataclass(frozen=True)
class Reports:
    """Reports with a position, newest first, and the days they are all the reports of."""

    rows: Sequence[Any]
    days: Days
    #: there were more: the first days were left out
    is_cut: bool


def reports_query(wanted: Wanted, actor: Actor, days: Days, *, watched: bool) -> Select[Any]:
    """What became a case and was reported on these days in the area, newest first.

    Where the actor watches the whole area nothing else has to be asked of a task. Towns and districts
    have no index by day: their column is hidden from the planner, which then walks the days.
    """
    area = wanted.area
    assert area is not None
    column: Any = COLUMN_OF[Level(area.level)]
    if area.level in (Level.TOWN, Level.DISTRICT):
        column = func.coalesce(column, "")
    asked = replace(wanted.chosen.wanted, since=days.first, until=days.last)
    query: Any = select(
        Task.id, Task.lon, Task.lat, Task.category_id, Task.community_code, Task.reported_at,
        Task.closed_at, Task.recurrence_of_id,
    )  # fmt: skip
    query = query.where(
        column == area.code, Task.cell.is_not(None), Task.state.not_in(sorted(VOID)),
        *filters.clauses(asked, wanted.chosen.at),
    )  # fmt: skip
    if not watched:
        query = query.where(visible(actor))
    return query.order_by(Task.reported_at.desc(), Task.id.desc())


def reports(session: Session, wanted: Wanted, actor: Actor) -> Reports:
    """At most MAX_REPORTS reports; when there are more, those of the newest whole days."""
    days = wanted.chosen.days
    watched = _watched(session, wanted, actor)
    query = reports_query(wanted, actor, days, watched=watched)
    rows = session.execute(query.limit(MAX_REPORTS + 1)).all()
    if len(rows) <= MAX_REPORTS:
        return Reports(rows, days, is_cut=False)
    # a day of which some are missing would open a list with more than was analysed
    last = in_city(rows[-1].reported_at).date()
    first = min(last + timedelta(days=1), days.last)
    since = datetime.combine(first, time(), CITY_ZONE)
    return Reports(
        [row for row in rows[:MAX_REPORTS] if row.reported_at >= since],
        Days(first, days.last), is_cut=True,
    )  # fmt: skip


def points(session: Session, wanted: Wanted, actor: Actor) -> Sequence[Any]:
    """Name and position of the points in use: the ground that is inspected, of an action its points."""
    area = wanted.area
    assert area is not None
    clauses: list[ColumnElement[bool]] = [
        in_area(area.level, area.code), InspectionPoint.is_active.is_(True), InspectionPoint.lon.is_not(None),
    ]  # fmt: skip
    if wanted.chosen.wanted.action:
        clauses.append(of_action(wanted.chosen.wanted.action))
    if not _watched(session, wanted, actor):
        clauses.append(visible_clause(actor))
    columns: Any = (
        InspectionPoint.id,
        InspectionPoint.name,
        InspectionPoint.lon,
        InspectionPoint.lat,
    )
    return session.execute(
        select(*columns).where(*clauses).order_by(InspectionPoint.code).limit(MAX_POINTS)
    ).all()


def visits(session: Session, wanted: Wanted, actor: Actor, days: Days) -> dict[int, int]:
    """Visits on these days by point."""
    area = wanted.area
    assert area is not None
    column = {
        Level.DISTRICT: Visit.district_code, Level.TOWN: Visit.town_code,
        Level.COMMUNITY: Visit.community_code, Level.GRID: Visit.grid_code,
    }[Level(area.level)]  # fmt: skip
    rows = session.execute(
        select(Visit.point_id, func.count())
        .where(
            column == area.code, watched_or_own(actor, Visit),
            Visit.at >= datetime.combine(days.first, time(), CITY_ZONE),
            Visit.at < datetime.combine(days.last + timedelta(days=1), time(), CITY_ZONE),
        )
        .group_by(Visit.point_id)
    )  # fmt: skip
    return {point: n for point, n in rows}  # noqa: C416 - a row is no pair to dict()


def version(session: Session, wanted: Wanted, actor: Actor) -> tuple[Any, ...]:
    """What an analysis depends on: equal versions, equal findings."""
    area = wanted.area
    assert area is not None
    grants = sorted(f"{one.role}/{one.area_code}/{one.organization_id}" for one in actor.grants)
    # a grid has no stamp of its own: that of its community grows with it
    stamped = area.parent_code if area.level == Level.GRID else area.code
    asked = wanted.chosen.wanted
    # which categories a code or a tag means is changed without an event
    meant = category_clauses(asked.category, asked.tag)
    return (
        epoch(session), counters.stamps(session, [stamped or ""]),
        session.scalar(select(func.max(PointChange.id))), session.scalar(select(func.max(Visit.id))),
        None if _watched(session, wanted, actor) else (actor.user_id, *grants),
        tuple(session.scalars(select(Category.id).where(*meant).order_by(Category.id))) if meant else (),
    )  # fmt: skip


def area_choices(session: Session, actor: Actor) -> Sequence[Area]:
    """Districts, towns and communities that the actor sees, in the order of the tree."""
    from tracker.places.queries import areas_visible_to

    levels = (Level.DISTRICT, Level.TOWN, Level.COMMUNITY)
    query = areas_visible_to(actor).where(Area.level.in_(levels)).order_by(None)
    return session.scalars(query.order_by(Area.path)).all()


def _watched(session: Session, wanted: Wanted, actor: Actor) -> bool:
    return wanted.area is not None and is_watched(session, actor, [wanted.area.code])
