"""Knows a task's clock: started when dispatched, moved by extensions, stopped while shelved."""

from datetime import datetime, time, timedelta
from functools import cache

from tracker.calendar import WorkCalendar, seeded_calendar
from tracker.clock import CITY_ZONE, in_city
from tracker.errors import Invalid
from tracker.tasks import deadlines
from tracker.tasks.lifecycle import MAX_SUSPENSION_DAYS
from tracker.tasks.models import Task
from tracker.tasks.steps import Payload, Step
from tracker.texts import N_


@cache
def work_calendar() -> WorkCalendar:
    """The calendar in force; a year whose notice is not known yet falls back to Mon–Fri."""
    return seeded_calendar(range(2015, 2036))


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
    task.asked = task.asked_by_id = None
    start = task.due_at or step.at
    if task.limit_value and task.limit_unit and task.limit_reading:
        limit = deadlines.Limit(
            task.limit_value,
            deadlines.LimitUnit(task.limit_unit),
            deadlines.LimitReading(task.limit_reading),
        )
        task.due_at = deadlines.due_at(start, limit, work_calendar())
    else:
        task.due_at = start + (start - (task.dispatched_at or step.at))
    _mark_due_soon(task, step.at)
    return {"due_at": task.due_at.isoformat()}


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
    task.asked = task.asked_by_id = None
    task.suspended_at = step.at
    if step.given.until is not None:
        task.suspended_until = datetime.combine(step.given.until, time.max, CITY_ZONE)
    return payload


def resume(step: Step) -> Payload:
    """The clock stood still: the deadline moves by the time of the pause."""
    task = step.task
    if task.suspended_at is not None and task.due_at is not None:
        pause = step.at - task.suspended_at
        task.due_at += pause
        if task.due_soon_at is not None:
            task.due_soon_at += pause
    task.suspended_at = task.suspended_until = None
    return {"due_at": task.due_at.isoformat()} if task.due_at else {}
