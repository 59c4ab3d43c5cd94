"""Names the SELECTs on the counters of areas; each reads few rows, however many tasks there are.

Areas are asked for by their codes. Under a broad kind, a major category or a source, they have
counters of their own: `kinds` are the endings of these codes (see models.of_major), whose figures
are added up.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, String, any_, func, literal, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.clock import CITY_ZONE, in_city
from tracker.counters import months
from tracker.counters.measures import STOCKS, Measure
from tracker.counters.models import AreaStamp
from tracker.counters.months import MONTHS
from tracker.counters.months import Days as Days
from tracker.counters.tables import TABLES
from tracker.tasks.models import Task
from tracker.tasks.states import RUNNING

#: Every task of an area.
ALL = ("",)
#: More codes than this are handed over as one value: each of a list is a parameter to be written out.
MANY = 20


class Counts(dict[str, int]):
    """What stands or happened, by measure; a measure that is missing is 0."""

    def __missing__(self, measure: str) -> int:
        return 0

    def add(self, more: Mapping[str, int]) -> None:
        """Add the figures of another place."""
        for measure, n in more.items():
            self[measure] += n


def stocks(
    session: Session, codes: Collection[str], on: date | None = None, kinds: Sequence[str] = ALL
) -> dict[str, Counts]:
    """How many stand in each state, and overdue, at the end of a day; None is after every day.

    What came later is taken from what is now, so that a day of last month reads one month.
    """
    totals = TABLES.totals.c
    found: dict[str, Counts] = defaultdict(Counts)
    rows = session.execute(
        select(totals.area_code, *(totals[name] for name in STOCKS)).where(
            among(session, totals.area_code, _asked(codes, kinds))
        )
    ).all()
    if kinds == ALL:
        for code, *figures in rows:
            found[code] = Counts(zip(STOCKS, figures, strict=True))
    else:
        for code, *figures in rows:
            found[_area(code)].add(dict(zip(STOCKS, figures, strict=True)))
    if on is not None:
        for code, measure, n in _later(session, codes, on, kinds):
            found[_area(code) if kinds != ALL else code][measure] -= n
    return found


def later_stocks(on: date) -> tuple[str, ...]:
    """The stocks that can have changed after a day: from today on only deadlines are known."""
    return STOCKS if on < in_city(clock.now()).date() else (Measure.OVERDUE.value,)


def _later(
    session: Session, codes: Collection[str], on: date, kinds: Sequence[str]
) -> Sequence[Any]:
    n = func.sum(months.after(on))
    return session.execute(
        select(MONTHS.area_code, MONTHS.measure, n)
        .where(
            among(session, MONTHS.area_code, _asked(codes, kinds)), MONTHS.month >= months.month_of(on),
            MONTHS.measure.in_(later_stocks(on)),
        )
        .group_by(MONTHS.area_code, MONTHS.measure)
        .having(n != 0)
    ).all()  # fmt: skip


def flows(
    session: Session,
    codes: Collection[str],
    measures: Iterable[str],
    days: Days,
    kinds: Sequence[str] = ALL,
) -> dict[str, Counts]:
    """The sum of dated figures over some days."""
    n = months.in_span(days)
    asked = [
        among(session, MONTHS.area_code, _asked(codes, kinds)), months.within(days),
        MONTHS.measure.in_(sorted(measures)),
    ]  # fmt: skip
    if months.are_few(days):  # grouped, the database would sort them first
        query = select(MONTHS.area_code, MONTHS.measure, n).where(*asked, n != 0)
    else:
        query = (
            select(MONTHS.area_code, MONTHS.measure, func.sum(n))
            .where(*asked)
            .group_by(MONTHS.area_code, MONTHS.measure)
            .having(func.sum(n) != 0)
        )
    found: dict[str, Counts] = defaultdict(Counts)
    for code, measure, happened in session.execute(query).all():
        found[code if kinds == ALL else _area(code)][measure] += int(happened)
    return found


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
    every = days.each()
    for piece in months.pieces(days):
        rows = session.execute(
            select(MONTHS.measure, MONTHS.month, *map(func.sum, piece.columns))
            .where(
                among(session, MONTHS.area_code, _asked(codes, kinds)), piece.clause,
                MONTHS.measure.in_(sorted(measures)),
            )
            .group_by(MONTHS.measure, MONTHS.month)
        ).all()  # fmt: skip
        for measure, month, *sums in rows:
            for at, n in piece.changes(month, sums, days.first):
                found[measure][every[at]] = int(n)
    return found


def changes(
    session: Session, codes: Collection[str], measures: Iterable[str], days: Days
) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """What happened, or by how much a stock changed, by area and measure, in the order of days.

    Each is (days after the first of the span, how many); days without are missing.
    """
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for piece in months.pieces(days):
        rows = session.execute(
            select(MONTHS.area_code, MONTHS.measure, MONTHS.month, *piece.columns)
            .where(
                among(session, MONTHS.area_code, _asked(codes, ALL)), piece.clause,
                MONTHS.measure.in_(sorted(measures)),
            )
            .order_by(MONTHS.area_code, MONTHS.month, MONTHS.measure)
        ).all()  # fmt: skip
        for code, measure, month, *sums in rows:
            found.setdefault((code, measure), []).extend(piece.changes(month, sums, days.first))
    return found


def among(session: Session, column: Any, codes: Sequence[str]) -> ColumnElement[bool]:
    """The column holds one of the codes; of many as one value."""
    if len(codes) <= MANY:
        return column.in_(codes)
    if session.get_bind().dialect.name == "sqlite":
        listed = func.json_each(json.dumps(codes)).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(literal(codes, ARRAY(String)))


def _asked(codes: Collection[str], kinds: Sequence[str]) -> list[str]:
    return sorted(code + kind for code in codes for kind in kinds)


def _area(code: str) -> str:
    return code.partition(":")[0]


def due_later_today(
    session: Session, column: Any, now: datetime, clauses: Sequence[ColumnElement[bool]] = ()
) -> dict[str | None, int]:
    """Tasks that count as overdue at the end of today and are not yet, by a column of Task."""
    midnight = datetime.combine(in_city(now).date() + timedelta(days=1), time(), CITY_ZONE)
    rows = session.execute(
        select(column, func.count())
        .where(
            Task.state.in_(sorted(RUNNING)), Task.due_at >= now, Task.due_at < midnight, *clauses
        )
        .group_by(column)
    )
    return {code: n for code, n in rows}  # noqa: C416 - a row is no pair to dict()


def due_and_late(
    session: Session, column: Any, codes: Collection[str], after: date, now: datetime
) -> dict[str, int]:
    """Tasks overdue now whose deadline lay after a day, by a column of Task that holds areas."""
    rows = session.execute(
        select(column, func.count())
        .where(
            among(session, column, sorted(codes)), Task.state.in_(sorted(RUNNING)), Task.due_at < now,
            Task.due_at >= datetime.combine(after + timedelta(days=1), time(), CITY_ZONE),
        )
        .group_by(column)
    )  # fmt: skip
    return {code: n for code, n in rows}  # noqa: C416 - a row is no pair to dict()


def stamps(session: Session, codes: Collection[str]) -> tuple[tuple[str, int], ...]:
    """What the figures of these areas depend on, for an ETag: equal stamps, equal figures."""
    rows = session.execute(
        select(AreaStamp.area_code, AreaStamp.value)
        .where(AreaStamp.area_code.in_(sorted(codes)))
        .order_by(AreaStamp.area_code)
    )
    return tuple((code, value) for code, value in rows)
