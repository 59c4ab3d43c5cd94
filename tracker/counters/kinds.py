"""Knows which filters the counters can answer, and asks the counter that reads least.

One major category, or sources, have counters in every area. What is narrower than that, one
category, one unit, or two filters at once, is added up from the finest counter: these are few.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tracker.catalogue.models import Category
from tracker.counters import queries
from tracker.counters.measures import OPEN_STOCKS
from tracker.counters.models import KIND_STOCKS, KindCount, of_major, of_source
from tracker.counters.queries import ALL, Counts, Days
from tracker.counters.tables import TABLES
from tracker.places.levels import levels_of
from tracker.places.models import Level
from tracker.places.tree import Tree, tree
from tracker.tasks.filter_category import category_clauses
from tracker.tasks.filters import TaskFilter

#: What was read of the finest counter: whoever asks for more areas under the same filter hands it on.
Read = MutableMapping[Any, Sequence[Any]]


@dataclass(frozen=True)
class Kinds:
    """A filter that the counters know; an empty one wants all. Ids and values are alternatives."""

    units: frozenset[int] = frozenset()
    categories: frozenset[int] | None = None
    sources: frozenset[str] = frozenset()
    #: `categories` are those of this major category
    major: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.units or self.sources or self.categories is not None)

    @property
    def endings(self) -> tuple[str, ...] | None:
        """The kinds that have counters of their own, see queries; None when it is narrower."""
        if self.is_empty:
            return ALL
        if self.units or (self.sources and self.categories is not None):
            return None
        if self.sources:
            return tuple(of_source(source) for source in sorted(self.sources))
        return (of_major(self.major),) if self.major else None


def kinds_of(session: Session, wanted: TaskFilter) -> Kinds | None:
    """The filter as the counters know it; None when it holds anything else.

    The order and the area are no matter of a figure: the area is what it is asked for.
    """
    rest = replace(
        wanted, unit_id=None, category="", tag="", sources=(), area="", sort=TaskFilter().sort
    )
    if rest != TaskFilter():
        return None
    categories = category_clauses(wanted.category, wanted.tag)
    chosen = (
        frozenset(session.scalars(select(Category.id).where(*categories))) if categories else None
    )
    units = frozenset() if wanted.unit_id is None else frozenset({wanted.unit_id})
    major = wanted.category if len(wanted.category) == 2 and not wanted.tag else ""
    return Kinds(units, chosen, frozenset(source.value for source in wanted.sources), major)


def stocks(
    session: Session,
    codes: Collection[str],
    kinds: Kinds,
    on: date | None = None,
    *,
    read: Read | None = None,
) -> dict[str, Counts]:
    """As `queries.stocks` under a filter; of what is narrow the open ones and overdue alone."""
    if kinds.endings is not None:
        return queries.stocks(session, codes, on, kinds.endings)
    read = {} if read is None else read
    known = _Areas(tree(session), codes)
    found: dict[str, Counts] = defaultdict(Counts)
    for code, *figures in _open_by_place(session, kinds, read):
        if area := known.of(code):
            found[area].add({m: int(n) for m, n in zip(KIND_STOCKS, figures, strict=True)})
    if on is not None:
        measures = sorted(set(KIND_STOCKS).intersection(queries.later_stocks(on)))
        for code, measure, n in _by_place(session, kinds, measures, (on, None), read):
            if area := known.of(code):
                found[area][measure] -= int(n)
    return found


def flows(
    session: Session,
    codes: Collection[str],
    kinds: Kinds,
    measures: Iterable[str],
    days: Days,
    *,
    read: Read | None = None,
) -> dict[str, Counts]:
    """As `queries.flows` under a filter."""
    if kinds.endings is not None:
        return queries.flows(session, codes, measures, days, kinds.endings)
    known = _Areas(tree(session), codes)
    found: dict[str, Counts] = defaultdict(Counts)
    span = (days.first - timedelta(days=1), days.last)
    for code, measure, n in _by_place(session, kinds, sorted(measures), span, read):
        if area := known.of(code):
            found[area][measure] += int(n)
    return found


def daily(
    session: Session, codes: Collection[str], kinds: Kinds, measures: Iterable[str], days: Days
) -> dict[str, Counter[date]]:
    """As `queries.daily` under a filter."""
    if kinds.endings is not None:
        return queries.daily(session, codes, measures, days, kinds.endings)
    known = _Areas(tree(session), codes)
    found: dict[str, Counter[date]] = defaultdict(Counter)
    rows = session.execute(
        select(KindCount.measure, KindCount.day, KindCount.place_code, func.sum(KindCount.n))
        .where(
            KindCount.measure.in_(sorted(measures)), *_of(kinds, KindCount),
            KindCount.day >= days.first, KindCount.day <= days.last,
        )
        .group_by(KindCount.measure, KindCount.day, KindCount.place_code)
    )  # fmt: skip
    for measure, day, place, n in rows:
        if known.of(place):
            found[measure][day] += int(n)
    return found


def open_by_category(
    session: Session, code: str, kinds: Kinds, categories: Collection[int]
) -> dict[int, int]:
    """How many tasks are open in one area under a filter, by id of the categories that are asked for."""
    levels = levels_of(tree(session).within([code]))
    places = sorted(place for place, level in levels.items() if level is not Level.GRID)
    totals = TABLES.kind_totals.c
    still = reduce(add, (totals[state] for state in OPEN_STOCKS))
    rows = session.execute(
        select(totals.category_id, func.sum(still))
        .where(
            totals.category_id.in_(sorted(categories)), totals.place_code.in_(places),
            *_of(replace(kinds, categories=None), totals),
        )
        .group_by(totals.category_id)
    )  # fmt: skip
    return {category: int(n) for category, n in rows}


class _Areas:
    """Which of the areas asked for a place lies in; of nested ones the smallest."""

    def __init__(self, known: Tree, codes: Collection[str]) -> None:
        self._paths, self._wanted = known.paths, frozenset(codes)
        self._found: dict[str, str] = {}

    def of(self, place: str) -> str:
        """The area, "" for none."""
        found = self._found.get(place)
        if found is None:
            path = self._paths.get(place, ())
            found = next((code for code in reversed(path) if code in self._wanted), "")
            self._found[place] = found
        return found


def _of(kinds: Kinds, columns: Any) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if kinds.units:
        clauses.append(columns.unit_id.in_(sorted(kinds.units)))
    if kinds.categories is not None:
        clauses.append(columns.category_id.in_(sorted(kinds.categories)))
    if kinds.sources:
        clauses.append(columns.source.in_(sorted(kinds.sources)))
    return clauses


def _open_by_place(session: Session, kinds: Kinds, read: Read) -> Sequence[Any]:
    if kinds not in read:
        totals = TABLES.kind_totals.c
        read[kinds] = session.execute(
            select(totals.place_code, *(func.sum(totals[name]) for name in KIND_STOCKS))
            .where(*_of(kinds, totals))
            .group_by(totals.place_code)
        ).all()
    return read[kinds]


def _by_place(
    session: Session,
    kinds: Kinds,
    measures: Sequence[str],
    span: tuple[date, date | None],
    read: Read | None,
) -> Sequence[Any]:
    """(place, measure, how many) after the first day of the span and up to the last, of all places."""
    read = {} if read is None else read
    key = (kinds, tuple(measures), span)
    if key not in read:
        after, last = span
        days = [KindCount.day > after, *([] if last is None else [KindCount.day <= last])]
        read[key] = session.execute(
            select(KindCount.place_code, KindCount.measure, func.sum(KindCount.n))
            .where(KindCount.measure.in_(measures), *_of(kinds, KindCount), *days)
            .group_by(KindCount.place_code, KindCount.measure)
        ).all()
    return read[key]
