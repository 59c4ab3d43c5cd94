"""Reads day by day what the counters hold under a filter: see `kinds` for which counter answers."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tracker.counters import queries, waiting
from tracker.counters.kind_statements import clauses_of
from tracker.counters.kinds import Kinds, by_place, open_by_place, stocks
from tracker.counters.measures import NARROWED, Measure
from tracker.counters.models import EVERYWHERE, KIND_STOCKS, KindCount
from tracker.counters.queries import Counts, Days
from tracker.counters.tables import TABLES
from tracker.places.tree import tree
from tracker.storage.expressions import unsought

#: By area and measure: (days after the first of a span, how many), in the order of days.
Changes = dict[tuple[str, str], list[tuple[int, int]]]


def daily(
    session: Session, codes: Collection[str], kinds: Kinds, measures: Iterable[str], days: Days
) -> dict[str, Counter[date]]:
    """As `queries.daily` under a filter; EVERYWHERE among the codes wants all places.

    A broad kind has no counter of the whole: of that the areas are asked.
    """
    if kinds.endings is not None:
        return queries.daily(session, codes, measures, days, kinds.endings)
    found: dict[str, Counter[date]] = defaultdict(Counter)
    within = _Within(session, codes)
    rows = session.execute(
        select(KindCount.measure, KindCount.day, func.sum(KindCount.n))
        .where(*_asked(kinds, measures, days), *within.clauses(KindCount.place_code))
        .group_by(KindCount.measure, KindCount.day)
    )
    for measure, day, n in rows:
        found[measure][day] += int(n)
    for place, _unit, measure, day, n in waiting.kinds(session, kinds.is_meant, _known(measures)):
        if place in within and days.first <= day <= days.last:
            found[measure][day] += n
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
    for place, counts in open_by_place(session, kinds).items():
        for code in above.get(place, ()):
            first[code].add(counts)
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
    within, overdue = _Within(session, codes), Measure.OVERDUE.value
    for place, counts in open_by_place(session, kinds).items():
        if place in within:
            total.add(counts)
    for place, counts in by_place(session, kinds, [overdue], (on, None)).items():
        if place in within:
            total[overdue] -= counts[overdue]
    return total


def open_by_unit(session: Session, code: str, kinds: Kinds) -> dict[int, Counts]:
    """What each unit has open in an area under a filter; `overdue` counts deadlines to come too."""
    totals = TABLES.kind_totals.c
    # no index is begun with units, nor (see _Within) with places: every row would be looked up
    unit = (totals.unit_id + 0).label("unit")
    within = _Within(session, [code])
    rows = session.execute(
        select(unit, *(func.sum(totals[name]) for name in KIND_STOCKS))
        .where(unit > 0, *within.clauses(totals.place_code), *clauses_of(kinds, totals))
        .group_by(unit)
    )
    found: dict[int, Counts] = defaultdict(Counts)
    for key, *figures in rows:
        found[key] = Counts({name: int(n) for name, n in zip(KIND_STOCKS, figures, strict=True)})
    for _category, place, key, late in waiting.kind_totals(session, kinds.is_meant):
        if key and place in within:
            found[key].add(dict(zip(KIND_STOCKS, late, strict=True)))
    return found


def by_unit(
    session: Session, code: str, kinds: Kinds, units: Collection[int], measure: str, days: Days
) -> dict[int, int]:
    """How often something happened in an area in some days under a filter, by unit."""
    within = _Within(session, [code])
    rows = session.execute(
        select(KindCount.unit_id, func.sum(KindCount.n))
        .where(
            KindCount.unit_id.in_(sorted(units)), *_asked(kinds, [measure], days),
            *within.clauses(KindCount.place_code),
        )
        .group_by(KindCount.unit_id)
    )  # fmt: skip
    found = Counter({unit: int(n) for unit, n in rows})
    for place, unit, _measure, day, n in waiting.kinds(session, kinds.is_meant, [measure]):
        if unit in units and place in within and days.first <= day <= days.last:
            found[unit] += n
    return found


def _after(
    session: Session, kinds: Kinds, places: Sequence[str], measures: Iterable[str], day: date
) -> Sequence[Any]:
    """(measure, day, place, how many) after a day as the driver gives them: hundred thousands in a year."""
    wanted, among = sorted(measures), frozenset(places)
    query = select(KindCount.measure, KindCount.day, KindCount.place_code, KindCount.n).where(
        KindCount.measure.in_(wanted), *clauses_of(kinds, KindCount), KindCount.day > day,
        KindCount.place_code.in_(places),
    )  # fmt: skip
    result = session.connection().execute(query)
    assert result.cursor is not None, "it selects"
    found: Sequence[Any] = result.cursor.fetchall()
    result.close()
    late = waiting.kinds(session, kinds.is_meant, wanted)
    return [*found, *((m, on, at, n) for at, _unit, m, on, n in late if on > day and at in among)]


def _asked(kinds: Kinds, measures: Iterable[str], days: Days) -> list[ColumnElement[bool]]:
    return [
        KindCount.measure.in_(sorted(_known(measures))), *clauses_of(kinds, KindCount),
        KindCount.day >= days.first, KindCount.day <= days.last,
    ]  # fmt: skip


def _known(measures: Iterable[str]) -> frozenset[str]:
    return NARROWED.intersection(measures)


def _asked_above(session: Session, codes: Collection[str]) -> dict[str, tuple[str, ...]]:
    """In which of the areas each place lies that lies in one; the smaller of nested ones too."""
    known, wanted = tree(session), frozenset(codes)
    return {
        place: tuple(code for code in known.paths[place] if code in wanted)
        for place in known.above_grids(tuple(sorted(codes)))
    }


class _Within:
    """The places that lie in some areas: communities, or the smallest area above them that is known."""

    def __init__(self, session: Session, codes: Collection[str]) -> None:
        self._places = (
            None
            if EVERYWHERE in codes
            else frozenset(tree(session).above_grids(tuple(sorted(codes))))
        )

    def __contains__(self, place: str) -> bool:
        return self._places is None or place in self._places

    def clauses(self, column: Any) -> list[ColumnElement[bool]]:
        """What is asked of the place of a counter: by places an index would go through every category."""
        return [] if self._places is None else [unsought(column).in_(sorted(self._places))]
