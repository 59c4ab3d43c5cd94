"""Names the SELECTs of tiles: each reads one range of an index, within what the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from gis.cells import BITS, Range, coarser, tile_range
from tracker.access.actor import Actor
from tracker.access.roles import FOR_UNIT
from tracker.counters.cells import Counted, cells, together
from tracker.counters.deltas import CELL_LEVELS
from tracker.counters.kinds import kinds_of
from tracker.counters.models import EVERYWHERE, AreaStamp, CounterTail
from tracker.counters.watching import grids_of, largest
from tracker.maps import tile_statements
from tracker.maps.tile_statements import Question, grouped, inside, values
from tracker.places.models import AreaEpoch
from tracker.places.tree import Tree, tree
from tracker.points import filters as point_filters
from tracker.points.filters import PointFilter
from tracker.points.models import InspectionPoint, SiteType
from tracker.points.queries import visible_clause
from tracker.storage.columns import Numbers, Words, in_columns, numbers, words
from tracker.storage.plain import fetched
from tracker.tasks.states import OPEN, VOID, State

#: From this zoom on a tile carries the tasks themselves; a tile is 1.1 km wide there in this country.
TASKS_FROM = 15
#: Points lie thinner.
POINTS_FROM = 14
#: A tile never carries more single features than this: it is counted in cells instead.
MAX_SINGLES = 5_000
#: A cell is a tile so many zooms further down: 32 x 32 of them fill a tile.
CELL_ZOOMS = 5
_STATES = list(State)
_OPEN = [place for place, state in enumerate(_STATES) if state in OPEN]


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
class Singles:
    """The tasks of a tile, a column each."""

    ids: Numbers
    #: 62-bit cells
    cells: Numbers
    #: places in the order of State
    states: Numbers
    numbers: Words
    #: as tile_statements.singles, 0 where no clock runs
    bands: Numbers
    due: Numbers

    @property
    def are_too_many(self) -> bool:
        """For one tile."""
        return len(self.ids) > MAX_SINGLES

    def counted(self, tile: Tile) -> Counted:
        """How many lie in the cells of the tile's level."""
        still_open = np.isin(self.states, _OPEN).astype(np.int64)
        return together(self.cells >> 2 * (BITS - tile.level), np.ones_like(self.ids), still_open)


#: What every tile of tasks depends on, in one question.
_VERSIONS = select(
    select(AreaEpoch.value).where(AreaEpoch.id == 1).scalar_subquery(),
    select(AreaStamp.value).where(AreaStamp.area_code == EVERYWHERE).scalar_subquery(),
    # every row that waits counts for the whole, see counters.tail
    select(func.count()).select_from(CounterTail).scalar_subquery(),
)


def versions(session: Session) -> tuple[int, int]:
    """The epoch of the areas, and the stamp of the whole: they grow with every change."""
    [(epoch, stamp, waiting)] = fetched(session, _VERSIONS)
    return epoch or 0, (stamp or 0) + waiting


def counted_cells(session: Session, asked: Question, now: datetime, tile: Tile) -> Counted | None:
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
    places = _places(known, own, wanted.area)
    # hundreds of codes are not looked up where they are all there are
    is_placed = places == known.above_grids()
    found = cells(
        session, level, first, last, states=states, kinds=endings,
        places=None if is_placed else places, is_placed=is_placed, coarser_by=level - tile.level,
    )  # fmt: skip
    if EVERYWHERE in own:
        return found
    more = _counted(session, tile_statements.own_elsewhere(asked, own), tile, now)
    return together(*map(np.concatenate, zip(found, more, strict=True))) if len(more.key) else found


def _places(known: Tree, own: tuple[str, ...], area: str) -> tuple[str, ...] | None:
    """Codes of the areas in which both a person watches and the filter wants tasks; None is all."""
    narrow = [codes for codes in (own, (area,)) if codes != (EVERYWHERE,)]
    return known.above_grids(*narrow) if narrow else None


def singles(session: Session, asked: Question, now: datetime, tile: Tile) -> Singles:
    """The tasks of a tile."""
    groups = fetched(session, tile_statements.singles(asked), **_values(tile, now))
    states, counts, ids, cells, words_of, bands, due = (
        zip(*groups, strict=True) if groups else [()] * 7
    )
    return Singles(
        numbers(*ids),
        numbers(*cells) + tile.cells[0],
        np.repeat(np.array([_STATES.index(state) for state in states], np.int64), counts),
        words(*words_of),
        *(_running(counts, column) for column in (bands, due)),
    )


def _running(counts: Sequence[int], column: Sequence[str | None]) -> Numbers:
    """What only the groups know in which a clock runs, 0 for the others."""
    parts = [
        np.zeros(count, np.int64) if text is None else numbers(text)
        for count, text in zip(counts, column, strict=True)
    ]
    return np.concatenate([np.zeros(0, np.int64), *parts])


def task_cells(session: Session, asked: Question, now: datetime, tile: Tile) -> Counted:
    """The tasks of a tile by the cells of its level, out of the tasks themselves."""
    return _counted(session, tile_statements.counted(asked), tile, now)


def _counted(session: Session, query: Any, tile: Tile, now: datetime) -> Counted:
    [columns] = fetched(session, query, **_values(tile, now))
    return Counted(*map(numbers, columns))


def _values(tile: Tile, now: datetime) -> dict[str, Any]:
    return values(tile.cells, tile.level, now)


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
) -> Counted:
    """The points of a tile by the cells of its level; open are those in use."""
    in_use = func.sum(case((InspectionPoint.is_active.is_(True), 1), else_=0))
    query = in_columns(grouped(InspectionPoint.cell, in_use).where(*clauses))
    return Counted(*map(numbers, session.execute(query, _values(tile, now)).one()))
