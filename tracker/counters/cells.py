"""Names the SELECT on the pyramid of cells: exact counts of a tile under the filters it knows."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

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

# the width of the shift is an integer of its own: PostgreSQL shifts a bigint by nothing else
_LEVEL, _WIDTH = (bindparam(name, type_=Integer, required=False) for name in ("level", "width"))
_FIRST, _LAST = (bindparam(name, type_=BigInteger, required=False) for name in ("first", "last"))


def cells(
    session: Session,
    level: int,
    first: int,
    last: int,
    *,
    states: Collection[str],
    kinds: Sequence[str] = ("",),
    places: Sequence[str] | None = None,
    coarser_by: int = 0,
) -> Sequence[tuple[int, int, int]]:
    """(cell, in the states, of these open) of one level between two keys of that level, in order.

    `kinds` as in queries.stocks; `places` are the codes that are counted alone; cells are put
    together `coarser_by` levels up.
    """
    query = _query(
        dialect_of(session), frozenset(states), tuple(kinds),
        is_everywhere=places is None, is_coarser=coarser_by > 0,
    )  # fmt: skip
    found = rows(
        session, query, places or (), level=level, first=first, last=last, width=2 * coarser_by
    )
    return waiting.with_cells(
        session, found, level, (first, last),
        states=states, kinds=kinds, places=places, coarser_by=coarser_by,
    )  # fmt: skip


@lru_cache(256)
def _query(
    dialect: str,
    states: frozenset[str],
    kinds: tuple[str, ...],
    *,
    is_everywhere: bool,
    is_coarser: bool,
) -> Select[Any]:
    cell = TABLES.cells.c
    key = (cell.cell.bitwise_rshift(_WIDTH) if is_coarser else cell.cell).label("key")
    wanted = func.sum(_sum(states)).label("wanted")
    query = (
        select(key, wanted, func.sum(_sum(states.intersection(OPEN_STOCKS))))
        .where(cell.level == _LEVEL, cell.kind.in_(kinds), cell.cell.between(_FIRST, _LAST))
        .group_by("key")
        .having(wanted > 0)
        .order_by("key")
    )
    return query if is_everywhere else query.where(among_codes(cell.place_code, dialect))


def _sum(states: Collection[str]) -> ColumnElement[int]:
    """The columns of states together; their names are those of the table."""
    names = [TABLES.cells.c[state].name for state in sorted(states)]
    found: ColumnElement[int] = literal_column(" + ".join(names) or "0", Integer)
    return found
