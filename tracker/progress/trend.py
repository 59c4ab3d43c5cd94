"""Knows how an area or a unit came to where it stands: what happened by day, and the stocks behind.

One query reads the days of the counters; a past stock is what stands now less what came later. A
grid has no counters: its few tasks are counted one by one, and its past stocks are not known. No
more are those of an action, whose tasks are known by their points as these are now.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.orm import Session

from tracker.clock import in_city
from tracker.counters import kind_days
from tracker.counters.measures import (
    OPEN_STOCKS,
    STEP_REASONS,
    STEPS,
    Measure,
    dated,
    of_step,
)
from tracker.counters.queries import Counts, Days, due_later_today
from tracker.places.models import Level
from tracker.progress import direct
from tracker.progress.board_scope import Scope
from tracker.progress.figures import FLOWS
from tracker.progress.scope import kinds_of
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.queries import COLUMN_OF, STANDING, overdue, visible
from tracker.tasks.standing import standing_of
from tracker.tasks.states import OPEN, Action

_REASONS = tuple(one for said in STEP_REASONS.values() for one in said.values())
MEASURES = (*FLOWS, *OPEN_STOCKS, Measure.OVERDUE, *_REASONS)


@dataclass(frozen=True)
class Trend:
    """What stands now, and what happened each day from `first` to `today`."""

    first: date
    today: date
    #: stocks at this moment
    now: Counts
    #: by measure and day; of a stock by how much it changed
    happened: Mapping[str, Counter[date]]
    #: stocks at the end of today; None when their past is not known
    evening: Counts | None = None
    #: what of the evening's overdue is not overdue yet, by unit
    due_later: Mapping[Any, int] = field(default_factory=dict)
    #: why tasks were sent back is known; no counter has it under a filter
    has_reasons: bool = True
    #: stocks of past days by what was asked for, walked back once
    _past: dict[Sequence[str], dict[date, int]] = field(default_factory=dict)

    def sum(self, measure: str, days: Days) -> int:
        """How often it happened in some days."""
        return sum(self.per_day(measure, days))

    def per_day(self, measure: str, days: Days) -> list[int]:
        """How often it happened on each of the days."""
        found = self._of(measure)
        return [found[day] for day in each(days)]

    def open_at(self, day: date) -> int | None:
        """未办结 at the end of a day, today at this moment."""
        return self._stock(OPEN_STOCKS, day)

    def overdue_at(self, day: date) -> int | None:
        """超期 at the end of a day, today at this moment."""
        return self._stock((Measure.OVERDUE.value,), day)

    def _of(self, measure: str) -> Counter[date]:
        return self.happened.get(str(measure), Counter())

    def _stock(self, measures: Sequence[str], day: date) -> int | None:
        if day >= self.today:
            return sum(self.now[measure] for measure in measures)
        if measures not in self._past:
            self._past[measures] = dict(self._walked_back(measures))
        return self._past[measures].get(day)

    def _walked_back(self, measures: Sequence[str]) -> Iterator[tuple[date, int]]:
        if self.evening is None:
            return
        left = sum(self.evening[measure] for measure in measures)
        for day in reversed(each(Days(self.first, self.today))):
            yield day, left
            left -= sum(self._of(measure)[day] for measure in measures)
        yield self.first - timedelta(days=1), left


def each(days: Days) -> list[date]:
    """The days of a span, in their order."""
    return [days.first + timedelta(days=n) for n in range((days.last - days.first).days + 1)]


def trend(session: Session, scope: Scope, first: date, at: datetime) -> Trend:
    """From the counters; for a grid or an action from its tasks. At most four queries."""
    days = Days(first, in_city(at).date())
    if not scope.codes:
        return _from_tasks(session, scope, days, at)
    codes, wanted = scope.counted
    kinds = kinds_of(session, wanted)
    if kinds is None:
        now, told = direct.by_day(session, _found_by_points(scope), days, at)
        return Trend(days.first, days.last, now, told)
    evening = kind_days.stood(session, codes, kinds, days.last)
    happened = kind_days.daily(session, codes, kinds, MEASURES, days)
    due = due_later_today(session, Task.unit_id, at, scope.clauses)
    now = Counts(evening)
    now[Measure.OVERDUE.value] -= sum(due.values())
    return Trend(
        days.first, days.last, now, happened, evening, due, has_reasons=scope.wanted.is_empty
    )


def _found_by_points(scope: Scope) -> list[ColumnElement[bool]]:
    """Tasks found by their points or their days: never by an index on areas, which holds all there ever were."""
    if scope.area is None:
        return [visible(scope.actor), *scope.clauses]
    column = COLUMN_OF[Level(scope.area.level)].concat(literal_column("''"))
    return [visible(scope.actor), column == scope.area.code, *scope.narrowing]


def _from_tasks(session: Session, scope: Scope, days: Days, at: datetime) -> Trend:
    now, happened = Counts(), defaultdict[str, Counter[date]](Counter)
    seen = [visible(scope.actor), *scope.clauses]
    for row in session.execute(select(*STANDING, overdue(at).label("late")).where(*seen)):
        if row.state in OPEN:
            now[row.state] += 1
        now[Measure.OVERDUE.value] += bool(row.late)
        for (measure, day), n in dated(standing_of(row)).items():
            happened[measure][day] += n
    steps = select(TaskEvent.action, TaskEvent.at, TaskEvent.payload).join(Task).where(
        *seen, TaskEvent.action.in_([*sorted(STEPS), Action.UNDO.value])
    )  # fmt: skip
    for action, moment, payload in session.execute(steps):
        for (measure, day), n in of_step(action, payload, in_city(moment).date()).items():
            happened[measure][day] += n
    return Trend(days.first, days.last, now, happened)
