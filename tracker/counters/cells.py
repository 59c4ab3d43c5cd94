"""Names the SELECT on the pyramid of cells: exact counts of a tile under the filters it knows."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import Session

from tracker.counters import waiting
from tracker.counters.measures import OPEN_STOCKS
from tracker.counters.reading import among_codes, dialect_of, rows
from tracker.counters.tables import TABLES
from tracker.storage.columns import Numbers, listed, numbers

# the width of the shift is an integer of its own: PostgreSQL shifts a bigint by nothing else
_LEVEL, _WIDTH = (bindparam(name, type_=Integer, required=False) for name in ("level", "width"))
_FIRST, _LAST = (bindparam(name, type_=BigInteger, required=False) for name in ("first", "last"))


class Counted(NamedTuple):
    """Cells and what is counted in them, a column each."""

    #: as gis.cells.coarser
    key: Numbers
    #: all that are wanted
    valid: Numbers
    #: of these, still open or in use
    open: Numbers


def cells(
    session: Session,
    level: int,
    first: int,
    last: int,
    *,
    states: Collection[str],
    kinds: Sequence[str] = ("",),
    places: Sequence[str] | None = None,
    is_placed: bool = False,
    coarser_by: int = 0,
) -> Counted:
    """The cells of one level between two keys of that level, ascending.

    `kinds` as in queries.stocks; `places` are the codes that are counted alone, `is_placed` leaves out
    what lies in no area; cells are put together `coarser_by` levels up.
    """
    query = _query(
        dialect_of(session), frozenset(states), tuple(kinds),
        places="listed" if places is not None else "any" if is_placed else "all",
        is_coarser=coarser_by > 0,
    )  # fmt: skip
    given = {"level": level, "first": first, "last": last, "width": 2 * coarser_by}
    [columns] = rows(session, query, places or (), **given)
    found = Counted(*map(numbers, columns))
    late = waiting.cells(
        session, level, (first, last),
        states=states, kinds=kinds, places=places, is_placed=is_placed, coarser_by=coarser_by,
    )  # fmt: skip
    return _with(found, late) if late else found


def together(key: Numbers, valid: Numbers, still_open: Numbers) -> Counted:
    """What is counted in the same cell, added up; ascending."""
    keys, place = np.unique(key, return_inverse=True)
    # sums of a tile are far below 2^53
    return Counted(keys, *(np.bincount(place, one).astype(np.int64) for one in (valid, still_open)))


def _with(counted: Counted, late: Mapping[int, Sequence[int]]) -> Counted:
    """The cells with what is counted in some of them besides, without those where that leaves nothing."""
    more = np.array([(key, *changed) for key, changed in late.items()], np.int64).T
    found = together(*map(np.concatenate, zip(counted, more, strict=True)))
    return Counted(*(column[found.valid > 0] for column in found))


@lru_cache(256)
def _query(
    dialect: str,
    states: frozenset[str],
    kinds: tuple[str, ...],
    *,
    places: Literal["all", "any", "listed"],
    is_coarser: bool,
) -> Select[Any]:
    cell = TABLES.cells.c
    key = (cell.cell.bitwise_rshift(_WIDTH) if is_coarser else cell.cell).label("key")
    # each column is added up once: most of the time goes there
    still_open = func.sum(_sum(states.intersection(OPEN_STOCKS))).label("open")
    ended = func.sum(_sum(states.difference(OPEN_STOCKS))).label("ended")
    query = (
        select(key, still_open, ended)
        .where(cell.level == _LEVEL, cell.kind.in_(kinds), cell.cell.between(_FIRST, _LAST))
        .group_by("key")
        .order_by("key")
    )
    if places == "listed":
        query = query.where(among_codes(cell.place_code, dialect))
    elif places == "any":
        query = query.where(cell.place_code != "")
    found = query.subquery().c
    wanted = found.open + found.ended
    columns: Any = select(listed(found.key), listed(wanted), listed(found.open))
    return columns.where(wanted > 0)


def _sum(states: Collection[str]) -> ColumnElement[int]:
    """The columns of states together; their names are those of the table."""
    names = [TABLES.cells.c[state].name for state in sorted(states)]
    found: ColumnElement[int] = literal_column(" + ".join(names) or "0", Integer)
    return found
