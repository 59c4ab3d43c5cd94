"""Knows how days are read out of the months of a counter, whose columns are sums up to a day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, literal_column

from tracker.counters.models import DAYS
from tracker.counters.tables import TABLES

MONTHS = TABLES.months.c


@dataclass(frozen=True)
class Days:
    """A span of days of the city, both ends included."""

    first: date
    last: date

    @property
    def months(self) -> tuple[int, int]:
        """The first and the last month, as AreaMonth.month."""
        return month_of(self.first), month_of(self.last)

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1

    def each(self) -> list[date]:
        """The days in their order."""
        return [self.first + timedelta(days=n) for n in range(self.count)]


def month_of(day: date) -> int:
    """As AreaMonth.month."""
    return day.year * 100 + day.month


def within(days: Days) -> ColumnElement[bool]:
    """The months that have any of the days."""
    first, last = days.months
    return MONTHS.month == first if first == last else MONTHS.month.between(first, last)


def in_span(days: Days) -> ColumnElement[int]:
    """Of a month, what belongs to the days: a difference of two of its columns."""
    first, last = days.months
    before, until = _until(days.first.day - 1), _until(days.last.day)
    if first == last:
        return until - before
    whole = _until(31)
    return case((MONTHS.month == first, whole - before), (MONTHS.month == last, until), else_=whole)


def after(day: date) -> ColumnElement[int]:
    """Of a month that is not before the day's own, what comes later than the day."""
    whole = _until(31)
    return case((MONTHS.month == month_of(day), whole - _until(day.day)), else_=whole)


def _until(day: int) -> ColumnElement[int]:
    found: ColumnElement[int] = literal_column(DAYS[day - 1] if day else "0", Integer)
    return found


def by_day(month: int, sums: Sequence[int], days: Days) -> Iterator[tuple[int, int]]:
    """(days after the first of the span, how many) of those of a month's days that are not 0."""
    start = date(month // 100, month % 100, 1)
    offset = (start - days.first).days
    before = 0
    for at, until in enumerate(sums, offset):
        if until != before:
            if 0 <= at < days.count:
                yield at, until - before
            before = until


def columns() -> list[Any]:
    """The days of a month."""
    return [MONTHS[name] for name in DAYS]
