"""Keeps the counters: hears of every event, and writes what it changed just before the commit.

Between the event and the commit a batch may take its event back (a rejected row of an import), so
deltas wait beside their event and are written once for the whole transaction, in the order of
their keys: two writers then never wait for each other crosswise.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any

from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from gis.cells import coarser
from tracker.clock import in_city
from tracker.counters.measures import STOCKS, Contribution, cell_share, dated, of_step, stocks
from tracker.counters.models import EVERYWHERE, holding_code
from tracker.counters.tables import AREA_STAMPS, TABLES, Tables
from tracker.counters.upserts import add
from tracker.tasks import listeners
from tracker.tasks.models import TaskEvent
from tracker.tasks.standing import Standing

#: Tiles of these zooms are cells with a counter; 32 x 32 of them fill a tile five zooms above.
CELL_LEVELS = range(13, 20)

_WAITING = "tracker_counters_waiting"
_STOCKS = frozenset(STOCKS)

_Kind = tuple[str, int, int, str]
_KEYS = attrgetter(
    "district_code", "town_code", "community_code", "grid_code", "unit_id", "category_id", "source"
)


@dataclass
class Deltas:
    """What is to be added to the counters, by key."""

    areas: Counter[tuple[str, str, date]] = field(default_factory=Counter)
    kinds: Counter[tuple[str, date, str, int, int, str]] = field(default_factory=Counter)
    cells: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    #: areas of which anything changed, or may be shown otherwise
    touched: set[str] = field(default_factory=set)

    def take(self, task: Standing, found: Contribution, sign: int) -> None:
        """Add what a task contributes (sign 1) or take it away (sign -1)."""
        areas, kind = areas_of(task), _kind_of(task)
        for (measure, day), n in found.items():
            if n:
                for code in areas:
                    self.areas[code, measure, day] += sign * n
                self.kinds[measure, day, *kind] += sign * n
        self.touched.update(areas)

    def clear(self) -> None:
        """Begin anew, after a part of a recount was written."""
        for part in (self.areas, self.kinds, self.cells, self.touched):
            part.clear()

    def take_cell(self, task: Standing, sign: int) -> None:
        """Add or take away a task in the pyramid of cells."""
        if task.cell is None:
            return
        valid, is_open = cell_share(task)
        for level in CELL_LEVELS:
            share = self.cells.setdefault((level, coarser(task.cell, level)), [0, 0])
            share[0] += sign * valid
            share[1] += sign * is_open


def areas_of(task: Standing) -> list[str]:
    """The areas that count a task: its community, town and district, the whole, and its unit's."""
    held = holding_code(task.district_code or EVERYWHERE, task.unit_id) if task.unit_id else None
    codes = (task.community_code, task.town_code, task.district_code, held)
    return [EVERYWHERE, *dict.fromkeys(code for code in codes if code)]


def _kind_of(task: Standing) -> _Kind:
    place = task.grid_code or task.community_code or task.town_code or task.district_code
    return place or EVERYWHERE, task.unit_id or 0, task.category_id or 0, task.source


def _counts_alike(before: Standing, after: Standing) -> bool:
    """Whether both are counted under the same keys, so that what did not change cancels out."""
    return _KEYS(before) == _KEYS(after)


def history(deltas: Deltas, before: Standing | None, after: Standing, event: Any) -> None:
    """Add what an event changed in the stocks and counted by itself.

    A step counts where the task stood before: a return is that of the unit that had it.
    """
    day = in_city(event.at).date()
    came, step = stocks(after, day), of_step(event.action, event.payload, day)
    if before is not None and _counts_alike(before, after):
        came.update(step)
        came.subtract(stocks(before, day))
    else:
        if before is not None:
            deltas.take(before, stocks(before, day), -1)
        deltas.take(before or after, step, 1)
    deltas.take(after, came, 1)


def row(deltas: Deltas, before: Standing | None, after: Standing) -> None:
    """Add what a changed row means for the figures of its own days and for the cells."""
    if before is not None:
        deltas.take(before, dated(before), -1)
        deltas.take_cell(before, -1)
    deltas.take(after, dated(after), 1)
    deltas.take_cell(after, 1)


def write(session: Session, deltas: Deltas, tables: Tables = TABLES) -> None:
    """Add the deltas to the tables, keys in order."""
    areas = [(key, n) for key, n in sorted(deltas.areas.items()) if n]
    totals: Counter[tuple[str, str]] = Counter()
    for (code, measure, _day), n in areas:
        if measure in _STOCKS:
            totals[code, measure] += n
    for table, columns, counted in (
        (tables.areas, ("area_code", "measure", "day", "n"), ((*key, n) for key, n in areas)),
        (
            tables.totals,
            ("area_code", "measure", "n"),
            ((*key, n) for key, n in totals.items() if n),
        ),
        (
            tables.kinds,
            ("measure", "day", "place_code", "unit_id", "category_id", "source", "n"),
            ((*key, n) for key, n in sorted(deltas.kinds.items()) if n),
        ),
        (
            tables.cells,
            ("level", "cell", "valid", "open"),
            ((*key, *share) for key, share in sorted(deltas.cells.items()) if any(share)),
        ),
    ):
        add(session, table, columns, list(counted))


def stamp(session: Session, codes: Iterable[str]) -> None:
    """Let everything that shows these areas know that it is old."""
    add(session, AREA_STAMPS, ("area_code", "value"), [(code, 1) for code in sorted(codes)])


def _remember(session: Session, event: TaskEvent, before: Standing | None, after: Standing) -> None:
    session.info.setdefault(_WAITING, []).append((event, before, after))


def _before_commit(session: Session) -> None:
    waiting: Iterable[Any] = session.info.pop(_WAITING, ())
    deltas = Deltas()
    # how each task stood before its first event and after its last: between them a row cancels out
    ends: dict[int, tuple[Standing | None, Standing]] = {}
    for event, before, after in waiting:
        # what a batch took back never got the key of a task
        if event.task_id is not None:
            history(deltas, before, after, event)
            ends[event.task_id] = (ends.get(event.task_id, (before,))[0], after)
    for before, after in ends.values():
        row(deltas, before, after)
    write(session, deltas)
    stamp(session, deltas.touched)


def _forget(session: Session, *_args: object) -> None:
    session.info.pop(_WAITING, None)


def install() -> None:
    """Let the counters hear of every event; said twice, it is done once."""
    listeners.watch(_remember)
    for name, listener in (("before_commit", _before_commit), ("after_rollback", _forget)):
        if not sqlalchemy_event.contains(Session, name, listener):
            sqlalchemy_event.listen(Session, name, listener)
