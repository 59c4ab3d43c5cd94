"""Adds to an answer of the counters what waits in the tail: the same rows, chosen by the same rules."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tracker.counters import months
from tracker.counters.counts import Counts
from tracker.counters.measures import OPEN_STOCKS, STATES, STOCKS
from tracker.counters.months import Days
from tracker.counters.tail import parts

_OPEN = frozenset(OPEN_STOCKS)

#: (month, sums of its days) → how many of these are meant.
Chosen = Callable[[int, Sequence[int]], int]


def add_stocks(
    session: Session, found: dict[str, Counts], asked: Collection[str], area: Callable[[str], str]
) -> None:
    """What stands in the areas asked for; `area` names that of a code."""
    for code, rows in _of(session, asked, "totals"):
        for figures in rows:
            found[area(code)].add(dict(zip(STOCKS, figures, strict=True)))


def add_flows(
    session: Session,
    found: dict[str, Counts],
    asked: Collection[str],
    measures: Collection[str],
    chosen: Chosen,
    area: Callable[[str], str],
) -> None:
    """What happened there on the chosen days; what comes to nothing is missing, as it is in the answer."""
    wanted, late = frozenset(measures), Counter[tuple[str, str]]()
    for code, rows in _of(session, asked, "months"):
        for month, measure, sums in rows:
            if measure in wanted:
                late[area(code), measure] += chosen(month, sums)
    for (code, measure), n in late.items():
        if n:
            counts = found[code]
            counts[measure] += n
            if not counts[measure]:
                del counts[measure]
            if not counts:
                del found[code]


def changes(
    session: Session, asked: Collection[str], measures: Iterable[str], days: Days
) -> Mapping[tuple[str, str], Counter[int]]:
    """By area and measure: days after the first of the span → by how much it changed on that day."""
    wanted, whole, count = frozenset(measures), months.whole(days), days.count
    found: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for code, rows in _of(session, asked, "months"):
        for month, measure, sums in rows:
            if measure in wanted and whole.first <= month <= whole.last:
                for at, n in whole.changes(month, (0, *sums), days.first):
                    if 0 <= at < count:
                        found[code, measure][at] += n
    return found


def _of(session: Session, asked: Collection[str], table: str) -> Iterator[tuple[str, list[Any]]]:
    waiting = parts(session)
    if waiting:
        codes = frozenset(asked)
        for part in waiting:
            by_code: dict[str, list[Any]] = getattr(part, table)
            yield from ((code, rows) for code, rows in by_code.items() if code in codes)


def cells(
    session: Session,
    level: int,
    span: tuple[int, int],
    *,
    states: Collection[str],
    kinds: Sequence[str],
    places: Sequence[str] | None,
    is_placed: bool,
    coarser_by: int,
) -> dict[int, list[int]]:
    """By cell, chosen as by cells.cells: by how much what is wanted, and what of it is open, has changed."""
    meant = frozenset(states)
    wanted = [n for n, state in enumerate(STATES) if state.value in meant]
    still = [n for n in wanted if STATES[n].value in _OPEN]
    first, last = span
    among = None if places is None else frozenset(places)
    late: dict[int, list[int]] = {}
    for part in parts(session):
        for kind in kinds:
            for cell, place, figures in part.cells.get((level, kind), ()):
                if not first <= cell <= last or (is_placed and not place):
                    continue
                if among is None or place in among:
                    sums = late.setdefault(cell >> 2 * coarser_by, [0, 0])
                    sums[0] += sum(figures[n] for n in wanted)
                    sums[1] += sum(figures[n] for n in still)
    return late


def kinds(
    session: Session, is_meant: Callable[[int, int, str], bool], measures: Collection[str]
) -> Iterator[tuple[str, int, str, date, int]]:
    """(place, unit, measure, day, how many) of the finest counter, of what is meant by category, unit and source."""
    for part in parts(session):
        for category, measure, day, place, unit, source, n in part.kinds:
            if measure in measures and is_meant(category, unit, source):
                yield place, unit, measure, day, n


def kind_totals(
    session: Session, is_meant: Callable[[int, int, str], bool]
) -> Iterator[tuple[int, str, int, tuple[int, ...]]]:
    """(category, place, unit, figures) of the open tasks that are meant."""
    for part in parts(session):
        for category, place, unit, source, *figures in part.kind_totals:
            if is_meant(category, unit, source):
                yield category, place, unit, tuple(figures)


def stamps(session: Session, asked: Collection[str]) -> Counter[str]:
    """By how much the stamps of areas have grown."""
    return Counter(code for part in parts(session) for code in part.stamped.intersection(asked))
