"""Knows which days and hours the offices of the city work, and in what units a limit is said."""

from tracker.calendar.days import (
    CALENDAR_ZONE,
    MIN_REST_DAYS,
    OFFICE_HOURS,
    CalendarDay,
    DayKind,
    WorkCalendar,
    WorkPeriod,
)
from tracker.calendar.limits import Limit, LimitReading, LimitUnit
from tracker.calendar.seed import seeded_calendar

__all__ = [
    "CALENDAR_ZONE",
    "MIN_REST_DAYS",
    "OFFICE_HOURS",
    "CalendarDay",
    "DayKind",
    "Limit",
    "LimitReading",
    "LimitUnit",
    "WorkCalendar",
    "WorkPeriod",
    "seeded_calendar",
]
