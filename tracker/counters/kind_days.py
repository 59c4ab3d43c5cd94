"""Reads day by day what the counters hold under a filter: see `kinds` for which counter answers."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tracker.counters import queries
from tracker.counters.kinds import Kinds, stocks
from tracker.counters.measures import NARROWED, Measure
from tracker.counters.models import EVERYWHERE, KIND_STOCKS, KindCount
from tracker.counters.queries import Counts, Days
from tracker.counters.tables import TABLES
from tracker.places.tree import tree

#: By area and measure: (days after the first of a span, how many), in the order of days.
Changes = dict[tuple[str, str], list[tuple[int, int]]]


def daily(
    session: Session, codes: Collection[str], kinds: Kinds, measures: Iterable[str], days: Days
) -> dict[str, Counter[date]]:
    """As `queries.daily` under a filter; EVERYWHERE among the codes wants all places."""
    if kinds.endings is not None:
        return queries.daily(session, codes, measures, days, kinds.endings)
    found: dict[str, Counter[date]] = defaultdict(Counter)
    rows = session.execute(
        select(KindCount.measure, KindCount.day, func.sum(KindCount.n))
        .where(*_asked(kinds, measures, days), *_within(session, codes)(KindCount.place_code))
        .group_by(KindCount.measure, KindCount.day)
    )
    for measure, day, n in rows:
        found[measure][day] += int(n)
    return found


def line(
    session: Session, codes: Collection[str], kinds: Kinds, measures: Iterable[str], days: Days
) -> tuple[dict[str, Counts], Changes]:
    """Stocks at the end of the first of some days, and what each later one changed; see `queries.changes`."""
    if kinds.endings is None:
        return _added_up(session, codes, kinds, measures, days)
    parts = {code + ending: code for code in codes for ending in kinds.endings}
    found: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for (part, measure), pairs in queries.changes(session, parts, measures, days).items():
        # the first day is told by its picture
        found[parts[part], measure].update({day: n for day, n in pairs if day})
    return queries.stocks(session, codes, days.first, kinds.endings), _in_order(found)


def _added_up(
    session: Session, codes: Collection[str], kinds: Kinds, measures: Iterable[str], days: Days
) -> tuple[dict[str, Counts], Changes]:
    """From the finest counter: what stands now less what came later, which is read once for both."""
    above = _asked_above(session, codes)
    first = {code: Counts() for code in codes}
    for place, *figures in _open_by_place(session, kinds, tuple(above)):
        for code in above[place]:
            first[code].add(dict(zip(KIND_STOCKS, map(int, figures), strict=True)))
    later: Counter[tuple[tuple[str, ...], str, Any]] = Counter()
    for measure, day, place, n in _after(session, kinds, tuple(above), measures, days.first):
        later[above[place], measure, day] += n
    found: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    at: dict[Any, int] = {}
    for (areas, measure, day), n in later.items():
        if day not in at:
            # the driver of SQLite hands days over as text
            known = date.fromisoformat(day) if isinstance(day, str) else day
            at[day] = (known - days.first).days
        for code in areas:
            first[code][measure] -= n
            if at[day] < days.count:
                found[code, measure][at[day]] += n
    return first, _in_order(found)


def _in_order(found: Mapping[tuple[str, str], Counter[int]]) -> Changes:
    return {key: sorted((day, n) for day, n in one.items() if n) for key, one in found.items()}


def stood(session: Session, codes: Collection[str], kinds: Kinds, on: date) -> Counts:
    """What stands in all the areas together at the end of a day from today on, see `kinds.stocks`."""
    total = Counts()
    if kinds.endings is not None:
        for counts in stocks(session, codes, kinds, on=on).values():
            total.add(counts)
        return total
    totals, within = TABLES.kind_totals.c, _within(session, codes)
    rows = session.execute(
        select(*(func.sum(totals[name]) for name in KIND_STOCKS)).where(
            *_of(kinds, totals), *within(totals.place_code)
        )
    )
    total.add({name: int(n or 0) for name, n in zip(KIND_STOCKS, rows.one(), strict=True)})
    later = select(func.sum(KindCount.n)).where(
        KindCount.measure == Measure.OVERDUE.value, *_of(kinds, KindCount), KindCount.day > on,
        *within(KindCount.place_code),
    )  # fmt: skip
    total[Measure.OVERDUE.value] -= int(session.scalar(later) or 0)
    return total


def open_by_unit(session: Session, code: str, kinds: Kinds) -> dict[int, Counts]:
    """What each unit has open in an area under a filter; `overdue` counts deadlines to come too."""
    totals = TABLES.kind_totals.c
    # nor by the units: every row would be looked up
    unit = (totals.unit_id + 0).label("unit")
    within = _within(session, [code])(totals.place_code)
    rows = session.execute(
        select(unit, *(func.sum(totals[name]) for name in KIND_STOCKS))
        .where(unit > 0, *within, *_of(kinds, totals))
        .group_by(unit)
    )
    return {
        unit: Counts({name: int(n) for name, n in zip(KIND_STOCKS, figures, strict=True)})
        for unit, *figures in rows
    }


def by_unit(
    session: Session, code: str, kinds: Kinds, units: Collection[int], measure: str, days: Days
) -> dict[int, int]:
    """How often something happened in an area in some days under a filter, by unit."""
    rows = session.execute(
        select(KindCount.unit_id, func.sum(KindCount.n))
        .where(
            KindCount.unit_id.in_(sorted(units)), *_asked(kinds, [measure], days),
            *_within(session, [code])(KindCount.place_code),
        )
        .group_by(KindCount.unit_id)
    )  # fmt: skip
    return {unit: int(n) for unit, n in rows}


def _open_by_place(session: Session, kinds: Kinds, places: Sequence[str]) -> Sequence[Any]:
    totals = TABLES.kind_totals.c
    return session.execute(
        select(totals.place_code, *(func.sum(totals[name]) for name in KIND_STOCKS))
        .where(*_of(kinds, totals), totals.place_code.concat("").in_(places))
        .group_by(totals.place_code)
    ).all()


def _after(
    session: Session, kinds: Kinds, places: Sequence[str], measures: Iterable[str], day: date
) -> Sequence[Any]:
    """(measure, day, place, how many) after a day as the driver gives them: hundred thousands in a year."""
    query = select(KindCount.measure, KindCount.day, KindCount.place_code, KindCount.n).where(
        KindCount.measure.in_(sorted(measures)), *_of(kinds, KindCount), KindCount.day > day,
        KindCount.place_code.in_(places),
    )  # fmt: skip
    result = session.connection().execute(query)
    assert result.cursor is not None, "it selects"
    found: Sequence[Any] = result.cursor.fetchall()
    result.close()
    return found


def _asked(kinds: Kinds, measures: Iterable[str], days: Days) -> list[ColumnElement[bool]]:
    return [
        KindCount.measure.in_(sorted(NARROWED.intersection(measures))), *_of(kinds, KindCount),
        KindCount.day >= days.first, KindCount.day <= days.last,
    ]  # fmt: skip


def _of(kinds: Kinds, columns: Any) -> list[ColumnElement[bool]]:
    chosen = (
        (columns.unit_id, kinds.units or None),
        (columns.category_id, kinds.categories),
        (columns.source, kinds.sources or None),
    )
    return [column.in_(sorted(values)) for column, values in chosen if values is not None]


def _asked_above(session: Session, codes: Collection[str]) -> dict[str, tuple[str, ...]]:
    """In which of the areas each place lies that lies in one; the smaller of nested ones too."""
    known, wanted = tree(session), frozenset(codes)
    return {
        place: tuple(code for code in known.paths[place] if code in wanted)
        for place in known.above_grids(tuple(sorted(codes)))
    }


def _within(session: Session, codes: Collection[str]) -> Callable[[Any], list[ColumnElement[bool]]]:
    """What is asked of the place of a counter: a community, or the smallest area above it that is known."""
    if EVERYWHERE in codes:
        return lambda _column: []
    places = tree(session).above_grids(tuple(sorted(codes)))
    # the filter has the index: by places every category would be gone through
    return lambda column: [column.concat("").in_(places)]
