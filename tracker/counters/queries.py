"""Names the SELECTs on the counters; each reads few rows, however many tasks there are."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tracker.clock import CITY_ZONE, in_city
from tracker.counters.measures import STOCKS
from tracker.counters.models import AreaCount, AreaStamp, AreaTotal, CellCount, KindCount
from tracker.tasks.models import Task
from tracker.tasks.states import RUNNING

#: What stands or happened, by measure; a measure that is missing is 0.
Counts = Counter[str]


@dataclass(frozen=True)
class Days:
    """A span of days of the city, both ends included."""

    first: date
    last: date


@dataclass(frozen=True)
class Kinds:
    """A filter that the counters know; an empty one wants all. Ids and values are alternatives."""

    units: frozenset[int] = frozenset()
    categories: frozenset[int] | None = None
    sources: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        return not (self.units or self.sources or self.categories is not None)


def stocks(session: Session, codes: Collection[str], on: date | None = None) -> dict[str, Counts]:
    """How many stand in each state, and overdue, at the end of a day; None is after every day.

    What came later is taken from what is now, so that a day of last month reads one month.
    """
    found = _by_area(
        session.execute(
            select(AreaTotal.area_code, AreaTotal.measure, AreaTotal.n).where(
                AreaTotal.area_code.in_(sorted(codes))
            )
        )
    )
    if on is None:
        return found
    later = session.execute(
        select(AreaCount.area_code, AreaCount.measure, func.sum(AreaCount.n))
        .where(
            AreaCount.area_code.in_(sorted(codes)), AreaCount.measure.in_(STOCKS),
            AreaCount.day > on,
        )
        .group_by(AreaCount.area_code, AreaCount.measure)
    )  # fmt: skip
    for code, measure, n in later:
        found[code][measure] -= int(n)
    return found


def flows(
    session: Session, codes: Collection[str], measures: Iterable[str], days: Days
) -> dict[str, Counts]:
    """The sum of dated figures over some days."""
    return _by_area(
        session.execute(
            select(AreaCount.area_code, AreaCount.measure, func.sum(AreaCount.n))
            .where(
                AreaCount.area_code.in_(sorted(codes)), AreaCount.measure.in_(sorted(measures)),
                AreaCount.day >= days.first, AreaCount.day <= days.last,
            )
            .group_by(AreaCount.area_code, AreaCount.measure)
        )
    )  # fmt: skip


def daily(
    session: Session, codes: Collection[str], measures: Iterable[str], days: Days
) -> dict[str, Counter[date]]:
    """What happened on each day in all the areas together, by measure; days without are missing.

    Of a stock this is by how much it changed.
    """
    found: dict[str, Counter[date]] = defaultdict(Counter)
    rows = session.execute(
        select(AreaCount.measure, AreaCount.day, func.sum(AreaCount.n))
        .where(
            AreaCount.area_code.in_(sorted(codes)), AreaCount.measure.in_(sorted(measures)),
            AreaCount.day >= days.first, AreaCount.day <= days.last,
        )
        .group_by(AreaCount.measure, AreaCount.day)
    )  # fmt: skip
    for measure, day, n in rows:
        found[measure][day] = int(n)
    return found


def daily_by_area(
    session: Session, codes: Collection[str], measures: Iterable[str], days: Days
) -> Sequence[Any]:
    """(area, measure, day, n) of what happened, or by how much a stock changed, in key order."""
    return session.execute(
        select(AreaCount.area_code, AreaCount.measure, AreaCount.day, AreaCount.n)
        .where(
            AreaCount.area_code.in_(sorted(codes)), AreaCount.measure.in_(sorted(measures)),
            AreaCount.day >= days.first, AreaCount.day <= days.last, AreaCount.n != 0,
        )
        .order_by(AreaCount.area_code, AreaCount.measure, AreaCount.day)
    ).all()  # fmt: skip


def kind_stocks(session: Session, kinds: Kinds, on: date | None = None) -> dict[str, Counts]:
    """As `stocks` under a filter, by the smallest known place, see KindCount.place_code."""
    until = [] if on is None else [KindCount.day <= on]
    return _by_place(session, STOCKS, [*_of(kinds), *until])


def kind_flows(
    session: Session, kinds: Kinds, measures: Iterable[str], days: Days
) -> dict[str, Counts]:
    """As `flows` under a filter, by the smallest known place."""
    span = [KindCount.day >= days.first, KindCount.day <= days.last]
    return _by_place(session, sorted(measures), [*_of(kinds), *span])


def kind_daily(
    session: Session, kinds: Kinds, places: Collection[str], measures: Iterable[str], days: Days
) -> dict[str, Counter[date]]:
    """As `daily` under a filter, in the smallest places given."""
    found: dict[str, Counter[date]] = defaultdict(Counter)
    rows = session.execute(
        select(KindCount.measure, KindCount.day, KindCount.place_code, func.sum(KindCount.n))
        .where(
            KindCount.measure.in_(sorted(measures)), *_of(kinds),
            KindCount.day >= days.first, KindCount.day <= days.last,
        )
        .group_by(KindCount.measure, KindCount.day, KindCount.place_code)
    )  # fmt: skip
    for measure, day, place, n in rows:
        if place in places:
            found[measure][day] += int(n)
    return found


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
            column.in_(sorted(codes)), Task.state.in_(sorted(RUNNING)), Task.due_at < now,
            Task.due_at >= datetime.combine(after + timedelta(days=1), time(), CITY_ZONE),
        )
        .group_by(column)
    )  # fmt: skip
    return {code: n for code, n in rows}  # noqa: C416 - a row is no pair to dict()


def cells(session: Session, level: int, first: int, last: int) -> Sequence[Any]:
    """(cell, valid, open) of one level of the pyramid between two keys of that level, in order."""
    return session.execute(
        select(CellCount.cell, CellCount.valid, CellCount.open)
        .where(CellCount.level == level, CellCount.cell >= first, CellCount.cell <= last)
        .where(CellCount.valid > 0)
        .order_by(CellCount.cell)
    ).all()


def stamps(session: Session, codes: Collection[str]) -> tuple[tuple[str, int], ...]:
    """What the figures of these areas depend on, for an ETag: equal stamps, equal figures."""
    rows = session.execute(
        select(AreaStamp.area_code, AreaStamp.value)
        .where(AreaStamp.area_code.in_(sorted(codes)))
        .order_by(AreaStamp.area_code)
    )
    return tuple((code, value) for code, value in rows)


def _of(kinds: Kinds) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if kinds.units:
        clauses.append(KindCount.unit_id.in_(sorted(kinds.units)))
    if kinds.categories is not None:
        clauses.append(KindCount.category_id.in_(sorted(kinds.categories)))
    if kinds.sources:
        clauses.append(KindCount.source.in_(sorted(kinds.sources)))
    return clauses


def _by_place(
    session: Session, measures: Sequence[str], clauses: Sequence[ColumnElement[bool]]
) -> dict[str, Counts]:
    return _by_area(
        session.execute(
            select(KindCount.place_code, KindCount.measure, func.sum(KindCount.n))
            .where(KindCount.measure.in_(measures), *clauses)
            .group_by(KindCount.place_code, KindCount.measure)
        )
    )


def _by_area(rows: Iterable[Any]) -> dict[str, Counts]:
    found: dict[str, Counts] = defaultdict(Counter)
    for code, measure, n in rows:
        found[code][measure] = int(n)
    return found


def folded(by_place: Mapping[str, Counts], parents: Mapping[str, str]) -> dict[str, Counts]:
    """Counts of places added up to the areas they lie in; `parents` says which, others fall out."""
    found: dict[str, Counts] = defaultdict(Counter)
    for place, counts in by_place.items():
        if place in parents:
            found[parents[place]].update(counts)
    return found
