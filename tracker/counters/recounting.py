"""Recounts everything from the events: to prove that the counters are right, or to make them so."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Column, MetaData, Table, and_, delete, func, literal, or_, select
from sqlalchemy.orm import Session

from tracker.counters import tail
from tracker.counters.deltas import Deltas
from tracker.counters.models import EVERYWHERE
from tracker.counters.projecting import history, row, stamp, write
from tracker.counters.tables import TABLES, TAIL, Tables
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.queries import STANDING
from tracker.tasks.standing import Standing, before_all, moved_on, standing_of

#: Tasks whose events are in memory at once.
PAGE = 2_000
#: Figures in memory at once; what they have in common is then written once.
FULL = 200_000
#: At most this many differing counters are named.
NAMED = 20

_TASK = (Task.id, *STANDING)
_EVENT = (
    TaskEvent.task_id, TaskEvent.action, TaskEvent.target_state, TaskEvent.at, TaskEvent.payload,
)  # fmt: skip

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Difference:
    """A counter that is not what the events say."""

    table: str
    key: tuple[Any, ...]
    #: how much the kept one is above the recount
    surplus: int

    def __str__(self) -> str:
        shown = ", ".join(str(part) or "*" for part in self.key)
        return f"{self.table} ({shown}): {self.surplus:+d}"


def rebuild(progress: Progress | None = None) -> int:
    """Make all counters anew, in one transaction; how many tasks. Others cannot write meanwhile."""
    with unit_of_work() as session:
        tail.close(session)
        # what waits has shown on the stamps already: they may not fall back to what they were
        grown = Counter({EVERYWHERE: 1})
        for text in tail.taken(session):
            grown.update(tail.read(text)[0].areas)
        for table in TABLES:
            session.execute(delete(table))
        counted = _recount(session, TABLES, progress)
        stamp(session, grown)
    return counted


def is_empty() -> bool:
    """There are tasks and nothing was counted yet: a database from before the counters."""
    session = db.session()
    counted = session.scalar(select(TABLES.totals.c.area_code).limit(1))
    if tail.parts(session):
        return False
    return counted is None and session.scalar(select(Task.id).limit(1)) is not None


def differences(session: Session, progress: Progress | None = None) -> list[Difference]:
    """The first counters that a recount finds otherwise; empty when all are right.

    Reads one snapshot; the recount is written to temporary tables. Call it in a fresh transaction.
    """
    session.rollback()
    recounted = Tables(*(_shadow(session, table) for table in TABLES))
    try:
        _recount(session, recounted, progress)
        # what waits is in no counter yet
        waits = Deltas()
        for text in session.scalars(select(TAIL.c.changes)):
            waits.subtract(tail.read(text)[0])
        write(session, waits, recounted)
        return [
            found
            for kept, shadow in zip(TABLES, recounted, strict=True)
            for found in _compared(session, kept, shadow)
        ][:NAMED]
    finally:
        session.rollback()


def _shadow(session: Session, table: Table) -> Table:
    shadow = Table(
        f"recount_{table.name}",
        MetaData(),
        *(Column(c.name, c.type, primary_key=c.primary_key, nullable=False) for c in table.columns),
        prefixes=["TEMPORARY"],
    )
    shadow.drop(session.connection(), checkfirst=True)
    shadow.create(session.connection(), checkfirst=False)
    return shadow


def _recount(session: Session, tables: Tables, progress: Progress | None) -> int:
    total = session.scalar(select(func.count()).select_from(Task)) or 0
    counted, deltas = 0, Deltas()
    for tasks in _pages(session, deltas):
        counted += tasks
        if len(deltas.figures) >= FULL or counted >= total:
            write(session, deltas, tables)
            deltas.clear()
        if progress is not None:
            progress(counted, total)
    write(session, deltas, tables)
    return counted


def _pages(session: Session, deltas: Deltas) -> Iterator[int]:
    """Count page by page into `deltas`; how many tasks a page had."""
    last = 0
    while page := session.execute(
        select(*_TASK).where(Task.id > last).order_by(Task.id).limit(PAGE)
    ).all():
        first, last = page[0].id, page[-1].id
        events = session.execute(
            select(*_EVENT)
            .where(TaskEvent.task_id >= first, TaskEvent.task_id <= last)
            .order_by(TaskEvent.task_id, TaskEvent.sequence)
        )
        by_task = {task: list(own) for task, own in groupby(events, key=lambda one: one.task_id)}
        for task in page:
            replay(deltas, standing_of(task), by_task.get(task.id, []))
        yield len(page)


def replay(deltas: Deltas, now: Standing, events: list[Any]) -> None:
    """Count one task from its first event on; `events` in their order."""
    standing = before_all(now, events)
    before: Standing | None = None
    for event in events:
        after = moved_on(standing, event.payload, event.target_state)
        history(deltas, before, after, event)
        standing = before = after
    row(deltas, None, now)


def _compared(session: Session, kept: Table, shadow: Table) -> Iterator[Difference]:
    """Rows that only one has are compared with nothing: a figure of 0 is no difference."""
    keys = [column.name for column in kept.primary_key]
    figures = [column.name for column in kept.columns if column.name not in keys]
    for mine, other, sign in ((kept, shadow, 1), (shadow, kept, -1)):
        same = and_(*(mine.c[key] == other.c[key] for key in keys))
        surplus = [mine.c[name] - func.coalesce(other.c[name], 0) for name in figures]
        differs = or_(*(one != literal(0) for one in surplus))
        # what both have was compared the first time
        wanted = differs if sign > 0 else and_(differs, other.c[keys[0]].is_(None))
        rows = session.execute(
            select(*(mine.c[key] for key in keys), *surplus)
            .select_from(mine.outerjoin(other, same))
            .where(wanted)
            .order_by(*(mine.c[key] for key in keys))
            .limit(NAMED)
        )
        for line in rows:
            key, found = tuple(line[: len(keys)]), [sign * int(n) for n in line[len(keys) :]]
            yield from (
                Difference(f"{kept.name}.{name}", key, n)
                for name, n in zip(figures, _own(kept, found), strict=True)
                if n
            )


def _own(table: Table, figures: list[int]) -> list[int]:
    """What differs by itself: a column of a month holds the days before it too."""
    if table.name != TABLES.months.name:
        return figures
    return [n - before for before, n in zip([0, *figures], figures, strict=False)]
