"""Knows how the tasks of this month ended, each reason apart with the list that it opens."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.roles import FOR_UNIT
from tracker.clock import in_city
from tracker.counters.measures import ENDINGS
from tracker.counters.queries import Counts, Days, flows
from tracker.counters.watching import grids_of, watched
from tracker.progress.totals import elsewhere
from tracker.tasks import filters
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task
from tracker.tasks.queries import visible
from tracker.tasks.states import CLOSING_LABELS, RECTIFIED, Closing


@dataclass(frozen=True)
class Ending:
    """How many tasks ended in one way, and the list of them."""

    label: str
    count: int
    args: dict[str, list[str]]
    #: counts as rectified
    is_rectified: bool


def endings(session: Session, actor: Actor, *, at: datetime) -> tuple[Ending, ...]:
    """Visible tasks that ended in the month of `at`, every way in its order."""
    month = TaskFilter(ended_since=in_city(at).date().replace(day=1))
    counted = _counted(session, actor, month, at)
    return tuple(
        Ending(
            CLOSING_LABELS[closing], counted.get(closing.value, 0),
            {"closing": [closing.value], **month.to_args()}, closing in RECTIFIED,
        )
        for closing in Closing
    )  # fmt: skip


def _counted(session: Session, actor: Actor, month: TaskFilter, at: datetime) -> dict[str, int]:
    """By way of ending: from the counters for who sees tasks by area, else in one query."""
    own = watched(session, actor)
    if own and not grids_of(own) and not actor.units_as(FOR_UNIT):
        today = in_city(at).date()
        days = Days(month.ended_since or today, today)
        found = Counts()
        for counts in flows(session, own, ENDINGS.values(), days).values():
            found.add(counts)
        wanted = {one.value: replace(month, closings=(one,)) for one in Closing}
        more = elsewhere(session, actor, own, wanted, at)
        return {way: found[measure] + more.get(way, 0) for way, measure in ENDINGS.items()}
    query: Any = (
        select(Task.closing, func.count(Task.id))
        .where(visible(actor), Task.closing.in_([closing.value for closing in Closing]))
        .group_by(Task.closing)
    )
    narrowed = filters.apply(query, month, at, user_id=actor.user_id)
    return {closing: count for closing, count in session.execute(narrowed)}  # noqa: C416
