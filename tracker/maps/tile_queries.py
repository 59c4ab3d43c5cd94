"""Names the SELECTs of tiles: each reads one range of an index, within what the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from gis.cells import BITS, Range, coarser, tile_range
from tracker.access.actor import Actor
from tracker.access.predicates import WATCHERS
from tracker.counters import queries as counters
from tracker.counters.measures import STATES
from tracker.counters.models import EVERYWHERE
from tracker.counters.projecting import CELL_LEVELS
from tracker.places.tree import tree
from tracker.points import filters as point_filters
from tracker.points.filters import PointFilter
from tracker.points.models import InspectionPoint, SiteType
from tracker.points.queries import visible_clause
from tracker.tasks import filters
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task
from tracker.tasks.queries import visible
from tracker.tasks.states import OPEN

#: From this zoom on a tile carries the tasks themselves; a tile is 1.1 km wide there in this country.
TASKS_FROM = 15
#: Points lie thinner.
POINTS_FROM = 14
#: A tile never carries more single features than this: it is counted in cells instead.
MAX_SINGLES = 5_000
#: A cell is a tile so many zooms further down: 32 x 32 of them fill a tile.
CELL_ZOOMS = 5


@dataclass(frozen=True)
class Tile:
    """One tile of a web map (XYZ: y counts from the north); see gis.cells.tile_range."""

    z: int
    x: int
    y: int

    @property
    def cells(self) -> Range:
        """The first and last 62-bit cell in it."""
        return tile_range(self.z, self.x, self.y)

    @property
    def level(self) -> int:
        """The level of the cells it is counted in."""
        return self.z + CELL_ZOOMS


@dataclass(frozen=True)
class Cell:
    """How many lie in one cell of a tile; `key` as gis.cells.coarser at the tile's level."""

    key: int
    #: all that are wanted
    valid: int
    #: of these, still open
    open: int


def sees_everything(session: Session, actor: Actor) -> bool:
    """Whether there is no task, inside or outside every area, that the actor does not see.

    Who watches areas sees everything when these count as many tasks as the whole installation does.
    """
    granted = actor.areas_as(WATCHERS)
    if actor.is_system or None in granted:
        return True
    codes = {code for code in granted if code is not None}
    paths = tree(session).paths
    largest = [code for code in codes if not codes.intersection(paths.get(code, ())[:-1])]
    found = counters.stocks(session, [EVERYWHERE, *largest])
    whole = found.pop(EVERYWHERE, counters.Counts())
    return bool(largest) and all(
        whole[state] == sum(counts[state] for counts in found.values()) for state in STATES
    )


def counted_cells(session: Session, tile: Tile) -> list[Cell]:
    """The cells of a tile of zoom 14 or less, out of the counters; `valid` holds finished tasks too."""
    level = max(tile.level, CELL_LEVELS.start)
    first, last = (coarser(cell, level) for cell in tile.cells)
    shift = 2 * (level - tile.level)
    found: dict[int, list[int]] = {}
    for key, valid, still_open in counters.cells(session, level, first, last):
        sums = found.setdefault(key >> shift, [0, 0])
        sums[0] += valid
        sums[1] += still_open
    return [Cell(key, *sums) for key, sums in found.items()]


def task_clauses(actor: Actor, wanted: TaskFilter, now: datetime) -> list[ColumnElement[bool]]:
    """What a tile's tasks have in common: those of the list under the same filter.

    Without wanted states these are the open ones: what is finished grows without end.
    """
    states = wanted.states or tuple(sorted(OPEN))
    return [
        visible(actor),
        *filters.clauses(replace(wanted, states=states), now, actor.user_id),
    ]


def task_rows(
    session: Session, tile: Tile, clauses: Sequence[ColumnElement[bool]]
) -> Sequence[Any] | None:
    """The tasks of a tile; None when there are more than MAX_SINGLES."""
    columns = (Task.id, Task.cell, Task.number, Task.state, Task.due_at, Task.due_soon_at)
    query = select(*columns).where(_inside(Task.cell, tile), *clauses).limit(MAX_SINGLES + 1)
    rows = session.execute(query).all()
    return None if len(rows) > MAX_SINGLES else rows


def task_cells_query(tile: Tile, clauses: Sequence[ColumnElement[bool]]) -> Any:
    """(key, all, open) of the tasks of a tile, by the cells of its level."""
    still_open = func.sum(case((Task.state.in_(sorted(OPEN)), 1), else_=0))
    return _grouped(Task.cell, tile, still_open).where(*clauses)


def task_cells(session: Session, tile: Tile, clauses: Sequence[ColumnElement[bool]]) -> list[Cell]:
    """What `task_cells_query` finds."""
    rows = session.execute(task_cells_query(tile, clauses))
    return [Cell(key, count, int(still_open)) for key, count, still_open in rows]


def point_clauses(
    session: Session, actor: Actor, wanted: PointFilter, now: datetime
) -> list[ColumnElement[bool]]:
    """The points of the list under the same filter."""
    return [visible_clause(actor), *point_filters.clauses(session, wanted, now)]


def point_rows(
    session: Session, tile: Tile, clauses: Sequence[ColumnElement[bool]]
) -> Sequence[Any] | None:
    """The points of a tile; None when there are more than MAX_SINGLES."""
    columns = (
        InspectionPoint.id, InspectionPoint.cell, InspectionPoint.code, InspectionPoint.is_active,
        InspectionPoint.last_visit_at, InspectionPoint.cycle_days,
        SiteType.group_name.label("group"),
    )  # fmt: skip
    query = (
        select(*columns)
        .join(SiteType, SiteType.code == InspectionPoint.site_type_code)
        .where(_inside(InspectionPoint.cell, tile), *clauses)
        .limit(MAX_SINGLES + 1)
    )
    rows = session.execute(query).all()
    return None if len(rows) > MAX_SINGLES else rows


def point_cells(session: Session, tile: Tile, clauses: Sequence[ColumnElement[bool]]) -> list[Cell]:
    """The points of a tile by the cells of its level; open are those in use."""
    in_use = func.sum(case((InspectionPoint.is_active.is_(True), 1), else_=0))
    rows = session.execute(_grouped(InspectionPoint.cell, tile, in_use).where(*clauses))
    return [Cell(key, count, int(used)) for key, count, used in rows]


def _grouped(column: InstrumentedAttribute[Any], tile: Tile, share: Any) -> Any:
    # the width of the shift is an integer of its own: PostgreSQL shifts a bigint by nothing else
    shift = literal(2 * (BITS - tile.level), Integer)
    key = column.bitwise_rshift(shift).label("key")
    return select(key, func.count(), share).where(_inside(column, tile)).group_by("key")


def _inside(column: InstrumentedAttribute[Any], tile: Tile) -> ColumnElement[bool]:
    return column.between(*tile.cells)
