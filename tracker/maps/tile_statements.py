"""Writes the SELECTs of a tile of tasks once per person and filter: writing one costs more than to run it."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    bindparam,
    case,
    cast,
    false,
    func,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from gis.cells import BITS, Range
from tracker.access.actor import Actor
from tracker.storage.columns import in_columns, listed
from tracker.storage.expressions import whole_seconds
from tracker.storage.plain import NOW
from tracker.tasks import filters, queries
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task
from tracker.tasks.states import OPEN, RUNNING, State

#: What differs from tile to tile and from moment to moment: see `values`.
_FIRST, _LAST = (bindparam(name, type_=BigInteger, required=False) for name in ("first", "last"))
# the width of the shift is an integer of its own: PostgreSQL shifts a bigint by nothing else
_SHIFT = bindparam("shift", type_=Integer, required=False)

_NONE = cast(null(), String)


@dataclass(frozen=True)
class Question:
    """Who asks for which tasks; equal ones are put to the database in the same words."""

    actor: Actor
    wanted: TaskFilter
    #: the database, and the version of its areas: they say in which column an area is looked for
    database: str
    epoch: int


def values(cells: Range, level: int, now: datetime) -> dict[str, Any]:
    """The values of a tile: its cells and the level of what is counted."""
    first, last = cells
    return {"first": first, "last": last, "shift": 2 * (BITS - level), "now": now}


def task_clauses(actor: Actor, wanted: TaskFilter, now: datetime) -> list[ColumnElement[bool]]:
    """What a tile's tasks have in common: those of the list under the same filter.

    Without wanted states these are the open ones: what is finished grows without end.
    """
    return [queries.visible(actor), *_wanted(actor, wanted, now)]


def _wanted(actor: Actor, wanted: TaskFilter, now: datetime) -> list[ColumnElement[bool]]:
    states = wanted.states or tuple(sorted(OPEN))
    return filters.clauses(replace(wanted, states=states), now, actor.user_id)


@lru_cache(512)
def singles(asked: Question) -> Select[Any] | CompoundSelect[Any]:
    """(state, how many, id, cell, number, band, due) of the tasks of a tile, a row a state, out of one index.

    What follows their number are lists for storage.columns. Cells count from the tile's first one.
    `band` is the place in presenting's order: 0 no deadline, 1 on time, 2 due soon, 3 overdue; `due` is
    in whole seconds since 1970, or 0. Both are NULL where no clock runs.
    """
    has_deadline = Task.due_at.is_not(None)
    band = case((queries.overdue(NOW), 3), (queries.due_soon(NOW), 2), (has_deadline, 1), else_=0)
    due = case((has_deadline, whole_seconds(Task.due_at)), else_=0)
    states = asked.wanted.states or sorted(OPEN)
    running = tuple(state for state in states if state in RUNNING)
    others = tuple(state for state in states if state not in RUNNING)
    # nearly all tasks have no clock, and are not asked how it stands
    parts = [
        *([_singles(asked, running, listed(band), listed(due))] if running else []),
        *([_singles(asked, others, _NONE, _NONE)] if others else []),
    ]
    return union_all(*parts) if len(parts) > 1 else parts[0]


def _singles(asked: Question, states: tuple[State, ...], band: Any, due: Any) -> Select[Any]:
    columns: Any = select(
        Task.state, func.count(), listed(Task.id), listed(Task.cell - _FIRST), listed(Task.number), band, due
    )  # fmt: skip
    clauses = task_clauses(asked.actor, replace(asked.wanted, states=states), NOW)
    return columns.where(inside(Task.cell), *clauses).group_by(Task.state)


@lru_cache(512)
def counted(asked: Question) -> Select[Any]:
    """The columns (key, all, open) of the tasks of a tile, by the cells of its level."""
    return _tasks_in_cells(task_clauses(asked.actor, asked.wanted, NOW))


@lru_cache(512)
def own_elsewhere(asked: Question, watched: tuple[str, ...]) -> Select[Any]:
    """As `counted`, of a person's own tasks that lie outside the watched areas."""
    actor = asked.actor
    # put so that they are found by the person: they are few, and a tile from far holds all there are
    mine = union_all(
        *(
            select(Task.id).where(person == actor.user_id).correlate(None)
            for person in (Task.reporter_id, Task.assignee_id)
        )
    )
    outside = func.coalesce(queries.in_areas(frozenset(watched)), false()).is_(False)
    return _tasks_in_cells([Task.id.in_(mine), outside, *_wanted(actor, asked.wanted, NOW)])


def _tasks_in_cells(clauses: list[ColumnElement[bool]]) -> Select[Any]:
    still_open = func.sum(case((Task.state.in_(sorted(OPEN)), 1), else_=0))
    return in_columns(grouped(Task.cell, still_open).where(*clauses))


def grouped(column: InstrumentedAttribute[Any], share: Any) -> Select[Any]:
    """(key, all, share) of the rows of a tile, by the cells of its level."""
    key = column.bitwise_rshift(_SHIFT).label("key")
    return select(key, func.count(), share).where(inside(column)).group_by("key")


def inside(column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """A cell lies in the tile."""
    return column.between(_FIRST, _LAST)
