"""Knows a task's clock: started when dispatched, moved by extensions, stopped while shelved."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from tracker.calendar import WorkCalendar
from tracker.calendar.storing import calendar_in_force
from tracker.clock import CITY_ZONE, in_city
from tracker.errors import Invalid
from tracker.storage.db import db
from tracker.tasks import deadlines
from tracker.tasks.lifecycle import MAX_SUSPENSION_DAYS, RETURN_WINDOW
from tracker.tasks.models import Task
from tracker.tasks.steps import Payload, Step
from tracker.texts import N_

#: Where a session keeps the calendar of many steps.
_PINNED = "tracker_pinned_calendar"


def work_calendar() -> WorkCalendar:
    """The calendar in force; a year whose notice is not known yet falls back to Mon–Fri."""
    session = db.session()
    pinned: WorkCalendar | None = session.info.get(_PINNED)
    return pinned or calendar_in_force(session)


@contextmanager
def one_calendar(session: Session) -> Iterator[None]:
    """Let many steps ask for the calendar once; it must not be changed inside."""
    session.info[_PINNED] = calendar_in_force(session)
    try:
        yield
    finally:
        session.info.pop(_PINNED, None)


def start_clock(step: Step) -> Payload:
    """Start the clock: compute the deadline once and store it with the calendar's version."""
    task, given = step.task, step.given
    calendar = work_calendar()
    if given.due_at is not None:
        if given.due_at <= step.at and not step.actor.is_system:
            raise Invalid(N_("整改时限须晚于现在。"), field="due_at")
        task.due_at = given.due_at
        task.limit_value = task.limit_unit = task.limit_reading = None
    else:
        limit = given.limit
        if limit is None:
            raise Invalid(N_("请填写整改时限。"), field="limit_value")
        task.due_at = deadlines.due_at(step.at, limit, calendar)
        task.limit_value, task.limit_unit = limit.value, limit.unit.value
        task.limit_reading = limit.reading.value
    task.calendar_version = calendar.version
    _mark_due_soon(task, step.at)
    return {"due_at": task.due_at.isoformat()}


def open_return(step: Step) -> None:
    """From a dispatch on the unit may send the task back for a while; a rework opens nothing again."""
    step.task.return_until = deadlines.due_at(step.at, RETURN_WINDOW, work_calendar())


def _mark_due_soon(task: Task, start: datetime) -> None:
    if task.due_at is not None:
        task.due_soon_at = task.due_at - (task.due_at - start) * deadlines.DUE_SOON_SHARE


def note_overdue(step: Step) -> None:
    if step.task.due_at is not None and step.at > step.task.due_at:
        step.task.was_overdue = True


def extend(step: Step) -> Payload:
    """One more original limit, counted from the deadline (YC: +1 limit, at most two)."""
    task = step.task
    task.extension_count += 1
    _forget_asked(task)
    task.due_at = extended_due(task, step.at)
    _mark_due_soon(task, step.at)
    return {"due_at": task.due_at.isoformat()}


def extended_due(task: Task, at: datetime) -> datetime:
    """The deadline that an extension granted at `at` would give."""
    start = task.due_at or at
    if task.limit_value and task.limit_unit and task.limit_reading:
        limit = deadlines.Limit(
            task.limit_value,
            deadlines.LimitUnit(task.limit_unit),
            deadlines.LimitReading(task.limit_reading),
        )
        return deadlines.due_at(start, limit, work_calendar())
    return start + (start - (task.dispatched_at or at))


def until(step: Step) -> Payload:
    last = step.given.until
    today = in_city(step.at).date()
    if last is None or not today < last <= today + timedelta(days=MAX_SUSPENSION_DAYS):
        raise Invalid(N_("截止日期须在明天起一年之内。"), field="until")
    return {"until": last.isoformat()}


def suspend(step: Step) -> Payload:
    payload = until(step)
    task = step.task
    note_overdue(step)
    _forget_asked(task)
    task.suspended_at = step.at
    if step.given.until is not None:
        task.suspended_until = datetime.combine(step.given.until, time.max, CITY_ZONE)
    return payload


def _forget_asked(task: Task) -> None:
    task.asked = task.asked_by_id = None
    task.is_endorsed = False


def resume(step: Step) -> Payload:
    """The clock stood still: as much time is left as when it stopped, in the limit's own unit."""
    task = step.task
    if task.suspended_at is not None and task.due_at is not None:
        pause = deadlines.Pause(task.suspended_at, max(step.at, task.suspended_at))
        unit = deadlines.LimitUnit(task.limit_unit) if task.limit_unit else None
        reading = deadlines.LimitReading(task.limit_reading) if task.limit_reading else None
        task.due_at = deadlines.after_pause(task.due_at, pause, unit, reading, work_calendar())
        _mark_due_soon(task, step.at)
    task.suspended_at = task.suspended_until = None
    return {"due_at": task.due_at.isoformat()} if task.due_at else {}
