"""Knows the leader's figures: thirty days, compared with the thirty days before on equal terms.

The window before is counted as it stood when it ended: a task of that window that was closed
later does not flatter it. Rates leave out what never became a case, and have no value (a dash)
when nothing can be divided (整改率 = 已整改 ÷ 发现问题, 按期率 = 按期处置 ÷ 应处置). A task that was
closed by a notice (告知性结案) was found and not rectified; it is neither in time nor late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import CITY_ZONE, in_city
from tracker.counters.measures import Measure
from tracker.counters.queries import Counts, Days, due_later_today, flows, stocks
from tracker.counters.watching import grids_of, watched
from tracker.places.models import Level
from tracker.progress.figures import Asked, of_areas
from tracker.progress.past_tasks import overdue_on
from tracker.storage.db import db
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task
from tracker.tasks.queries import in_areas, rectified

#: Length of the window in days, the present day included.
DAYS = 30
#: The figures of `Window` in its order, without the last.
_MEASURES = (Measure.FOUND, Measure.RECTIFIED, Measure.VALID, Measure.DUE, Measure.ON_TIME)


@dataclass(frozen=True)
class Window:
    """Figures of one window; `overdue` is the number at its end."""

    #: found, of whatever became of it
    reported: int
    #: of those, passed by a check or settled on the spot
    rectified: int
    #: found, without what never became a case
    valid: int
    #: with a deadline in the window, without shelved, void and noticed ones; and submitted by then
    due: int
    on_time: int
    overdue: int

    @property
    def rectified_rate(self) -> float | None:
        """整改率 in per cent."""
        return 100 * self.rectified / self.valid if self.valid else None

    @property
    def on_time_rate(self) -> float | None:
        """按期率 in per cent."""
        return 100 * self.on_time / self.due if self.due else None


def first_day(at: datetime) -> date:
    """The first day of the window that ends at `at`."""
    return in_city(at).date() - timedelta(days=DAYS - 1)


def windows(session: Session, actor: Actor, *, at: datetime) -> tuple[Window, Window]:
    """The window that ends today and the one before it, of the areas that the actor watches."""
    own = watched(session, actor)
    grids = grids_of(own)
    codes = [code for code in own if code not in grids]
    today, first = in_city(at).date(), first_day(at)
    last = first - timedelta(days=1)
    days, days_before = Days(first, today), Days(first - timedelta(days=DAYS), last)
    now, before = _counted(session, codes, days, today), _counted(session, codes, days_before, last)
    for code in codes:
        within = in_areas(frozenset({code or None}))
        now[Measure.OVERDUE] -= sum(due_later_today(session, Task.state, at, [within]).values())
    if grids:  # they have no counters, and few tasks
        now.add(_of_grids(session, actor, grids, days, at))
        found = _of_grids(session, actor, grids, days_before, at)
        found[Measure.OVERDUE] = overdue_on(session, Level.GRID, grids, last)
        before.add(found)
    before[Measure.RECTIFIED] = _rectified_then(session, own, days_before, before)
    return _window(now), _window(before)


def _of_grids(
    session: Session, actor: Actor, grids: Sequence[str], days: Days, at: datetime
) -> Counts:
    found = Counts()
    for one in of_areas(session, actor, grids, Level.GRID, Asked(TaskFilter(), days, at)).values():
        found.add(one.counts)
    return found


def _window(counts: Counts) -> Window:
    line: list[int] = [counts[measure] for measure in (*_MEASURES, Measure.OVERDUE)]
    return Window(*line)


def _counted(session: Session, codes: Sequence[str], days: Days, end: date) -> Counts:
    """What happened in these days, and what was overdue at the end of the last one."""
    found = Counts()
    for counts in flows(session, codes, (*_MEASURES, Measure.ENDED), days).values():
        found.add(counts)
    for counts in stocks(session, codes, on=end).values():
        found[Measure.OVERDUE] += counts[Measure.OVERDUE]
    return found


#: What a window that is over was found to have rectified: counted from the tasks, so kept for the day.
_kept: dict[tuple[Any, ...], int] = {}


def _rectified_then(session: Session, codes: Sequence[str], days: Days, known: Counts) -> int:
    """Of what was found in a past window, what had been rectified when it ended.

    No counter says this, and it hardly changes any more: it is counted again on another day, and
    when what was found or ended in the window changes.
    """
    facts = tuple(known[measure] for measure in (Measure.FOUND, Measure.VALID, Measure.ENDED))
    key = (str(db.engine.url), tuple(codes), days, facts)
    known_then = _kept.get(key)
    if known_then is None:
        if len(_kept) > 200:
            _kept.clear()
        start, end = (
            datetime.combine(day, time(), CITY_ZONE)
            for day in (days.first, days.last + timedelta(days=1))
        )
        known_then = _kept[key] = (
            session.scalar(
                select(func.count())
                .select_from(Task)
                .where(
                    in_areas(frozenset(code or None for code in codes)), rectified(),
                    Task.reported_at >= start, Task.reported_at < end, Task.closed_at < end,
                )
            )
            or 0
        )  # fmt: skip
    return known_then
