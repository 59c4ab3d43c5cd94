"""Names the SELECTs of tiles: each reads one range of an index, within what the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, false, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from gis.cells import BITS, Range, coarser, tile_range
from tracker.access.actor import Actor
from tracker.access.roles import FOR_UNIT
from tracker.counters.cells import cells
from tracker.counters.deltas import CELL_LEVELS
from tracker.counters.kinds import kinds_of
from tracker.counters.models import EVERYWHERE
from tracker.counters.watching import grids_of, largest
from tracker.places.models import Area, Level
from tracker.places.tree import Tree, tree
from tracker.points import filters as point_filters
from tracker.points.filters import PointFilter
from tracker.points.models import InspectionPoint, SiteType
from tracker.points.queries import visible_clause
from tracker.tasks import filters
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task
from tracker.tasks.queries import in_areas, visible
from tracker.tasks.states import OPEN, VOID, State

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


def counted_cells(
    session: Session, actor: Actor, wanted: TaskFilter, now: datetime, tile: Tile
) -> list[Cell] | None:
    """The cells of a tile of zoom 14 or less out of the counters; None when these cannot say.

    They know states, an area, a major category or sources, for who sees tasks by area. Where nothing
    is filtered `valid` holds finished tasks too.
    """
    kinds = kinds_of(session, replace(wanted, states=()))
    endings = kinds.endings if kinds else None
    known = tree(session)
    own = largest(actor, known)
    near = (*own, wanted.area)
    if endings is None or not own or actor.units_as(FOR_UNIT) or grids_of(near):
        return None
    level = max(tile.level, CELL_LEVELS.start)
    first, last = (coarser(cell, level) for cell in tile.cells)
    states = wanted.states or (frozenset(State) - VOID if wanted.is_empty else OPEN)
    found = {
        key: Cell(key, n, still_open)
        for key, n, still_open in cells(
            session, level, first, last, states=states, kinds=endings,
            places=_places(known, own, wanted.area), coarser_by=level - tile.level,
        )
    }  # fmt: skip
    if EVERYWHERE not in own:
        for key, n, still_open in session.execute(_own_elsewhere(actor, own, wanted, now, tile)):
            others = found.get(key, Cell(key, 0, 0))
            found[key] = Cell(key, others.valid + n, others.open + int(still_open))
    return list(found.values())


def _places(known: Tree, own: tuple[str, ...], area: str) -> Any:
    """Codes of the areas in which both a person watches and the filter wants tasks; None is all."""
    levels = (Level.DISTRICT, Level.TOWN, Level.COMMUNITY)
    narrow = [codes for codes in (own, (area,)) if codes != (EVERYWHERE,)]
    if not narrow:
        return None
    clauses = [_under(known, codes) for codes in narrow]
    return select(Area.code).where(Area.level.in_(levels), *clauses)


def _under(known: Tree, codes: tuple[str, ...]) -> ColumnElement[bool]:
    """Areas that are one of the codes or lie in one, retired ones too."""
    paths = known.paths
    roots = ["".join(f"{above}/" for above in paths[code]) for code in codes if code in paths]
    return or_(false(), *(Area.path.startswith(root, autoescape=True) for root in roots))


def _own_elsewhere(
    actor: Actor, own: tuple[str, ...], wanted: TaskFilter, now: datetime, tile: Tile
) -> Any:
    """As `task_cells_query`, of a person's own tasks that lie outside the watched areas."""
    mine = [
        Task.id.in_(select(Task.id).where(person == actor.user_id).correlate(None))
        for person in (Task.reporter_id, Task.assignee_id)
    ]
    outside = func.coalesce(in_areas(frozenset(own)), false()).is_(False)
    return task_cells_query(tile, [or_(*mine), outside, *_wanted_clauses(actor, wanted, now)])


def task_clauses(actor: Actor, wanted: TaskFilter, now: datetime) -> list[ColumnElement[bool]]:
    """What a tile's tasks have in common: those of the list under the same filter.

    Without wanted states these are the open ones: what is finished grows without end.
    """
    return [visible(actor), *_wanted_clauses(actor, wanted, now)]


def _wanted_clauses(actor: Actor, wanted: TaskFilter, now: datetime) -> list[ColumnElement[bool]]:
    states = wanted.states or tuple(sorted(OPEN))
    return filters.clauses(replace(wanted, states=states), now, actor.user_id)


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
