"""Knows a task's deadline by the calendar in force: its clock is run again from what happened to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.calendar import Limit, LimitReading, LimitUnit, WorkCalendar
from tracker.errors import Conflict
from tracker.tasks import deadlines
from tracker.tasks.deadlines import Pause
from tracker.tasks.models import TaskEvent
from tracker.tasks.running import work_calendar
from tracker.tasks.states import Action
from tracker.tasks.steps import Payload, Step
from tracker.texts import N_

A = Action

#: Events that begin the limit anew; of a supervision only one that set a deadline.
_STARTS = frozenset({A.DISPATCH, A.REDISPATCH, A.DECIDE_JOINT, A.REWORK, A.SUPERVISE})
#: What a clock remembers.
_HEARD = sorted(_STARTS | {A.GRANT_EXTENSION, A.SUSPEND, A.RESUME, A.UNDO})


@dataclass(frozen=True)
class Clock:
    """A limit, when it began, and what moved it since: finished pauses, and extensions by their moment."""

    start: datetime
    limit: Limit
    moves: tuple[Pause | datetime, ...] = ()

    def runs_out(self, calendar: WorkCalendar) -> tuple[datetime, datetime]:
        """(due, due soon) by `calendar`, in the steps in which tasks.running computes them."""
        limit, since = self.limit, self.start
        due = deadlines.due_at(since, limit, calendar)
        for move in self.moves:
            if isinstance(move, Pause):
                due = deadlines.after_pause(due, move, limit.unit, limit.reading, calendar)
                since = move.end
            else:
                due = deadlines.due_at(due, limit, calendar)
                since = move
        return due, due - (due - since) * deadlines.DUE_SOON_SHARE


def clocks(session: Session, tasks: Iterable[Any]) -> Mapping[int, Clock]:
    """The clocks of tasks by their id, in one query; none for a deadline that was fixed by date.

    `tasks` have id, limit_value, limit_unit and limit_reading.
    """
    limits = {task.id: limit for task in tasks if (limit := _limit(task)) is not None}
    with session.no_autoflush:
        events = session.execute(
            select(TaskEvent.task_id, TaskEvent.action, TaskEvent.at, TaskEvent.payload)
            .where(TaskEvent.task_id.in_(limits), TaskEvent.action.in_(_HEARD))
            .order_by(TaskEvent.task_id, TaskEvent.sequence)
        ).all()
    found = {}
    for task_id, own in groupby(events, key=lambda event: event.task_id):
        clock = _run_again(limits[task_id], _standing(own))
        if clock is not None:
            found[task_id] = clock
    return found


def recalculate(step: Step) -> Payload:
    """Give a task the deadline that the calendar in force makes of its limit (system only).

    Doing it again changes nothing. Raises Conflict for a deadline that was fixed by date.
    """
    task = step.task
    clock = clocks(step.session, [task]).get(task.id)
    if clock is None or task.due_at is None:
        raise Conflict(N_("这件任务的截止时间是直接指定的，不随日历重算。"))
    calendar, before = work_calendar(), task.due_at
    task.due_at, task.due_soon_at = clock.runs_out(calendar)
    task.calendar_version = calendar.version
    return {"due_at": task.due_at.isoformat(), "due_before": before.isoformat()}


def _standing(events: Iterable[Any]) -> Sequence[Any]:
    """The events without those that were taken back."""
    kept: list[Any] = []
    for event in events:
        if event.action != A.UNDO:
            kept.append(event)
        elif kept and kept[-1].action == event.payload.get("undone"):
            kept.pop()
    return kept


def _run_again(limit: Limit, events: Sequence[Any]) -> Clock | None:
    start: datetime | None = None
    stopped: datetime | None = None
    moves: list[Pause | datetime] = []
    for event in events:
        if event.action in _STARTS:
            if "due_at" in event.payload:
                start, stopped, moves = event.at, None, []
        elif event.action == A.GRANT_EXTENSION:
            moves.append(event.at)
        elif event.action == A.SUSPEND:
            stopped = event.at
        elif stopped is not None:
            moves.append(Pause(stopped, max(event.at, stopped)))
            stopped = None
    return Clock(start, limit, tuple(moves)) if start is not None else None


def _limit(task: Any) -> Limit | None:
    if not (task.limit_value and task.limit_unit and task.limit_reading):
        return None
    return Limit(task.limit_value, LimitUnit(task.limit_unit), LimitReading(task.limit_reading))
