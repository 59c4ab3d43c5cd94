"""Counts the tasks themselves, for those who see few: the same measures as the counters."""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import CITY_ZONE
from tracker.counters.measures import STEPS, Measure
from tracker.counters.queries import Counts, Days
from tracker.tasks import filters
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.queries import overdue, rectified, visible
from tracker.tasks.states import OPEN, VOID, Action, Closing, State

_Found = dict[str, Counts]


def counts(
    session: Session,
    actor: Actor,
    column: Any,
    codes: Collection[str],
    wanted: TaskFilter,
    days: Days,
    at: datetime,
) -> _Found:
    """Every measure of visible tasks by a column of Task that holds area codes."""
    seen = [visible(actor), column.in_(sorted(codes))]
    seen += filters.clauses(wanted, at, actor.user_id)
    found: _Found = defaultdict(Counter)
    for code, state, n in session.execute(
        select(column, Task.state, func.count())
        .where(*seen, Task.state.in_(sorted(OPEN)))
        .group_by(column, Task.state)
    ):
        found[code][state] += n
    for measure, clauses in {Measure.OVERDUE: [overdue(at)], **_dated(days)}.items():
        rows = session.execute(select(column, func.count()).where(*seen, *clauses).group_by(column))
        for code, n in rows:
            found[code][measure] += n
    _steps(session, found, column, seen, days)
    return found


def _dated(days: Days) -> dict[Measure, list[ColumnElement[bool]]]:
    """Each dated figure of `counters.measures` as SQL."""
    case = Task.state.not_in(sorted(VOID))
    due = [
        *_within(Task.due_at, days),
        Task.state.not_in(sorted(VOID | {State.SUSPENDED})),
        or_(Task.closing.is_(None), Task.closing != Closing.BY_NOTICE.value),
    ]
    reported = _within(Task.reported_at, days)
    return {
        Measure.FOUND: reported,
        Measure.VALID: [*reported, case],
        Measure.RECTIFIED: [*reported, rectified()],
        Measure.ENDED: [*_within(Task.closed_at, days), Task.state == State.CLOSED.value],
        Measure.DUE: due,
        Measure.ON_TIME: [
            *due, Task.submitted_at.is_not(None), Task.submitted_at <= Task.due_at,
            ~Task.was_overdue,
        ],
    }  # fmt: skip


def _steps(
    session: Session, found: _Found, column: Any, seen: list[ColumnElement[bool]], days: Days
) -> None:
    undone = TaskEvent.payload["undone"].as_string()
    rows = session.execute(
        select(column, TaskEvent.action, undone, func.count())
        .join(Task, Task.id == TaskEvent.task_id)
        .where(
            *seen, *_within(TaskEvent.at, days),
            or_(
                TaskEvent.action.in_(sorted(STEPS)),
                and_(TaskEvent.action == Action.UNDO.value, undone.in_(sorted(STEPS))),
            ),
        )
        .group_by(column, TaskEvent.action, undone)
    )  # fmt: skip
    for code, action, taken_back, n in rows:
        measure = STEPS.get(action) or STEPS[taken_back]
        found[code][measure] += n if action in STEPS else -n


def _within(column: Any, days: Days) -> list[ColumnElement[bool]]:
    return [
        column >= datetime.combine(days.first, time(), CITY_ZONE),
        column < datetime.combine(days.last + timedelta(days=1), time(), CITY_ZONE),
    ]
