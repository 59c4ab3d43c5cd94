"""Knows the facts of a leader's board: figures of two windows, how communities stand, how tasks ended."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.home import queries, rates
from tracker.home.endings import Ending, endings
from tracker.tasks.filters import Due, TaskFilter
from tracker.tasks.states import OPEN, RECTIFIED, State


@dataclass(frozen=True)
class Board:
    """The leader's figures, this window and the one before, and how communities stand."""

    now: rates.Window
    before: rates.Window
    communities: tuple[queries.CommunityRow, ...]
    endings: tuple[Ending, ...]
    reported_args: dict[str, list[str]]
    rectified_args: dict[str, list[str]]
    overdue_args: dict[str, list[str]]
    open_args: dict[str, list[str]]


def board_of(session: Session, actor: Actor, *, at: datetime, limit: int) -> Board:
    """The board of what the actor may see, with `limit` communities."""
    now, before = rates.windows(session, actor, at=at)
    since = TaskFilter(since=rates.first_day(at))
    return Board(
        now, before, tuple(queries.communities(session, actor, at=at, limit=limit)),
        endings(session, actor, at=at),
        since.to_args(), replace(since, closings=RECTIFIED).to_args(),
        TaskFilter(due=Due.OVERDUE).to_args(),
        TaskFilter(states=tuple(state for state in State if state in OPEN)).to_args(),
    )  # fmt: skip
