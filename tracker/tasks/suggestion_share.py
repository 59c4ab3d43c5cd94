"""Knows how often the proposed unit was the one a task was dispatched to, month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from tracker import clock
from tracker.access.actor import Actor
from tracker.places.models import Organization
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.queries import visible
from tracker.tasks.states import Action, State

#: Months that a page shows.
MONTHS = 12
#: What a dispatch is, and what takes one back or puts another in its place.
_DISPATCHES = (Action.DISPATCH, Action.REDISPATCH)
_OVERTURNED_BY = (*_DISPATCHES, Action.RETURN)
#: A task that waits again has no dispatch that stands, however it came back.
_WAITING = (State.REPORTED, State.FILED)


@dataclass(frozen=True)
class MonthShare:
    """The standing dispatches of one month."""

    #: its first day
    month: date
    #: with a note of what was proposed
    dispatched: int = 0
    #: of those, with a proposal at all
    proposed: int = 0
    #: of those, to the unit that was proposed
    taken: int = 0

    @property
    def share(self) -> float | None:
        """Per cent of the proposals that were taken."""
        return 100 * self.taken / self.proposed if self.proposed else None


def months(today: date, many: int = MONTHS) -> list[date]:
    """First days of the last months, this one first."""
    found = [today.replace(day=1)]
    while len(found) < many:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def shares(session: Session, actor: Actor, today: date) -> list[MonthShare]:
    """The months, newest first: dispatches that stand of tasks the actor may see.

    A dispatch or redispatch stands while no later one, and no return, followed it, it was not taken
    back, and the task does not wait for a unit again. A month is that of the dispatch by the city's clock. Dispatches from
    before proposals were noted are left out. One query over the dates' index.
    """
    wanted = months(today)
    starts = [_moment(month) for month in wanted]
    ends = [_moment(_next(wanted[0])), *starts[:-1]]
    when = case(
        *(
            (TaskEvent.at.between(start, end - timedelta(microseconds=1)), number)
            for number, (start, end) in enumerate(zip(starts, ends, strict=True))
        )
    )
    proposed = TaskEvent.payload["suggested_unit"].as_integer()
    taken = TaskEvent.payload["suggestion_taken"].as_boolean()
    rows = session.execute(
        select(
            when.label("place"),
            func.count(),
            func.sum(case((proposed.is_not(None), 1), else_=0)),
            func.sum(case((taken.is_(True), 1), else_=0)),
        )
        .join(Task, Task.id == TaskEvent.task_id)
        .where(*_standing(actor, starts[-1], ends[0]))
        .group_by("place")
    )
    found = {place: counts for place, *counts in rows}
    return [MonthShare(month, *found.get(number, ())) for number, month in enumerate(wanted)]


def by_unit(session: Session, actor: Actor, today: date, *, most: int = 20) -> Sequence[Any]:
    """(proposed unit, proposals, taken) over the months shown, most proposals first."""
    wanted = months(today)
    proposed = TaskEvent.payload["suggested_unit"].as_integer()
    taken = TaskEvent.payload["suggestion_taken"].as_boolean()
    return session.execute(
        select(
            Organization.name,
            func.count().label("proposed"),
            func.sum(case((taken.is_(True), 1), else_=0)).label("taken"),
        )
        .select_from(TaskEvent)
        .join(Task, Task.id == TaskEvent.task_id)
        .join(Organization, Organization.id == proposed)
        .where(*_standing(actor, _moment(wanted[-1]), _moment(_next(wanted[0]))))
        .group_by(Organization.id, Organization.name)
        .order_by(func.count().desc(), Organization.id)
        .limit(most)
    ).all()


def _standing(actor: Actor, start: datetime, end: datetime) -> list[Any]:
    later = aliased(TaskEvent)
    overturned = (
        select(later.id)
        .where(
            later.task_id == TaskEvent.task_id,
            later.sequence > TaskEvent.sequence,
            or_(
                later.action.in_(_OVERTURNED_BY),
                # taken back: only the very next event can do that
                and_(later.action == Action.UNDO, later.sequence == TaskEvent.sequence + 1),
            ),
        )
        .exists()
    )
    return [
        TaskEvent.at >= start,
        TaskEvent.at < end,
        or_(*(TaskEvent.action == action for action in _DISPATCHES)),
        # noted at all: the key is there, be it with a null
        TaskEvent.payload["suggestion_reason"].as_string().is_not(None),
        ~overturned,
        Task.state.not_in(_WAITING),
        visible(actor),
    ]


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _moment(day: date) -> datetime:
    """The first moment of a day in the city."""
    return datetime.combine(day, time(), clock.CITY_ZONE)
