"""Knows how days are read out of the months of a counter, whose columns are sums up to a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import sub
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, literal_column

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


def are_few(days: Days) -> bool:
    """Whether the days lie in three months at most."""
    return days.count <= 60


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


@dataclass(frozen=True)
class Piece:
    """The same days of one month or more: from one day of the month to another."""

    first: int
    last: int
    clause: ColumnElement[bool]

    @property
    def columns(self) -> list[Any]:
        """The sums up to the day before the first, and up to each of the days."""
        before: Any = (
            MONTHS[DAYS[self.first - 2]] if self.first > 1 else literal_column("0", Integer)
        )
        return [before, *(MONTHS[name] for name in DAYS[self.first - 1 : self.last])]

    def changes(self, month: int, sums: Sequence[int], since: date) -> list[tuple[int, int]]:
        """(days after `since`, how many) of those of a month's days that are not 0."""
        offset = (date(month // 100, month % 100, self.first) - since).days
        each = map(sub, sums[1:], sums[:-1])
        return [(at, n) for at, n in enumerate(each, offset) if n]


def pieces(days: Days) -> list[Piece]:
    """A span in the order of its days; whole months are one piece."""
    first, last = days.months
    if first == last:
        return [Piece(days.first.day, days.last.day, MONTHS.month == first)]
    found = [
        Piece(days.first.day, 31, MONTHS.month == first),
        Piece(1, 31, and_(MONTHS.month > first, MONTHS.month < last)),
        Piece(1, days.last.day, MONTHS.month == last),
    ]
    return found if _next(first) != last else [found[0], found[2]]


def _next(month: int) -> int:
    return month + 1 if month % 100 < 12 else month + 89
