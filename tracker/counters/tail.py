"""Keeps the latest changes apart from the counters: a step adds one row, locks none and reads none.

A row holds what one transaction changed, as the deltas that it is. Whoever reads a counter adds
what waits here (counters.waiting); now and then a writer adds it to the counters and takes the rows
away (projecting.fold), so that there are never many. The text of a row tells all about it: what was
made of it is kept by its text, in every process and for every database.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.counters.deltas import Deltas, Spread, Where
from tracker.counters.tables import TAIL
from tracker.storage.plain import fetched

#: As many rows wait before a writer adds them to the counters.
LONGEST = 64
#: Events of a transaction that may wait; what has more is added to the counters at once.
FEW = 5
#: Any number that no other program on the same PostgreSQL uses for its advisory lock.
_LOCK = 4404040002
#: Where a session keeps what waits, as its transaction sees it.
_SEEN = "tracker_counters_tail"
_ALL = select(TAIL.c.changes)


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of each counter that one transaction changes, by what they are looked for."""

    totals: dict[str, list[tuple[int, ...]]]
    #: (month, measure, sums of its days)
    months: dict[str, list[tuple[int, str, tuple[int, ...]]]]
    kinds: list[tuple[Any, ...]]
    kind_totals: list[tuple[Any, ...]]
    #: by level and kind: (cell, place, figures)
    cells: dict[tuple[int, str], list[tuple[int, str, tuple[int, ...]]]]
    #: areas whose stamp grows
    stamped: frozenset[str]


def append(session: Session, deltas: Deltas, majors: dict[int, str]) -> bool:
    """Let the changes of this transaction wait; whether it is time to add what waits to the counters."""
    text = _written(deltas, majors)
    connection = session.connection()
    cursor: Any = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        cursor.execute("INSERT INTO counter_tail (changes) VALUES (?)", (text,))
        key = cursor.lastrowid
    else:
        cursor.execute("INSERT INTO counter_tail (changes) VALUES (%s) RETURNING id", (text,))
        (key,) = cursor.fetchone()
    cursor.close()
    session.info.pop(_SEEN, None)
    return bool(key % LONGEST == 0)


def _written(deltas: Deltas, majors: dict[int, str]) -> str:
    places = {here: n for n, here in enumerate(deltas.touched)}
    figures = [
        (places[here], measure, day.toordinal(), n)
        for (here, measure, day), n in deltas.figures.items()
        if n
    ]
    cells = [(places[here], cell, state, n) for (here, cell, state), n in deltas.cells.items() if n]
    areas = [(*here, majors.get(here.category or 0)) for here in places]
    return orjson.dumps((areas, figures, cells)).decode()


def read(text: str) -> tuple[Deltas, dict[int, str]]:
    """The changes of one row, and the major categories of their categories."""
    areas, figures, cells = orjson.loads(text)
    places = [Where(*one[:-1]) for one in areas]
    deltas = Deltas()
    deltas.touched.update(places)
    for at, measure, day, n in figures:
        deltas.figures[places[at], measure, date.fromordinal(day)] += n
    for at, cell, state, n in cells:
        deltas.cells[places[at], cell, state] += n
    return deltas, {one[4]: one[-1] for one in areas if one[-1]}


def parts(session: Session) -> Sequence[Part]:
    """What waits, as the transaction of the session sees it; it is read once in each."""
    seen, found = session.info.get(_SEEN, (None, ()))
    if seen is None or seen is not session.get_transaction():
        found = [_part(text) for (text,) in fetched(session, _ALL)]
        session.info[_SEEN] = (session.get_transaction(), found)
    kept: Sequence[Part] = found
    return kept


# as many as may wait, twice over: a page of figures asks for all of them
@lru_cache(4 * LONGEST)
def _part(text: str) -> Part:
    deltas, majors = read(text)
    spread = Spread(deltas, majors)
    totals, months, cells = defaultdict(list), defaultdict(list), defaultdict(list)
    for code, *figures in spread.totals:
        totals[code].append(tuple(figures))
    for code, month, measure, *sums in spread.months:
        months[code].append((month, measure, tuple(sums)))
    for level, kind, cell, place, *figures in spread.cells:
        cells[level, kind].append((cell, place, tuple(figures)))
    return Part(
        dict(totals), dict(months), spread.kinds, spread.kind_totals, dict(cells),
        frozenset(deltas.areas),
    )  # fmt: skip


def taken(session: Session) -> list[str]:
    """Take away all that waits; the texts of the rows."""
    session.info.pop(_SEEN, None)
    cursor = session.connection().exec_driver_sql("DELETE FROM counter_tail RETURNING changes")
    return [text for (text,) in cursor]


def is_mine(session: Session, *, wait: bool) -> bool:
    """Whether this transaction alone may add to the counters until it ends.

    One does at a time: two would wait for each other's rows, and one of them could add that a task
    left a state before the other added that it came there. SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name != "postgresql":
        return True
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    found = session.connection().exec_driver_sql(f"SELECT {function}({_LOCK})").scalar()
    return wait or bool(found)


def close(session: Session) -> None:
    """Let nobody append anything until the end of this transaction."""
    is_mine(session, wait=True)
    if session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql("LOCK TABLE counter_tail IN EXCLUSIVE MODE")
