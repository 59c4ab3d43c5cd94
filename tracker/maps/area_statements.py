"""Writes the SELECTs of one area's map once per person and filter, as tile_statements does for tiles."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import String, and_, bindparam, case, func, select
from sqlalchemy.orm import Session

from tracker.maps.tile_statements import Question
from tracker.places.models import Level
from tracker.storage.expressions import whole_seconds
from tracker.storage.plain import NOW, fetched
from tracker.tasks import filters, queries
from tracker.tasks.deadlines import DueBand
from tracker.tasks.models import Task
from tracker.tasks.states import OPEN, RUNNING, VOID, State

#: The words of a band, by its place; the first is none: no clock runs.
BANDS = (None, *DueBand)
_AREA = bindparam("area", type_=String, required=False)


def task_rows(
    session: Session, asked: Question, level: Level, area: str, now: datetime, most: int
) -> Sequence[tuple[Any, ...]]:
    """At most `most` tasks of an area: running ones by deadline first, then open, then finished.

    (number, lon, lat, state, due, place in BANDS, category, unit, title); `due` in whole seconds since
    1970. Without wanted states those that never became a case are left out.
    """
    return fetched(session, _rows(asked, level, most), area=area, now=now)


def state_counts(
    session: Session, asked: Question, level: Level, area: str, now: datetime
) -> dict[str, int]:
    """Tasks of an area by state, whatever states are wanted: the figures of the legend."""
    return dict(fetched(session, _by_state(asked, level), area=area, now=now))


@lru_cache(256)
def _rows(asked: Question, level: Level, most: int) -> Any:
    states = asked.wanted.states or tuple(state for state in State if state not in VOID)
    rank = case((Task.state.in_(sorted(RUNNING)), 0), (Task.state.in_(sorted(OPEN)), 1), else_=2)
    runs = and_(Task.state.in_(sorted(RUNNING)), Task.due_at.is_not(None))
    band = case((queries.overdue(NOW), 3), (queries.due_soon(NOW), 2), (runs, 1), else_=0)
    due = whole_seconds(Task.due_at)
    columns: Any = select(
        Task.number, Task.lon, Task.lat, Task.state, due, band, Task.category_id, Task.unit_id, Task.title,
    )  # fmt: skip
    return (
        columns.where(*_lying_in(asked, level, states))
        .order_by(rank, Task.due_at.asc().nulls_last(), Task.id.desc())
        .limit(most)
    )


@lru_cache(256)
def _by_state(asked: Question, level: Level) -> Any:
    return select(Task.state, func.count()).where(*_lying_in(asked, level, ())).group_by(Task.state)


def _lying_in(asked: Question, level: Level, states: tuple[State, ...]) -> list[Any]:
    here = queries.COLUMN_OF[level] == _AREA
    wanted = replace(asked.wanted, states=states, area="")
    narrow = filters.clauses(wanted, NOW, asked.actor.user_id)
    return [queries.visible(asked.actor), here, *narrow]
