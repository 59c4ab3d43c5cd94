"""Knows who has the open tasks now: the office, the units, those who check, and where they lie.

A district's units have counters; in a smaller area, or of one unit, the open tasks are few and
are counted by an index.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.counters import kind_days
from tracker.counters import queries as counters
from tracker.counters.kinds import Kinds
from tracker.counters.measures import Measure
from tracker.counters.models import holding_code
from tracker.counters.queries import Counts, Days
from tracker.maps.queries import area_names, unit_names
from tracker.places.models import Area, Level, Organization
from tracker.progress.board_figures import Part
from tracker.progress.board_scope import Scope
from tracker.progress.figures import Asked, Figures, of_areas
from tracker.progress.opening import OPEN_TASKS
from tracker.progress.scope import kinds_of
from tracker.progress.trend import Trend
from tracker.tasks.indexes import RUNNING_TASKS
from tracker.tasks.models import Task
from tracker.tasks.queries import overdue, visible
from tracker.tasks.states import OPEN, RUNNING, State

Args = dict[str, list[str]] | None
#: Units named on a board; the others are one line.
NAMED = 12


@dataclass(frozen=True)
class Holder:
    """What one unit has in hand."""

    name: str
    dispatched: int
    handling: int
    overdue: int
    #: sent back to it by a check in the period; None when that is not counted here
    reworks: int | None
    #: arguments of the lists: of a state by its name, and `overdue`
    args: Mapping[str, Args]

    @property
    def held(self) -> int:
        return self.dispatched + self.handling


@dataclass(frozen=True)
class Holders:
    """Units with open tasks, the most overdue first, and what the units not named have."""

    units: tuple[Holder, ...]
    others: int
    others_held: int
    others_overdue: int


def holders(session: Session, scope: Scope, trend: Trend, days: Days, at: datetime) -> Holders:
    """Who has the open tasks of an area. At most four queries."""
    area = scope.area
    assert area is not None, "a unit's board does not ask who has its tasks"
    reworks: Mapping[int, int] | None = None
    kinds = kinds_of(session, scope.wanted) if area.level == Level.DISTRICT else None
    if kinds is None:
        clauses = [*scope.clauses, Task.unit_id.is_not(None)]
        stocks = _open(session, scope.actor, Task.unit_id, clauses, at)
        names = unit_names(session, set(stocks))
    elif kinds.is_empty:
        names = dict(iter(session.execute(select(Organization.id, Organization.name))))
        stocks, reworks = _counted(session, area.code, names, trend, days)
    else:
        stocks = _narrowed(session, scope, kinds, at)
        names = unit_names(session, set(stocks))
        reworks = kind_days.by_unit(session, area.code, kinds, names, Measure.REWORK, days)
    held = {
        unit: counts for unit, counts in stocks.items() if any(counts[state] for state in RUNNING)
    }
    ranked = sorted(held, key=lambda unit: (-held[unit][Measure.OVERDUE], -_held(held[unit]), unit))
    units = [
        _holder(scope, days, unit, names[unit], held[unit], reworks) for unit in ranked[:NAMED]
    ]
    rest = [held[unit] for unit in ranked[NAMED:]]
    return Holders(
        tuple(units), len(rest), sum(map(_held, rest)),
        sum(counts[Measure.OVERDUE] for counts in rest),
    )  # fmt: skip


def _counted(
    session: Session, district: str, units: Iterable[int], trend: Trend, days: Days
) -> tuple[dict[int, Counts], dict[int, int]]:
    """Where the tasks of each unit in a district stand now, and the reworks of a period."""
    codes = {holding_code(district, unit): unit for unit in units}
    stocks = counters.stocks(session, codes, on=trend.today)
    for code, counts in stocks.items():
        counts[Measure.OVERDUE.value] -= trend.due_later.get(codes[code], 0)
    found = counters.flows(session, codes, [Measure.REWORK], days)
    return (
        {codes[code]: counts for code, counts in stocks.items()},
        {codes[code]: counts[Measure.REWORK] for code, counts in found.items()},
    )


def _narrowed(session: Session, scope: Scope, kinds: Kinds, at: datetime) -> dict[int, Counts]:
    """Where the tasks of each unit in a district stand now, under a filter that the counters know."""
    assert scope.area is not None, "a district"
    stocks = kind_days.open_by_unit(session, scope.area.code, kinds)
    # grouped, the database would go through an index of units and read the rows
    later = select(Task.unit_id).where(RUNNING_TASKS, Task.due_at >= at, *scope.clauses)
    for unit in session.scalars(later):
        if unit is not None:  # whoever is running has one
            stocks[unit][Measure.OVERDUE.value] -= 1
    return stocks


def _held(counts: Counts) -> int:
    return sum(counts[state] for state in RUNNING)


def _holder(
    scope: Scope,
    days: Days,
    unit: int,
    name: str,
    counts: Counts,
    reworks: Mapping[int, int] | None,
) -> Holder:
    measures = (State.DISPATCHED.value, State.HANDLING.value, Measure.OVERDUE.value)
    return Holder(
        name, counts[State.DISPATCHED], counts[State.HANDLING], counts[Measure.OVERDUE],
        None if reworks is None else reworks.get(unit, 0),
        {measure: scope.opens(measure, days, unit_id=unit) for measure in measures},
    )  # fmt: skip


def _open(
    session: Session,
    actor: Actor,
    column: Any,
    clauses: Iterable[ColumnElement[bool]],
    at: datetime,
) -> dict[Any, Counts]:
    """Open visible tasks by a column: how many in each state, and overdue. One query."""
    late = func.sum(case((overdue(at), 1), else_=0))
    rows = session.execute(
        select(column, Task.state, func.count(), late)
        .where(visible(actor), Task.state.in_(sorted(OPEN)), *clauses)
        .group_by(column, Task.state)
    )
    found: dict[Any, Counts] = {}
    for value, state, n, overdue_now in rows:
        counts = found.setdefault(value, Counts())
        counts[state] += n
        counts[Measure.OVERDUE.value] += int(overdue_now)
    return found


#: What a place shows: as it stands, and of a period.
_STANDING = (OPEN_TASKS, Measure.OVERDUE)
_HAPPENED = (Measure.FOUND, Measure.RECTIFIED, Measure.VALID, Measure.ON_TIME, Measure.DUE)


@dataclass(frozen=True)
class Place:
    """How an area stands in a table of several."""

    code: str
    name: str
    open: int
    overdue: int
    rectified_rate: float | None
    on_time_rate: float | None
    #: by measure its number and the list behind; of what happened only where it is counted
    numbers: Mapping[str, Part]
    #: a board of its own can be opened
    has_board: bool


def below(
    session: Session, scope: Scope, areas: Sequence[Area], days: Days, asked: Asked
) -> list[Place]:
    """The areas below one, the most overdue first; grids by their open tasks alone."""
    if not areas:
        return []
    level = Level(areas[0].level)
    codes = [area.code for area in areas]
    if level is Level.GRID:
        found = _open(session, scope.actor, Task.grid_code, scope.clauses, asked.at)
        places = [
            _place(scope, area, found.get(area.code, Counts()), days, _STANDING) for area in areas
        ]
    else:
        figures = of_areas(session, scope.actor, codes, level, asked)
        places = [
            _place(scope, area, figures[area.code].counts, days, (*_STANDING, *_HAPPENED))
            for area in areas
        ]
    return sorted(places, key=lambda one: (-one.overdue, -one.open, one.code))


def lying(session: Session, scope: Scope, days: Days, at: datetime) -> list[Place]:
    """Where the open tasks of a unit lie, by community, the most overdue first. Two queries."""
    found = _open(session, scope.actor, Task.community_code, scope.clauses, at)
    names = area_names(session, [code for code in found if code])
    places = [
        _place(
            scope, Area(code=code, name=names.get(code, code), level=Level.COMMUNITY), counts, days,
            _STANDING,
        )
        for code, counts in found.items()
        if code
    ]  # fmt: skip
    return sorted(places, key=lambda one: (-one.overdue, -one.open, one.code))


def _place(
    scope: Scope, area: Area, counts: Mapping[str, int], days: Days, measures: Sequence[str]
) -> Place:
    figures = Figures(counts)
    numbers = {
        str(measure): Part(
            figures.open if measure == OPEN_TASKS else figures[measure],
            scope.opens(measure, days, area=area.code),
        )
        for measure in measures
    }
    return Place(
        area.code, area.name, figures.open, figures.overdue, figures.rectified_rate,
        figures.on_time_rate, numbers, has_board=scope.area is not None,
    )  # fmt: skip
