"""Counts the tasks themselves, for those who see few: the same measures as the counters."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.counters.measures import STEPS, Measure
from tracker.counters.queries import Counts, Days
from tracker.tasks import filters
from tracker.tasks.filter_due import in_days, of_due
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.queries import overdue, rectified, visible
from tracker.tasks.states import OPEN, VOID, Action, State

_Found = dict[str, Counts]
_Clauses = list[ColumnElement[bool]]


def counts(
    session: Session,
    actor: Actor,
    column: Any,
    codes: Collection[str],
    wanted: TaskFilter,
    days: Days | None,
    at: datetime,
) -> _Found:
    """Every measure of visible tasks by a column of Task that holds area codes."""
    seen = [visible(actor), column.in_(sorted(codes))]
    seen += filters.clauses(wanted, at, actor.user_id)
    found: _Found = defaultdict(Counts)
    dated = {Measure.OVERDUE.value: [overdue(at)], **(_dated(days) if days else {})}
    if column is Task.grid_code:
        _at_once(session, found, column, seen, dated)
    else:
        _one_by_one(session, found, column, seen, dated)
    if days:
        _steps(session, found, column, seen, days)
    return found


def _one_by_one(
    session: Session, found: _Found, column: Any, seen: _Clauses, dated: Mapping[str, _Clauses]
) -> None:
    """Each measure by the index that suits it."""
    for code, state, n in session.execute(
        select(column, Task.state, func.count())
        .where(*seen, Task.state.in_(sorted(OPEN)))
        .group_by(column, Task.state)
    ):
        found[code][state] += n
    for measure, clauses in dated.items():
        rows = session.execute(select(column, func.count()).where(*seen, *clauses).group_by(column))
        for code, n in rows:
            found[code][measure] += n


def _at_once(
    session: Session, found: _Found, column: Any, seen: _Clauses, dated: Mapping[str, _Clauses]
) -> None:
    """All measures of grids in one pass over their tasks, by the only index that begins with a grid.

    Asked one by one, a database without statistics reads all overdue or closed tasks instead.
    """
    wanted = {state.value: [Task.state == state.value] for state in OPEN} | dict(dated)
    sums = [func.sum(case((and_(*clauses), 1), else_=0)) for clauses in wanted.values()]
    for code, *numbers in session.execute(select(column, *sums).where(*seen).group_by(column)):
        found[code].update(dict(zip(wanted, map(int, numbers), strict=True)))


def _dated(days: Days) -> dict[str, _Clauses]:
    """Each dated figure of `counters.measures` as SQL."""
    case = Task.state.not_in(sorted(VOID))
    due = of_due(days.first, days.last)
    reported = in_days(Task.reported_at, days.first, days.last)
    return {
        Measure.FOUND: reported,
        Measure.VALID: [*reported, case],
        Measure.RECTIFIED: [*reported, rectified()],
        Measure.WAITING: [*reported, Task.state.in_(sorted(OPEN))],
        Measure.ENDED: [*in_days(Task.closed_at, days.first, days.last), Task.state == State.CLOSED.value],
        Measure.DUE: due,
        Measure.ON_TIME: [
            *due, Task.submitted_at.is_not(None), Task.submitted_at <= Task.due_at,
            ~Task.was_overdue,
        ],
    }  # fmt: skip


def _steps(session: Session, found: _Found, column: Any, seen: _Clauses, days: Days) -> None:
    undone = TaskEvent.payload["undone"].as_string()
    rows = session.execute(
        select(column, TaskEvent.action, undone, func.count())
        .join(Task, Task.id == TaskEvent.task_id)
        .where(
            *seen, *in_days(TaskEvent.at, days.first, days.last),
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
