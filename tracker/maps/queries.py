"""Names the SELECTs of the maps: plain columns, one grouped query a figure, all within what the actor may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.catalogue.models import Category
from tracker.errors import NotFound
from tracker.places.models import Area, Level, Organization
from tracker.places.queries import areas_visible_to
from tracker.tasks import filters, presenting
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task
from tracker.tasks.queries import due_soon, overdue, visible
from tracker.tasks.states import OPEN, RUNNING, VOID, State
from tracker.texts import N_

#: More tasks than this are not sent to one map; the page says so.
MAX_ROWS = 20_000

_LEVEL_COLUMNS = {
    Level.DISTRICT: Task.district_code,
    Level.TOWN: Task.town_code,
    Level.COMMUNITY: Task.community_code,
    Level.GRID: Task.grid_code,
}
#: What a marker and a row of the list beside it are made of.
_COLUMNS = (
    Task.number, Task.lon, Task.lat, Task.state, Task.due_at, Task.due_soon_at,
    Task.category_id, Task.unit_id, Task.title,
)  # fmt: skip


@dataclass(frozen=True)
class CommunityCount:
    """Open tasks of one community, and how many of them are overdue or due soon."""

    open: int = 0
    overdue: int = 0
    due_soon: int = 0


def visible_area(session: Session, code: str, actor: Actor) -> Area:
    """An area in force inside the actor's jurisdiction. Raises NotFound for any other."""
    area = session.scalar(areas_visible_to(actor).where(Area.code == code))
    if area is None:
        raise NotFound(N_("没有这个区域，或不在您的辖区内。"))
    return area


def visible_codes(session: Session, codes: Iterable[str], actor: Actor) -> set[str]:
    """Those of the codes that the actor may open."""
    wanted = areas_visible_to(actor).where(Area.code.in_(sorted(codes)))
    return set(session.scalars(wanted.with_only_columns(Area.code)))


def community_rows(session: Session, actor: Actor) -> Sequence[Any]:
    """The communities the actor may see: code, name, town, mark of schematic borders, of a pilot, of any task."""
    recorded = select(Task.id).where(Task.community_code == Area.code).correlate(Area).exists()
    columns = (
        Area.code, Area.name, Area.parent_code, Area.is_schematic, Area.is_pilot, Area.path,
        recorded.label("recorded"),
    )  # fmt: skip
    query = areas_visible_to(actor).where(Area.level == Level.COMMUNITY)
    return session.execute(query.with_only_columns(*columns)).all()


def area_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Names by code."""
    rows = session.execute(select(Area.code, Area.name).where(Area.code.in_(sorted(codes))))
    return {row[0]: row[1] for row in rows}


def counts_query(actor: Actor, wanted: TaskFilter, now: datetime) -> Select[Any]:
    """Open tasks by community, overdue and due soon beside; those outside every community under None."""
    query: Any = select(
        Task.community_code,
        func.count(),
        func.sum(case((overdue(now), 1), else_=0)),
        func.sum(case((due_soon(now), 1), else_=0)),
    ).where(visible(actor), Task.state.in_(sorted(OPEN)))
    narrowed = filters.apply(query, wanted, now, user_id=actor.user_id)
    return narrowed.group_by(Task.community_code)


def counts_by_community(
    session: Session, actor: Actor, wanted: TaskFilter, now: datetime
) -> dict[str | None, CommunityCount]:
    """What `counts_query` finds."""
    rows = session.execute(counts_query(actor, wanted, now))
    return {code: CommunityCount(count, int(late), int(soon)) for code, count, late, soon in rows}


def in_map(area: Area, actor: Actor) -> ColumnElement[bool]:
    """Tasks of an area that the actor may see."""
    return visible(actor) & (_LEVEL_COLUMNS[Level(area.level)] == area.code)


def state_counts(
    session: Session, area: Area, actor: Actor, wanted: TaskFilter, now: datetime
) -> dict[str, int]:
    """Tasks of an area by state, whatever states are wanted: the figures of the legend."""
    query: Any = select(Task.state, func.count()).where(in_map(area, actor)).group_by(Task.state)
    every = replace(wanted, states=(), area="")
    rows = session.execute(filters.apply(query, every, now, user_id=actor.user_id))
    return {row[0]: row[1] for row in rows}


def task_rows(
    session: Session, area: Area, actor: Actor, wanted: TaskFilter, now: datetime
) -> Sequence[Any]:
    """At most MAX_ROWS tasks of an area: running ones by deadline first, then open, then finished.

    Without wanted states those that never became a case are left out.
    """
    states = wanted.states or tuple(state for state in State if state not in VOID)
    rank = case((Task.state.in_(sorted(RUNNING)), 0), (Task.state.in_(sorted(OPEN)), 1), else_=2)
    query: Any = select(*_COLUMNS).where(in_map(area, actor))
    narrowed = filters.apply(
        query, replace(wanted, states=states, area=""), now, user_id=actor.user_id
    )
    ordered = narrowed.order_by(rank, Task.due_at.asc().nulls_last(), Task.id.desc())
    return session.execute(ordered.limit(MAX_ROWS)).all()


def category_names(session: Session, ids: set[int], *, english: bool) -> dict[int, str]:
    """The matters of categories in the reader's language."""
    columns = (Category.id, Category.kind, Category.name, Category.name_en)
    rows = session.execute(select(*columns).where(Category.id.in_(sorted(ids))))
    return {
        row.id: presenting.matter(row.kind, row.name, row.name_en, english=english) for row in rows
    }


def unit_names(session: Session, ids: set[int]) -> dict[int, str]:
    """Names of units."""
    columns = (Organization.id, Organization.name)
    rows = session.execute(select(*columns).where(Organization.id.in_(sorted(ids))))
    return {row[0]: row[1] for row in rows}


def major_categories(session: Session) -> Sequence[Any]:
    """The major categories (大类) with their English names, in code order."""
    columns = (Category.major_code, Category.major_name, Category.major_name_en)
    active = Category.is_active.is_(True)
    return session.execute(
        select(*columns).where(active).distinct().order_by(Category.major_code)
    ).all()
