"""Keeps the counters: hears of every event, and writes what it changed just before the commit.

Between the event and the commit a batch may take its event back (a rejected row of an import), so
deltas wait beside their event and are written once for the whole transaction: those of a step as one
row of the tail, those of a batch, with all that waits in the tail, to the counters themselves.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from tracker.catalogue.codes import codes_of
from tracker.clock import in_city
from tracker.counters import tail
from tracker.counters.deltas import Deltas, Spread, where
from tracker.counters.measures import dated, of_step, stocks
from tracker.counters.tables import AREA_STAMPS, TABLES, Tables
from tracker.counters.upserts import add, at_once, drop_empty
from tracker.memory import without_collecting
from tracker.storage.unit_of_work import release_early
from tracker.tasks import listeners
from tracker.tasks.models import TaskEvent
from tracker.tasks.standing import Standing

_WAITING = "tracker_counters_waiting"


def history(deltas: Deltas, before: Standing | None, after: Standing, event: Any) -> None:
    """Add what an event changed in the stocks and counted by itself.

    A step counts where the task stood before: a return is that of the unit that had it.
    """
    day = in_city(event.at).date()
    came, step = stocks(after, day), of_step(event.action, event.payload, day)
    if before is not None and where(before) == where(after):
        # counted under the same keys, so that what did not change cancels out
        came.update(step)
        came.subtract(stocks(before, day))
    else:
        if before is not None:
            deltas.take(before, stocks(before, day), -1)
        deltas.take(before or after, step, 1)
    deltas.take(after, came, 1)


def row(deltas: Deltas, before: Standing | None, after: Standing) -> None:
    """Add what a changed row means for the figures of its own days and for the cells."""
    if before is not None:
        deltas.take(before, dated(before), -1)
        deltas.take_cell(before, -1)
    deltas.take(after, dated(after), 1)
    deltas.take_cell(after, 1)


def write(session: Session, deltas: Deltas, tables: Tables = TABLES) -> None:
    """Add the deltas to the tables, in one order of the keys."""
    if not deltas.figures and not deltas.cells:
        return
    _add(session, _spread(deltas, _majors(deltas), tables), tables)


_Rows = list[tuple[Table, list[tuple[Any, ...]]]]


def _spread(deltas: Deltas, majors: dict[int, str], tables: Tables = TABLES) -> _Rows:
    """What each table gets, in one order of the keys."""
    spread = Spread(deltas, majors)
    return [
        (tables.kinds, spread.kinds), (tables.kind_totals, spread.kind_totals), (tables.cells, spread.cells),
        (tables.totals, spread.totals), (tables.months, spread.months),
    ]  # fmt: skip


def _add(session: Session, rows: _Rows, tables: Tables = TABLES) -> None:
    for table, added in rows:
        add(session, table, added)
        if table is tables.kind_totals:
            drop_empty(session, table, added)


def _majors(deltas: Deltas) -> dict[int, str]:
    """The major category of each category: the first two characters of its code."""
    ids = {here.category for here in deltas.touched if here.category}
    return {key: code[:2] for key, code in codes_of(ids).items()}


def stamp(session: Session, grown: Mapping[str, int]) -> None:
    """Let everything that shows these areas know that it is old: as many transactions touched each."""
    add(session, AREA_STAMPS, sorted(grown.items(), reverse=True))


def fold(session: Session, deltas: Deltas, majors: dict[int, str]) -> None:
    """Add to the counters these changes and all that wait in the tail; the caller's turn, see tail.is_mine."""
    with without_collecting():
        grown = Counter(deltas.areas)
        for text in tail.taken(session):
            waited, known = tail.read(text)
            deltas.join(waited)
            majors |= known
            grown.update(waited.areas)
        rows = _spread(deltas, majors)
        # rows of a district are locked from here to the commit: nothing is left to be done meanwhile
        with at_once(session):
            release_early(session)
            _add(session, rows)
            stamp(session, grown)


def _remember(session: Session, event: TaskEvent, before: Standing | None, after: Standing) -> None:
    session.info.setdefault(_WAITING, []).append((event, before, after))


def _before_commit(session: Session) -> None:
    waiting: Iterable[Any] = session.info.pop(_WAITING, ())
    deltas, events = Deltas(), 0
    # how each task stood before its first event and after its last: between them a row cancels out
    ends: dict[int, tuple[Standing | None, Standing]] = {}
    for event, before, after in waiting:
        # what a batch took back never got the key of a task
        if event.task_id is not None:
            history(deltas, before, after, event)
            ends[event.task_id] = (ends.get(event.task_id, (before,))[0], after)
            events += 1
    for before, after in ends.values():
        row(deltas, before, after)
    if not deltas.touched:
        return
    # before the turn is taken: whoever has it waits for nobody
    session.flush()
    majors = _majors(deltas)
    if events > tail.FEW:
        tail.is_mine(session, wait=True)
        fold(session, deltas, majors)
    elif tail.append(session, deltas, majors) and tail.is_mine(session, wait=False):
        fold(session, Deltas(), {})


def _forget(session: Session, *_args: object) -> None:
    session.info.pop(_WAITING, None)


def install() -> None:
    """Let the counters hear of every event; said twice, it is done once."""
    listeners.watch(_remember)
    for name, listener in (("before_commit", _before_commit), ("after_rollback", _forget)):
        if not sqlalchemy_event.contains(Session, name, listener):
            sqlalchemy_event.listen(Session, name, listener)
