"""Knows how days are read out of the months of a counter, whose columns are sums up to a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import sub
from typing import NamedTuple

from sqlalchemy import ColumnElement, Integer, bindparam, case, literal_column

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


#: The first and the last month of a span, or the only one.
FIRST: ColumnElement[int] = bindparam("first", type_=Integer, required=False)
LAST: ColumnElement[int] = bindparam("last", type_=Integer, required=False)


def in_span(first_day: int, last_day: int) -> ColumnElement[int]:
    """Of the months from FIRST to LAST, what belongs to a span that begins and ends on these days."""
    before, until, whole = _until(first_day - 1), _until(last_day), _until(31)
    return case(
        (FIRST == LAST, until - before),
        (MONTHS.month == FIRST, whole - before),
        (MONTHS.month == LAST, until),
        else_=whole,
    )


def after(day: int) -> ColumnElement[int]:
    """Of the months from FIRST on, what comes later than this day of the first."""
    whole = _until(31)
    return case((MONTHS.month == FIRST, whole - _until(day)), else_=whole)


def happened(month: int, sums: Sequence[int], first: date, last: date) -> int:
    """Of one month's sums at hand, what belongs to a span."""
    if not month_of(first) <= month <= month_of(last):
        return 0
    until = sums[last.day - 1] if month == month_of(last) else sums[-1]
    return until - (sums[first.day - 2] if month == month_of(first) and first.day > 1 else 0)


def later(month: int, sums: Sequence[int], on: date) -> int:
    """Of one month's sums at hand, what comes after a day."""
    if month < month_of(on):
        return 0
    return sums[-1] - (sums[on.day - 1] if month == month_of(on) else 0)


def _until(day: int) -> ColumnElement[int]:
    found: ColumnElement[int] = literal_column(DAYS[day - 1] if day else "0", Integer)
    return found


class PieceKind(NamedTuple):
    """The same days of a month, from one to another; of one month alone or of several."""

    first_day: int
    last_day: int
    is_one: bool


class Piece(NamedTuple):
    """Some days of all months from the first to the last."""

    kind: PieceKind
    first: int
    last: int

    def changes(self, month: int, sums: Sequence[int], since: date) -> list[tuple[int, int]]:
        """(days after `since`, how many) of those of a month's days that are not 0."""
        offset = (date(month // 100, month % 100, self.kind.first_day) - since).days
        each = map(sub, sums[1:], sums[:-1])
        return [(at, n) for at, n in enumerate(each, offset) if n]

    def days(self, month: int, numbers: Sequence[int], since: date) -> list[tuple[int, int]]:
        """As `changes`, of numbers that are of each day by itself: what `each_day` reads."""
        offset = (date(month // 100, month % 100, self.kind.first_day) - since).days
        return [(at, n) for at, n in enumerate(numbers, offset) if n]


def each_day(kind: PieceKind) -> list[ColumnElement[int]]:
    """What each of the days adds to the sum: small numbers, which are quick to hand over."""
    days = range(kind.first_day, kind.last_day + 1)
    return [_until(day) - _until(day - 1) if day > 1 else _until(day) for day in days]


def columns(kind: PieceKind) -> list[ColumnElement[int]]:
    """The sums up to the day before the first, and up to each of the days: what `changes` reads."""
    return [_until(day) for day in range(kind.first_day - 1, kind.last_day + 1)]


#: Every day of several months.
WHOLE = PieceKind(1, 31, is_one=False)


def whole(days: Days) -> Piece:
    """All the days of the months of a span."""
    return Piece(WHOLE, *days.months)


def pieces(days: Days) -> list[Piece]:
    """A span in the order of its days; whole months are one piece."""
    first, last = days.months
    if first == last:
        return [_one(days.first.day, days.last.day, first)]
    found = [_one(days.first.day, 31, first)]
    if _after(first) != last:
        found.append(Piece(WHOLE, _after(first), _before(last)))
    return [*found, _one(1, days.last.day, last)]


def _one(first_day: int, last_day: int, month: int) -> Piece:
    return Piece(PieceKind(first_day, last_day, is_one=True), month, month)


def _after(month: int) -> int:
    return month + 1 if month % 100 < 12 else month + 89


def _before(month: int) -> int:
    return month - 1 if month % 100 > 1 else month - 89
