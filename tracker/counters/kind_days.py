"""Reads day by day what the counters hold under a filter: see `kinds` for which counter answers."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tracker.counters import queries
from tracker.counters.kinds import Areas, Kinds, asked_of
from tracker.counters.models import EVERYWHERE, KindCount
from tracker.counters.queries import Days
from tracker.places.tree import tree


def daily(
    session: Session, codes: Collection[str], kinds: Kinds, measures: Iterable[str], days: Days
) -> dict[str, Counter[date]]:
    """As `queries.daily` under a filter; EVERYWHERE among the codes wants all places."""
    if kinds.endings is not None:
        return queries.daily(session, codes, measures, days, kinds.endings)
    found: dict[str, Counter[date]] = defaultdict(Counter)
    rows = session.execute(
        select(KindCount.measure, KindCount.day, func.sum(KindCount.n))
        .where(*_asked(kinds, measures, days), *_within(session, codes))
        .group_by(KindCount.measure, KindCount.day)
    )
    for measure, day, n in rows:
        found[measure][day] += int(n)
    return found


def changes(
    session: Session, codes: Collection[str], kinds: Kinds, measures: Iterable[str], days: Days
) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """As `queries.changes` under a filter."""
    found: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    if kinds.endings is not None:
        parts = {code + ending: code for code in codes for ending in kinds.endings}
        for (part, measure), pairs in queries.changes(session, parts, measures, days).items():
            found[parts[part], measure].update(dict(pairs))
        return _in_order(found)
    known = Areas(tree(session), codes)
    at: dict[Any, int] = {}
    for measure, day, place, n in _each_day(session, codes, kinds, measures, days):
        if day not in at:
            # the driver of SQLite hands days over as text
            at[day] = ((date.fromisoformat(day) if isinstance(day, str) else day) - days.first).days
        for code in known.of(place):
            found[code, measure][at[day]] += n
    return _in_order(found)


def _in_order(
    found: dict[tuple[str, str], Counter[int]],
) -> dict[tuple[str, str], list[tuple[int, int]]]:
    return {key: sorted((day, n) for day, n in one.items() if n) for key, one in found.items()}


def by_unit(
    session: Session, code: str, kinds: Kinds, units: Collection[int], measure: str, days: Days
) -> dict[int, int]:
    """How often something happened in an area in some days under a filter, by unit."""
    rows = session.execute(
        select(KindCount.unit_id, func.sum(KindCount.n))
        .where(
            KindCount.unit_id.in_(sorted(units)), *_asked(kinds, [measure], days),
            *_within(session, [code]),
        )
        .group_by(KindCount.unit_id)
    )  # fmt: skip
    return {unit: int(n) for unit, n in rows}


def _each_day(
    session: Session, codes: Collection[str], kinds: Kinds, measures: Iterable[str], days: Days
) -> Sequence[Any]:
    """(measure, day, place, how many) as the driver gives them: a year of a unit has tens of thousands."""
    query = (
        select(
            KindCount.measure, KindCount.day, KindCount.place_code, func.sum(KindCount.n)
        )
        .where(*_asked(kinds, measures, days), *_within(session, codes))
        .group_by(KindCount.measure, KindCount.day, KindCount.place_code)
    )  # fmt: skip
    result = session.connection().execute(query)
    assert result.cursor is not None, "it selects"
    found: Sequence[Any] = result.cursor.fetchall()
    result.close()
    return found


def _asked(kinds: Kinds, measures: Iterable[str], days: Days) -> list[ColumnElement[bool]]:
    return [
        KindCount.measure.in_(sorted(measures)), *asked_of(kinds, KindCount),
        KindCount.day >= days.first, KindCount.day <= days.last,
    ]  # fmt: skip


def _within(session: Session, codes: Collection[str]) -> list[ColumnElement[bool]]:
    """The places of some areas: communities, or the smallest area above them that is known."""
    if EVERYWHERE in codes:
        return []
    places = tree(session).above_grids(tuple(sorted(codes)))
    return [KindCount.place_code.in_(places)]
