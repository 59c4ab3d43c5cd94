"""Recomputes the deadlines of open tasks after the calendar changed, in batches that survive a kill.

Only a task whose deadline moves gets an event; a deadline before the first day that changed cannot
move and is not looked at. A run that was ended begins anew and finds the moved ones done.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeVar

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.calendar import CALENDAR_ZONE, LimitReading, LimitUnit, WorkCalendar
from tracker.calendar.models import CalendarEdition
from tracker.calendar.storing import calendar_in_force
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task
from tracker.tasks.operations import apply
from tracker.tasks.recalculating import clocks
from tracker.tasks.states import Action, State

#: A submitted task's clock is settled already; the others' still runs or will again.
_RUNNING = (State.DISPATCHED, State.HANDLING, State.SUSPENDED)
#: Tasks of one transaction.
BATCH = 100
#: The next to be due first, along the index of states and deadlines.
_ORDER = (Task.due_at, Task.id)
#: A query of whole tasks or of some columns.
Selected = TypeVar("Selected", bound=Select[*tuple[Any, ...]])
#: A preview looks at so many tasks, and names so many.
EXAMINED, NAMED = 2000, 10


@dataclass(frozen=True)
class Moved:
    """One task whose deadline would move."""

    number: str
    title: str
    before: datetime
    after: datetime


@dataclass(frozen=True)
class Affected:
    """How many open tasks would move; `is_floor`: not all were looked at, so at least so many."""

    moved: int = 0
    is_floor: bool = False
    samples: Sequence[Moved] = ()


@dataclass(frozen=True)
class Recomputed:
    """How many tasks one run moved, and whether there is more to do."""

    moved: int
    is_done: bool


@dataclass
class _Run:
    """Where a run stands."""

    version: str = ""
    #: (due, id) of the last task looked at
    after: tuple[datetime, int] | None = None
    moved: int = 0


def affected(session: Session, old: WorkCalendar, new: WorkCalendar) -> Affected:
    """What changing the calendar from `old` to `new` would do to open tasks; writes nothing."""
    first = old.first_difference(new)
    if first is None:
        return Affected()
    columns = (
        Task.id, Task.number, Task.title, Task.due_at, Task.limit_value, Task.limit_unit,
        Task.limit_reading,
    )  # fmt: skip
    query = _candidates(select(*columns), first).order_by(*_ORDER).limit(EXAMINED + 1)
    rows = session.execute(query).all()
    moved = _moved(session, rows[:EXAMINED], new)
    samples = [Moved(row.number, row.title, row.due_at, due) for row, due in moved[:NAMED]]
    return Affected(len(moved), len(rows) > EXAMINED, samples)


def pending(session: Session) -> int:
    """How many changes of the calendar have not reached every open task yet."""
    waiting = CalendarEdition.recomputed_at.is_(None)
    return session.scalar(select(func.count()).select_from(CalendarEdition).where(waiting)) or 0


def recompute_open(
    *, most: int | None = None, progress: Callable[[int], None] | None = None
) -> Recomputed:
    """Move the deadlines of open tasks to the calendar in force, through the one door.

    Stops after about `most` moved tasks when given; a later call goes on. Safe to run at the same
    time as another and to kill at any moment.
    """
    run = _Run()
    while True:
        with unit_of_work() as work:
            if _batch(work, run):
                return Recomputed(run.moved, True)
        if progress is not None:
            progress(run.moved)
        if most is not None and run.moved >= most:
            return Recomputed(run.moved, pending(db.session()) == 0)


def is_due(session: Session, _now: datetime) -> bool:
    """Whether a change of the calendar has not reached every open task, for the worker."""
    return pending(session) > 0


def carry_on(_payload: Mapping[str, Any]) -> None:
    """Finish what a page left or a kill cut off: a job of the worker, with transactions of its own."""
    recompute_open()


def _batch(work: Session, run: _Run) -> bool:
    """One transaction's worth; True when nothing is left."""
    waiting = work.scalars(
        select(CalendarEdition)
        .where(CalendarEdition.recomputed_at.is_(None))
        .order_by(CalendarEdition.id)
    ).all()
    if not waiting:
        return True
    calendar = calendar_in_force(work)
    if run.version != calendar.version:
        # the calendar changed again meanwhile: the tasks before are not done after all
        run.version, run.after = calendar.version, None
    first = min((one.first_day for one in waiting if one.first_day), default=None)
    tasks = _next_tasks(work, run, first) if first else []
    if tasks:
        assert tasks[-1].due_at is not None
        # where the last one stands now, before it moves
        run.after = (tasks[-1].due_at, tasks[-1].id)
    for task, _due in _moved(work, tasks, calendar):
        # the effect computes the deadline again: nobody else decides what is written
        apply(Action.RECALCULATE, task, actor=SYSTEM)
        run.moved += 1
    if tasks:
        return False
    for one in waiting:
        one.recomputed_at = clock.now()
    return True


def _next_tasks(work: Session, run: _Run, first: date) -> Sequence[Task]:
    query = _candidates(select(Task), first).where(
        or_(Task.calendar_version.is_(None), Task.calendar_version != run.version)
    )
    if run.after is not None:
        due, task_id = run.after
        query = query.where(or_(Task.due_at > due, and_(Task.due_at == due, Task.id > task_id)))
    return work.scalars(query.order_by(*_ORDER).limit(BATCH).with_for_update()).all()


def _candidates(query: Selected, first: date) -> Selected:
    """Open tasks with a limit that follows the office, due on or after the first day that changed."""
    follows = [unit.value for unit in LimitUnit if unit.follows_office]
    return query.where(
        Task.state.in_([state.value for state in _RUNNING]),
        Task.due_at >= datetime.combine(first, time.min, CALENDAR_ZONE),
        or_(
            Task.limit_unit.in_(follows),
            # a day count ends when the office closes, whatever day it is
            Task.limit_reading == LimitReading.DAY_COUNT.value,
        ),
    )


def _moved(session: Session, tasks: Sequence[Any], calendar: WorkCalendar) -> list[Any]:
    """(task, new deadline) of the tasks whose deadline is another by `calendar`."""
    found, clock_of = [], clocks(session, tasks)
    for task in tasks:
        if task.id in clock_of:
            due, _soon = clock_of[task.id].runs_out(calendar)
            if due != task.due_at:
                found.append((task, due))
    return found
