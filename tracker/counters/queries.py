"""Names the SELECTs on the counters of areas; each reads few rows, however many tasks there are.

Areas are asked for by their codes. Under a broad kind, a major category or a source, they have
counters of their own: `kinds` are the endings of these codes (see models.of_major), whose figures
are added up.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.clock import CITY_ZONE, in_city
from tracker.counters import months, waiting
from tracker.counters.counts import Counts as Counts
from tracker.counters.measures import STOCKS, Measure
from tracker.counters.months import MONTHS, PieceKind, month_of
from tracker.counters.months import Days as Days
from tracker.counters.reading import among_codes, dialect_of, rows
from tracker.counters.stamps import stamps as stamps
from tracker.counters.tables import TABLES
from tracker.tasks.indexes import RUNNING_TASKS
from tracker.tasks.models import Task

#: Every task of an area.
ALL = ("",)
#: Days of a span whose months the database had better add up itself.
LONG = 60


def stocks(
    session: Session, codes: Collection[str], on: date | None = None, kinds: Sequence[str] = ALL
) -> dict[str, Counts]:
    """How many stand in each state, and overdue, at the end of a day; None is after every day.

    What came later is taken from what is now, so that a day of last month reads one month.
    """
    asked, area = _asked(codes, kinds), _area_of(kinds)
    found: dict[str, Counts] = defaultdict(Counts)
    if kinds == ALL:
        for code, *figures in rows(session, _totals(dialect_of(session)), asked):
            found[code] = Counts(zip(STOCKS, figures, strict=True))
    else:
        for code, *figures in rows(session, _totals(dialect_of(session)), asked):
            found[area(code)].add(dict(zip(STOCKS, figures, strict=True)))
    waiting.add_stocks(session, found, asked, area)
    if on is not None:
        measures = later_stocks(on)
        later = _later(dialect_of(session), on.day, measures)
        for code, measure, n in rows(session, later, asked, first=month_of(on)):
            found[area(code)][measure] -= int(n)
        waiting.add_flows(
            session,
            found,
            asked,
            measures,
            lambda month, sums: -months.later(month, sums, on),
            area,
        )
    return found


@cache
def _totals(dialect: str) -> Select[Any]:
    totals = TABLES.totals.c
    return select(totals.area_code, *(totals[name] for name in STOCKS)).where(
        among_codes(totals.area_code, dialect)
    )


def later_stocks(on: date) -> tuple[str, ...]:
    """The stocks that can have changed after a day: from today on only deadlines are known."""
    return STOCKS if on < in_city(clock.now()).date() else (Measure.OVERDUE.value,)


@lru_cache(256)
def _later(dialect: str, day: int, measures: tuple[str, ...]) -> Select[Any]:
    n = func.sum(months.after(day))
    return (
        select(MONTHS.area_code, MONTHS.measure, n)
        .where(
            among_codes(MONTHS.area_code, dialect), MONTHS.month >= months.FIRST,
            MONTHS.measure.in_(measures),
        )
        .group_by(MONTHS.area_code, MONTHS.measure)
        .having(n != 0)
    )  # fmt: skip


def flows(
    session: Session,
    codes: Collection[str],
    measures: Iterable[str],
    days: Days,
    kinds: Sequence[str] = ALL,
) -> dict[str, Counts]:
    """The sum of dated figures over some days."""
    first, last = days.months
    wanted, asked, area = tuple(sorted(measures)), _asked(codes, kinds), _area_of(kinds)
    found: dict[str, Counts] = defaultdict(Counts)
    statement = _flows(
        dialect_of(session), days.first.day, days.last.day, wanted, is_long=days.count > LONG
    )
    for code, measure, n in rows(session, statement, asked, first=first, last=last):
        found[area(code)][measure] += int(n)
    waiting.add_flows(
        session, found, asked, wanted,
        lambda month, sums: months.happened(month, sums, days.first, days.last), area,
    )  # fmt: skip
    return found


@lru_cache(256)
def _flows(
    dialect: str, first_day: int, last_day: int, measures: tuple[str, ...], *, is_long: bool
) -> Select[Any]:
    n = months.in_span(first_day, last_day)
    asked = _within(dialect, measures)
    if not is_long:  # grouped, the database would sort them first
        return select(MONTHS.area_code, MONTHS.measure, n).where(*asked, n != 0)
    return (
        select(MONTHS.area_code, MONTHS.measure, func.sum(n))
        .where(*asked)
        .group_by(MONTHS.area_code, MONTHS.measure)
        .having(func.sum(n) != 0)
    )


def daily(
    session: Session,
    codes: Collection[str],
    measures: Iterable[str],
    days: Days,
    kinds: Sequence[str] = ALL,
) -> dict[str, Counter[date]]:
    """What happened on each day in all the areas together, by measure; days without are missing.

    Of a stock this is by how much it changed.
    """
    found: dict[str, Counter[date]] = defaultdict(Counter)
    every, whole = days.each(), months.whole(days)
    wanted, asked = tuple(sorted(measures)), _asked(codes, kinds)
    statement = _daily(dialect_of(session), wanted)
    for measure, month, *sums in rows(
        session, statement, asked, first=whole.first, last=whole.last
    ):
        for at, n in whole.changes(month, sums, days.first):
            if 0 <= at < len(every):
                found[measure][every[at]] = int(n)
    for (_, measure), late in waiting.changes(session, asked, wanted, days).items():
        for at, n in late.items():
            found[measure][every[at]] += n
            if not found[measure][every[at]]:
                del found[measure][every[at]]
    return found


@lru_cache(256)
def _daily(dialect: str, measures: tuple[str, ...]) -> Select[Any]:
    sums = map(func.sum, months.columns(months.WHOLE))
    return (
        select(MONTHS.measure, MONTHS.month, *sums)
        .where(*_within(dialect, measures))
        .group_by(MONTHS.measure, MONTHS.month)
    )


def _within(
    dialect: str, measures: tuple[str, ...], *, is_one: bool = False
) -> list[ColumnElement[bool]]:
    """The months of a span; of one alone a measure is found without reading the others."""
    month = MONTHS.month
    return [
        among_codes(MONTHS.area_code, dialect), MONTHS.measure.in_(measures),
        month == months.FIRST if is_one else month.between(months.FIRST, months.LAST),
    ]  # fmt: skip


def changes(
    session: Session, codes: Collection[str], measures: Iterable[str], days: Days
) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """What happened, or by how much a stock changed, by area and measure, in the order of days.

    Each is (days after the first of the span, how many); days without are missing.
    """
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    wanted, asked = tuple(sorted(measures)), sorted(codes)
    for piece in months.pieces(days):
        statement = _changes(dialect_of(session), piece.kind, wanted)
        for code, measure, month, *each in rows(
            session, statement, asked, first=piece.first, last=piece.last
        ):
            found.setdefault((code, measure), []).extend(piece.days(month, each, days.first))
    for key, late in waiting.changes(session, asked, wanted, days).items():
        late.update(dict(found.get(key, ())))
        found[key] = sorted((at, n) for at, n in late.items() if n)
    return found


@lru_cache(256)
def _changes(dialect: str, piece: PieceKind, measures: tuple[str, ...]) -> Select[Any]:
    return (
        select(MONTHS.area_code, MONTHS.measure, MONTHS.month, *months.each_day(piece))
        .where(*_within(dialect, measures, is_one=piece.is_one))
        .order_by(MONTHS.area_code, MONTHS.month, MONTHS.measure)
    )


def _asked(codes: Collection[str], kinds: Sequence[str]) -> list[str]:
    return sorted(code + kind for code in codes for kind in kinds)


def _area_of(kinds: Sequence[str]) -> Callable[[str], str]:
    """What names the area of a code: under a kind its first part."""
    return str if kinds == ALL else lambda code: code.partition(":")[0]


def due_later_today(
    session: Session, column: Any, now: datetime, clauses: Sequence[ColumnElement[bool]] = ()
) -> dict[str | None, int]:
    """Tasks that count as overdue at the end of today and are not yet, by a column of Task."""
    midnight = datetime.combine(in_city(now).date() + timedelta(days=1), time(), CITY_ZONE)
    # grouped, the database would go through an index of areas and read the rows
    found = session.execute(
        select(column).where(RUNNING_TASKS, Task.due_at >= now, Task.due_at < midnight, *clauses)
    )
    return Counter(code for (code,) in found)
