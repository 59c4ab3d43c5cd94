"""Names the SELECTs of tiles: each reads one range of an index, within what the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from gis.cells import Range, coarser, tile_range
from tracker.access.actor import Actor
from tracker.access.roles import FOR_UNIT
from tracker.counters.cells import cells
from tracker.counters.deltas import CELL_LEVELS
from tracker.counters.kinds import kinds_of
from tracker.counters.models import EVERYWHERE
from tracker.counters.watching import grids_of, largest
from tracker.maps import tile_statements
from tracker.maps.tile_statements import Question, grouped, inside, values
from tracker.places.tree import Tree, tree
from tracker.points import filters as point_filters
from tracker.points.filters import PointFilter
from tracker.points.models import InspectionPoint, SiteType
from tracker.points.queries import visible_clause
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


class Cell(NamedTuple):
    """How many lie in one cell of a tile; `key` as gis.cells.coarser at the tile's level."""

    key: int
    #: all that are wanted
    valid: int
    #: of these, still open
    open: int


def counted_cells(
    session: Session, asked: Question, now: datetime, tile: Tile
) -> Sequence[tuple[int, int, int]] | None:
    """The cells of a tile of zoom 14 or less out of the counters; None when these cannot say.

    They know states, an area, a major category or sources, for who sees tasks by area. Where nothing
    is filtered `valid` holds finished tasks too.
    """
    wanted, known = asked.wanted, tree(session, asked.epoch)
    kinds = kinds_of(session, replace(wanted, states=()))
    endings = kinds.endings if kinds else None
    own = largest(asked.actor, known)
    near = (*own, wanted.area)
    if endings is None or not own or asked.actor.units_as(FOR_UNIT) or grids_of(near):
        return None
    level = max(tile.level, CELL_LEVELS.start)
    first, last = (coarser(cell, level) for cell in tile.cells)
    states = wanted.states or (frozenset(State) - VOID if wanted.is_empty else OPEN)
    found = cells(
        session, level, first, last, states=states, kinds=endings,
        places=_places(known, own, wanted.area), coarser_by=level - tile.level,
    )  # fmt: skip
    if EVERYWHERE in own:
        return found
    query = tile_statements.own_elsewhere(asked, own)
    return _added(found, _fetched(session, query, tile, now))


def _added(
    found: Sequence[tuple[int, int, int]], more: Sequence[Any]
) -> Sequence[tuple[int, int, int]]:
    if not more:
        return found
    together = {key: Cell(key, n, still_open) for key, n, still_open in found}
    for key, n, still_open in more:
        others = together.get(key, Cell(key, 0, 0))
        together[key] = Cell(key, others.valid + n, others.open + int(still_open))
    return list(together.values())


def _places(known: Tree, own: tuple[str, ...], area: str) -> tuple[str, ...] | None:
    """Codes of the areas in which both a person watches and the filter wants tasks; None is all."""
    narrow = [codes for codes in (own, (area,)) if codes != (EVERYWHERE,)]
    return known.above_grids(*narrow) if narrow else None


def task_rows(
    session: Session, asked: Question, now: datetime, tile: Tile
) -> Sequence[tuple[Any, ...]] | None:
    """The tasks of a tile as `tile_statements.singles`; None when there are more than MAX_SINGLES."""
    rows = _fetched(session, tile_statements.singles(asked), tile, now)
    return None if len(rows) > MAX_SINGLES else rows


def task_cells(
    session: Session, asked: Question, now: datetime, tile: Tile
) -> Sequence[tuple[int, int, int]]:
    """The tasks of a tile by the cells of its level, out of the tasks themselves."""
    return _fetched(session, tile_statements.counted(asked), tile, now)


def _fetched(session: Session, query: Any, tile: Tile, now: datetime) -> Sequence[Any]:
    """Rows as the driver gives them: they hold texts and whole numbers alone, thousands of them."""
    result = session.connection().execute(query, _values(tile, now))
    assert result.cursor is not None, "it selects"
    found: Sequence[Any] = result.cursor.fetchall()
    result.close()
    return found


def _values(tile: Tile, now: datetime) -> dict[str, Any]:
    return values(tile.cells, tile.level, now, MAX_SINGLES + 1)


def point_clauses(
    session: Session, actor: Actor, wanted: PointFilter, now: datetime
) -> list[ColumnElement[bool]]:
    """The points of the list under the same filter."""
    return [visible_clause(actor), *point_filters.clauses(session, wanted, now)]


def point_rows(
    session: Session, tile: Tile, now: datetime, clauses: Sequence[ColumnElement[bool]]
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
        .where(inside(InspectionPoint.cell), *clauses)
        .limit(MAX_SINGLES + 1)
    )
    rows = session.execute(query, _values(tile, now)).all()
    return None if len(rows) > MAX_SINGLES else rows


def point_cells(
    session: Session, tile: Tile, now: datetime, clauses: Sequence[ColumnElement[bool]]
) -> Sequence[tuple[int, int, int]]:
    """The points of a tile by the cells of its level; open are those in use."""
    in_use = func.sum(case((InspectionPoint.is_active.is_(True), 1), else_=0))
    query = grouped(InspectionPoint.cell, in_use).where(*clauses)
    return session.execute(query, _values(tile, now)).all()
