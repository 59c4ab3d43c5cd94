"""Knows how the tasks of this month ended, each reason apart with the list that it opens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import in_city
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
    """Visible tasks that ended in the month of `at`, every way in its order; one query."""
    month = TaskFilter(ended_since=in_city(at).date().replace(day=1))
    query: Any = (
        select(Task.closing, func.count(Task.id))
        .where(visible(actor), Task.closing.in_([closing.value for closing in Closing]))
        .group_by(Task.closing)
    )
    narrowed = filters.apply(query, month, at, user_id=actor.user_id)
    counted: dict[str, int] = {closing: count for closing, count in session.execute(narrowed)}  # noqa: C416
    return tuple(
        Ending(
            CLOSING_LABELS[closing], counted.get(closing.value, 0),
            {"closing": [closing.value], **month.to_args()}, closing in RECTIFIED,
        )
        for closing in Closing
    )  # fmt: skip
