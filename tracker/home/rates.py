"""Knows the leader's figures: thirty days, compared with the thirty days before on equal terms.

The window before is counted as it stood when it ended: a task of that window that was closed
later does not flatter it. Rates leave out what never became a case, and have no value (a dash)
when nothing can be divided (整改率 = 已整改 ÷ 发现问题, 按期率 = 按期处置 ÷ 应处置). A task that was
closed by a notice (告知性结案) was found and not rectified; it is neither in time nor late.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import CITY_ZONE, in_city
from tracker.home.queries import how_many
from tracker.tasks.models import Task
from tracker.tasks.queries import overdue, rectified, visible
from tracker.tasks.states import VOID, Closing, State

#: Length of the window in days, the present day included.
DAYS = 30


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
    """The window that ends at `at` and the one before it; one query, visible tasks only."""
    start = datetime.combine(first_day(at), time(), CITY_ZONE)
    before = start - timedelta(days=DAYS)
    columns = [*_columns(start, at, is_now=True), *_columns(before, start, is_now=False)]
    line: list[Any] = list(session.execute(select(*columns).where(visible(actor))).one())
    return Window(*line[:6]), Window(*line[6:])


def _columns(start: datetime, end: datetime, *, is_now: bool) -> list[ColumnElement[int]]:
    """The six figures of a window, in the order of `Window`."""
    found = and_(Task.reported_at >= start, Task.reported_at < end)
    case_ = and_(found, Task.state.not_in(sorted(VOID)))
    mended = and_(case_, rectified(), Task.closed_at < end)
    due = and_(
        Task.due_at >= start, Task.due_at < end,
        Task.state.not_in(sorted(VOID | {State.SUSPENDED})),
        or_(Task.closing.is_(None), Task.closing != Closing.BY_NOTICE.value),
    )  # fmt: skip
    on_time = and_(due, Task.submitted_at <= Task.due_at, ~Task.was_overdue)
    late = overdue(end) if is_now else _was_late(end)
    return [how_many(clause) for clause in (found, mended, case_, due, on_time, late)]


def _was_late(then: datetime) -> ColumnElement[bool]:
    """Overdue at `then`, as far as the dates of a task still tell."""
    return and_(
        Task.dispatched_at < then,
        Task.due_at < then,
        or_(Task.submitted_at.is_(None), Task.submitted_at > then),
        or_(Task.closed_at.is_(None), Task.closed_at > then),
        Task.state.not_in(sorted(VOID | {State.SUSPENDED})),
    )
