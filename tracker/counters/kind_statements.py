"""Writes the SELECTs on the finest counters once for each filter; see kinds."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, bindparam, func, literal, select, union_all

from tracker.counters.models import KIND_STOCKS, KindCount, of_major, of_source
from tracker.counters.queries import ALL
from tracker.counters.tables import TABLES
from tracker.tasks.states import Source

_SOURCES = frozenset(source.value for source in Source)


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

    def is_meant(self, category: int, unit: int, source: str) -> bool:
        """As `clauses_of` says it to the database."""
        return (
            (not self.units or unit in self.units)
            and (self.categories is None or category in self.categories)
            and (not self.sources or source in self.sources)
        )


def clauses_of(kinds: Kinds, columns: Any) -> list[ColumnElement[bool]]:
    """What a filter asks of the rows of a finest counter."""
    clauses: list[ColumnElement[bool]] = []
    if kinds.units:
        clauses.append(columns.unit_id.in_(sorted(kinds.units)))
    if kinds.categories is not None:
        clauses.append(columns.category_id.in_(sorted(kinds.categories)))
    # a key has the source behind the category: to read on in it, all are named
    sources = kinds.sources or (_SOURCES if kinds.categories is not None else ())
    if sources:
        clauses.append(columns.source.in_(sorted(sources)))
    return clauses


@lru_cache(64)
def still_open(kinds: Kinds) -> Select[Any]:
    """(place, figures in the order of KIND_STOCKS) of all places."""
    totals = TABLES.kind_totals.c
    return (
        select(totals.place_code, *(func.sum(totals[name]) for name in KIND_STOCKS))
        .where(*clauses_of(kinds, totals))
        .group_by(totals.place_code)
    )


@lru_cache(64)
def happened(kinds: Kinds, measures: tuple[str, ...], *, has_end: bool) -> Any:
    """(place, measure, how many) of all places, after the day `after` and, with an end, up to `last`.

    One measure after the other: the database sorts the rows of each, in half the time of all together.
    """
    after, last = (bindparam(name, type_=Date, required=False) for name in ("after", "last"))
    days = [KindCount.day > after, *([KindCount.day <= last] if has_end else [])]
    return union_all(
        *(
            select(KindCount.place_code, literal(measure), func.sum(KindCount.n))
            .where(KindCount.measure == measure, *clauses_of(kinds, KindCount), *days)
            .group_by(KindCount.place_code)
            for measure in measures
        )
    )
