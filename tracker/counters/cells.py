"""Names the SELECT on the pyramid of cells: exact counts of a tile under the filters it knows."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, func, literal, literal_column, select
from sqlalchemy.orm import Session

from tracker.counters.measures import OPEN_STOCKS
from tracker.counters.tables import TABLES


def cells(
    session: Session,
    level: int,
    first: int,
    last: int,
    *,
    states: Collection[str],
    kinds: Sequence[str] = ("",),
    places: Any = None,
    coarser_by: int = 0,
) -> Sequence[Any]:
    """(cell, in the states, of these open) of one level between two keys of that level, in order.

    `kinds` as in queries.stocks; `places` says which ones are counted alone, a SELECT of codes;
    cells are put together `coarser_by` levels up.
    """
    cell = TABLES.cells.c
    # the width of the shift is an integer of its own: PostgreSQL shifts a bigint by nothing else
    width = literal(2 * coarser_by, Integer)
    key = (cell.cell.bitwise_rshift(width) if coarser_by else cell.cell).label("key")
    wanted = func.sum(_sum(states)).label("wanted")
    query = (
        select(key, wanted, func.sum(_sum(set(states).intersection(OPEN_STOCKS))))
        .where(cell.level == level, cell.kind.in_(kinds), cell.cell.between(first, last))
        .group_by("key")
        .having(wanted > 0)
        .order_by("key")
    )
    if places is not None:
        query = query.where(cell.place_code.in_(places))
    return [(key, int(n), int(still)) for key, n, still in session.execute(query)]


def _sum(states: Collection[str]) -> ColumnElement[int]:
    """The columns of states together; their names are those of the table."""
    names = [TABLES.cells.c[state].name for state in sorted(states)]
    found: ColumnElement[int] = literal_column(" + ".join(names) or "0", Integer)
    return found
