"""Tells what changed in areas since a meeting: from the end of its day to the present moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import CITY_ZONE, in_city
from tracker.counters.measures import Measure
from tracker.counters.queries import Days
from tracker.places.models import Area, Level
from tracker.progress.figures import Asked, Figures, of_areas
from tracker.tasks import filters
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task
from tracker.tasks.queries import COLUMN_OF
from tracker.tasks.states import RUNNING


@dataclass(frozen=True)
class Since:
    """One area: how it stood at the end of the meeting's day, how it stands, what came between."""

    area: Area
    then: Figures
    now: Figures
    #: overdue now, by a deadline that lay after that day
    newly_overdue: int

    @property
    def found(self) -> int:
        return self.now[Measure.FOUND]

    @property
    def ended(self) -> int:
        return self.now[Measure.ENDED]

    @property
    def reworked(self) -> int:
        return self.now[Measure.REWORK]


def since(
    session: Session,
    actor: Actor,
    areas: Sequence[Area],
    day: date,
    at: datetime,
    wanted: TaskFilter = TaskFilter(),  # noqa: B008 - it is frozen
) -> list[Since]:
    """What changed in each area after `day`, a day before today; in the order of the areas.

    Raises Invalid for a filter that no past day is counted by.
    """
    between = Days(day + timedelta(days=1), in_city(at).date())
    then: dict[str, Figures] = {}
    now: dict[str, Figures] = {}
    late: dict[str, int] = {}
    asked = filters.clauses(wanted, at)
    for level in sorted({Level(area.level) for area in areas}):
        codes = [area.code for area in areas if area.level == level]
        then |= of_areas(session, actor, codes, level, Asked(wanted, between, at, on=day))
        now |= of_areas(session, actor, codes, level, Asked(wanted, between, at))
        late |= _newly_late(session, COLUMN_OF[level], codes, day, at, asked)
    return [Since(area, then[area.code], now[area.code], late.get(area.code, 0)) for area in areas]


def _newly_late(
    session: Session,
    column: Any,
    codes: Sequence[str],
    after: date,
    now: datetime,
    clauses: Sequence[ColumnElement[bool]],
) -> dict[str, int]:
    """Tasks overdue now whose deadline lay after a day, by a column of Task that holds areas."""
    found = session.execute(
        select(column, func.count())
        .where(
            column.in_(sorted(codes)), Task.state.in_(sorted(RUNNING)), Task.due_at < now,
            Task.due_at >= datetime.combine(after + timedelta(days=1), time(), CITY_ZONE), *clauses,
        )
        .group_by(column)
    )  # fmt: skip
    return {code: n for code, n in found}  # noqa: C416 - a row is no pair to dict()
