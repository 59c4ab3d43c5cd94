"""Knows the tasks whose deadline counts in a rate: due in some days, not shelved, void or noticed; and who kept it.

按期率 divides by these; the counters say the same of one task (`counters.measures`).
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from tracker.clock import CITY_ZONE
from tracker.tasks.models import Task
from tracker.tasks.states import VOID, Closing, State


def in_days(column: Any, since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    """A moment within days of the city, both included; None leaves an end open."""
    clauses: list[ColumnElement[bool]] = []
    if since:
        clauses.append(column >= datetime.combine(since, time(), CITY_ZONE))
    if until:
        clauses.append(column < datetime.combine(until + timedelta(days=1), time(), CITY_ZONE))
    return clauses


def of_due(since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    """What is asked of a task; nothing when no day is."""
    days = in_days(Task.due_at, since, until)
    return [*days, _counts()] if days else []


def on_time() -> ColumnElement[bool]:
    """Submitted by a deadline that counts (按期)."""
    return and_(
        _counts(),
        Task.submitted_at.is_not(None),
        Task.submitted_at <= Task.due_at,
        ~Task.was_overdue,
    )


def _counts() -> ColumnElement[bool]:
    return and_(
        Task.state.not_in(sorted(VOID | {State.SUSPENDED})),
        or_(Task.closing.is_(None), Task.closing != Closing.BY_NOTICE.value),
    )
