"""Knows what is to be added to the counters: changes by where a task stands, spread over the rows that count it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import Any, NamedTuple

from gis.cells import coarser
from tracker.counters.measures import NARROWED, STATES, STOCKS, Contribution
from tracker.counters.models import (
    DAYS,
    EVERYWHERE,
    KIND_STOCKS,
    holding_code,
    of_major,
    of_source,
)
from tracker.tasks.standing import Standing

#: Tiles of these zooms are cells with a counter; 32 x 32 of them fill a tile five zooms above.
CELL_LEVELS = range(13, 20)
_STATE_AT = {state.value: n for n, state in enumerate(STATES)}
_STOCK_AT = {measure: n for n, measure in enumerate(STOCKS)}
_KIND_STOCK_AT = {measure: n for n, measure in enumerate(KIND_STOCKS)}

#: A key of a counter, and its figures.
Rows = dict[tuple[Any, ...], list[int]]


class Where(NamedTuple):
    """By what a task is counted, besides what happened to it."""

    district: str | None
    town: str | None
    community: str | None
    unit: int | None
    category: int | None
    source: str

    @property
    def areas(self) -> list[str]:
        """The areas that count it: its community, town and district, the whole, and its unit's."""
        held = holding_code(self.district or EVERYWHERE, self.unit) if self.unit else None
        codes = (self.community, self.town, self.district, held)
        return [EVERYWHERE, *dict.fromkeys(code for code in codes if code)]

    @property
    def place(self) -> str:
        """The smallest area that has counters."""
        return self.community or self.town or self.district or EVERYWHERE

    def kinds(self, majors: Mapping[int, str]) -> list[str]:
        """The broad kinds that it is counted under in each area: its major category, its source."""
        major = majors.get(self.category or 0)
        return [of_source(self.source)] + ([of_major(major)] if major else [])


def where(task: Standing) -> Where:
    """Where a task stands."""
    return Where(
        task.district_code, task.town_code, task.community_code, task.unit_id, task.category_id,
        task.source,
    )  # fmt: skip


@dataclass
class Deltas:
    """What is to be added to the counters, before it is spread over their rows."""

    figures: Counter[tuple[Where, str, date]] = field(default_factory=Counter)
    #: by cell and state
    cells: Counter[tuple[Where, int, str]] = field(default_factory=Counter)
    #: where anything changed, or may be shown otherwise
    touched: set[Where] = field(default_factory=set)

    def take(self, task: Standing, found: Contribution, sign: int) -> None:
        """Add what a task contributes (sign 1) or take it away (sign -1)."""
        here = where(task)
        for (measure, day), n in found.items():
            if n:
                self.figures[here, measure, day] += sign * n
        self.touched.add(here)

    def take_cell(self, task: Standing, sign: int) -> None:
        """Add or take away a task in the pyramid of cells."""
        if task.cell is not None:
            self.cells[where(task), task.cell, task.state] += sign

    def join(self, other: "Deltas") -> None:
        """Add what another transaction changed."""
        self.figures.update(other.figures)
        self.cells.update(other.cells)
        self.touched |= other.touched

    def subtract(self, other: "Deltas") -> None:
        """Take away what another transaction changed."""
        self.figures.subtract(other.figures)
        self.cells.subtract(other.cells)
        self.touched |= other.touched

    @property
    def areas(self) -> set[str]:
        """The areas that show any of it."""
        return {code for here in self.touched for code in here.areas}

    def clear(self) -> None:
        """Begin anew, after a part of a recount was written."""
        for part in (self.figures, self.cells, self.touched):
            part.clear()


class Spread:
    """The rows of each counter that some deltas change, those that change nothing left out."""

    def __init__(self, deltas: Deltas, majors: Mapping[int, str]) -> None:
        self._majors = majors
        self._codes: dict[Where, tuple[list[str], list[str]]] = {}
        self._months: Rows = defaultdict(lambda: [0] * len(DAYS))
        self._totals: Rows = defaultdict(lambda: [0] * len(STOCKS))
        self._kinds: Counter[tuple[Any, ...]] = Counter()
        self._kind_totals: Rows = defaultdict(lambda: [0] * len(KIND_STOCKS))
        self._cells: Rows = defaultdict(lambda: [0] * len(STATES))
        for (here, measure, day), n in deltas.figures.items():
            if n:
                self._figure(here, measure, day, n)
        for (here, cell, state), n in deltas.cells.items():
            if n:
                self._cell(here, cell, state, n)

    @property
    def months(self) -> list[tuple[Any, ...]]:
        """Rows of AreaMonth, the days summed up."""
        return [(*key, *accumulate(days)) for key, days in _changed(self._months)]

    @property
    def totals(self) -> list[tuple[Any, ...]]:
        """Rows of AreaTotal."""
        return [(*key, *figures) for key, figures in _changed(self._totals)]

    @property
    def kinds(self) -> list[tuple[Any, ...]]:
        """Rows of KindCount."""
        return [(*key, n) for key, n in sorted(self._kinds.items(), reverse=True) if n]

    @property
    def kind_totals(self) -> list[tuple[Any, ...]]:
        """Rows of KindTotal."""
        return [(*key, *figures) for key, figures in _changed(self._kind_totals)]

    @property
    def cells(self) -> list[tuple[Any, ...]]:
        """Rows of CellCount."""
        return [(*key, *figures) for key, figures in _changed(self._cells)]

    def _figure(self, here: Where, measure: str, day: date, n: int) -> None:
        areas, narrowed = self._codes_of(here)
        is_narrowed = measure in NARROWED
        month = day.year * 100 + day.month
        for code in (*areas, *narrowed) if is_narrowed else areas:
            self._months[code, month, measure][day.day - 1] += n
        at = _STOCK_AT.get(measure)
        if at is not None:
            for code in (*areas, *narrowed):
                self._totals[code,][at] += n
        if not is_narrowed:
            return
        category, place, unit = here.category or 0, here.place, here.unit or 0
        self._kinds[category, measure, day, place, unit, here.source] += n
        at = _KIND_STOCK_AT.get(measure)
        if at is not None:
            self._kind_totals[category, place, unit, here.source][at] += n

    def _cell(self, here: Where, cell: int, state: str, n: int) -> None:
        at, place = _STATE_AT[state], here.place
        kinds = ("", *here.kinds(self._majors))
        for level in CELL_LEVELS:
            key = coarser(cell, level)
            for kind in kinds:
                self._cells[level, kind, key, place][at] += n

    def _codes_of(self, here: Where) -> tuple[list[str], list[str]]:
        """The areas that count it, and these areas by kind."""
        found = self._codes.get(here)
        if found is None:
            kinds = here.kinds(self._majors)
            areas = dict.fromkeys((here.community, here.town, here.district))
            narrowed = [code + kind for code in areas if code for kind in kinds]
            found = self._codes[here] = (here.areas, narrowed)
        return found


def _changed(rows: Rows) -> Iterable[tuple[tuple[Any, ...], list[int]]]:
    """In one order of their keys, so that two writers never wait for each other crosswise.

    It is from the last to the first: "" is the whole, a district's code begins those within it. What
    everybody counts in is locked last, and therefore shortest.
    """
    return ((key, rows[key]) for key in sorted(rows, reverse=True) if any(rows[key]))
