"""Knows which filters the counters can answer, and asks the counter that reads least.

One major category, or sources, have counters in every area. What is narrower than that, one
category, one unit, or two filters at once, is added up from the finest counter: these are few.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.catalogue.models import Category
from tracker.counters import queries, waiting
from tracker.counters.kind_statements import Kinds as Kinds
from tracker.counters.kind_statements import clauses_of, happened, still_open
from tracker.counters.measures import OPEN_STOCKS
from tracker.counters.models import KIND_STOCKS
from tracker.counters.queries import Counts, Days
from tracker.counters.tables import TABLES
from tracker.places.levels import levels_of
from tracker.places.models import Level
from tracker.places.tree import Tree, tree
from tracker.storage.plain import fetched
from tracker.tasks.filter_category import category_clauses
from tracker.tasks.filters import TaskFilter

#: What was read of the finest counter, by place: whoever asks for more areas under the same filter hands it on.
Read = MutableMapping[Any, Mapping[str, Counts]]


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
    known.add(found, open_by_place(session, kinds, read))
    if on is not None:
        measures = sorted(set(KIND_STOCKS).intersection(queries.later_stocks(on)))
        for area, counts in known.each(by_place(session, kinds, measures, (on, None), read)):
            own = found[area]
            for measure, n in counts.items():
                own[measure] -= n
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
    known.add(found, by_place(session, kinds, sorted(measures), span, read))
    return found


def open_by_category(
    session: Session, code: str, kinds: Kinds, categories: Collection[int]
) -> dict[int, int]:
    """How many tasks are open in one area under a filter, by id of the categories that are asked for."""
    levels = levels_of(tree(session).within([code]))
    places = sorted(place for place, level in levels.items() if level is not Level.GRID)
    totals, meant = TABLES.kind_totals.c, replace(kinds, categories=frozenset(categories))
    still = reduce(add, (totals[state] for state in OPEN_STOCKS))
    rows = session.execute(
        select(totals.category_id, func.sum(still))
        .where(
            totals.place_code.in_(places),
            *clauses_of(meant, totals),
        )
        .group_by(totals.category_id)
    )  # fmt: skip
    found = Counter({category: int(n) for category, n in rows})
    for category, place, _unit, figures in waiting.kind_totals(session, meant.is_meant):
        if place in places:
            found[category] += sum(figures[: len(OPEN_STOCKS)])
    return found


class _Areas:
    """Which of the areas asked for a place lies in; of nested ones the smallest."""

    def __init__(self, known: Tree, codes: Collection[str]) -> None:
        self._paths, self._wanted = known.paths, frozenset(codes)
        self._found: dict[str, str] = {}

    def each(self, figures: Mapping[str, Counts]) -> Iterator[tuple[str, Counts]]:
        """The area and the figures of each place that lies in one."""
        for place, counts in figures.items():
            if area := place if place in self._wanted else self.of(place):
                yield area, counts

    def add(self, found: dict[str, Counts], figures: Mapping[str, Counts]) -> None:
        """Add the figures of places to those of the areas they lie in."""
        for area, counts in self.each(figures):
            if area in found:
                found[area].add(counts)
            else:
                found[area] = Counts(counts)

    def of(self, place: str) -> str:
        """The area, "" for none."""
        found = self._found.get(place)
        if found is None:
            path = self._paths.get(place, ())
            found = next((code for code in reversed(path) if code in self._wanted), "")
            self._found[place] = found
        return found


def open_by_place(session: Session, kinds: Kinds, read: Read | None = None) -> Mapping[str, Counts]:
    """What is open now under a narrow filter, of all places."""
    read = {} if read is None else read
    if kinds not in read:
        found = defaultdict(
            Counts,
            {
                place: Counts(zip(KIND_STOCKS, map(int, figures), strict=True))
                for place, *figures in fetched(session, still_open(kinds))
            },
        )
        for _category, place, _unit, figures in waiting.kind_totals(session, kinds.is_meant):
            found[place].add(dict(zip(KIND_STOCKS, figures, strict=True)))
        read[kinds] = found
    return read[kinds]


def by_place(
    session: Session,
    kinds: Kinds,
    measures: Sequence[str],
    span: tuple[date, date | None],
    read: Read | None = None,
) -> Mapping[str, Counts]:
    """How many after the first day of the span and up to the last, of all places."""
    read = {} if read is None else read
    key = (kinds, tuple(measures), span)
    if key not in read:
        after, last = span
        found: dict[str, Counts] = defaultdict(Counts)
        query = happened(kinds, tuple(map(str, measures)), has_end=last is not None)
        for place, measure, n in fetched(session, query, after=after, last=last):
            found[place][measure] = int(n)
        for place, _unit, measure, day, n in waiting.kinds(session, kinds.is_meant, measures):
            if day > after and (last is None or day <= last):
                found[place][measure] += n
        read[key] = found
    return read[key]
