"""Tells from the events how the tasks of one community stood at the end of a past day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import CITY_ZONE, in_city
from tracker.counters.kinds import Kinds
from tracker.maps.queries import MAX_ROWS
from tracker.places.models import Level
from tracker.tasks.lifecycle import UNDO_MINUTES
from tracker.tasks.models import RELOCATED, Task, TaskEvent
from tracker.tasks.queries import COLUMN_OF, STANDING, visible
from tracker.tasks.standing import Standing, before_all, moved_on, standing_of
from tracker.tasks.states import OPEN, RUNNING

_TASK = (Task.id, Task.number, Task.title, Task.lon, Task.lat, *STANDING)
_EVENT = (TaskEvent.task_id, TaskEvent.target_state, TaskEvent.at, TaskEvent.payload)
#: Ids of one statement: both databases take as many.
_PORTION = 5_000


@dataclass(frozen=True)
class PastTask:
    """A task as it stood; lon and lat are WGS-84, None when unknown or when it was moved since."""

    number: str
    title: str
    lon: float | None
    lat: float | None
    state: str
    is_overdue: bool


def tasks_on(
    session: Session,
    actor: Actor,
    code: str,
    on: date,
    at: datetime,
    kinds: Kinds = Kinds(),  # noqa: B008 - it is frozen
) -> list[PastTask]:
    """The tasks that a person sees open in a community at the end of a day (now, if it is today).

    `kinds` are those they were of on that day. Every task is replayed from its events up to then, also
    those that lie elsewhere since; a position is the one known now, so that of a task that was moved
    away is not told. At most maps.queries.MAX_ROWS, the newest.
    """
    end = datetime.combine(on + timedelta(days=1), time(), CITY_ZONE)
    moment = at if on == in_city(at).date() else end
    rows = [*_now_there(session, actor, code, end), *_moved_away(session, actor, code, end)]
    rows = sorted(rows, key=lambda row: (row.reported_at, row.id), reverse=True)[:MAX_ROWS]
    events = _events(session, [row.id for row in rows])
    found = []
    for row in rows:
        stood = _stood(standing_of(row), events.get(row.id, []), end)
        if stood is None or stood.community_code != code or stood.state not in OPEN:
            continue
        if not kinds.is_meant(stood.category_id or 0, stood.unit_id or 0, stood.source):
            continue
        lon, lat = (row.lon, row.lat) if row.community_code == code else (None, None)
        late = _is_late(stood, moment)
        found.append(PastTask(row.number, row.title, lon, lat, stood.state, late))
    return found


def overdue_on(session: Session, level: Level, codes: Sequence[str], on: date) -> int:
    """How many of the tasks that lie in some areas now were overdue at the end of a past day."""
    end = datetime.combine(on + timedelta(days=1), time(), CITY_ZONE)
    rows = session.execute(
        select(Task.id, *STANDING).where(
            COLUMN_OF[level].in_(sorted(codes)), Task.reported_at < end,
            or_(Task.closed_at.is_(None), Task.closed_at >= end), Task.due_at.is_not(None),
        )
    ).all()  # fmt: skip
    events = _events(session, [row.id for row in rows])
    return sum(_is_late(_stood(standing_of(row), events.get(row.id, []), end), end) for row in rows)


def _is_late(stood: Standing | None, moment: datetime) -> bool:
    return (
        stood is not None
        and stood.state in RUNNING
        and stood.due_at is not None
        and stood.due_at < moment
    )


def _now_there(session: Session, actor: Actor, code: str, end: datetime) -> Sequence[Any]:
    return session.execute(
        select(*_TASK)
        .where(
            visible(actor),
            Task.community_code == code,
            Task.reported_at < end,
            or_(Task.closed_at.is_(None), Task.closed_at >= end),
        )
        .order_by(Task.reported_at.desc(), Task.id.desc())
        .limit(MAX_ROWS)
    ).all()


def _moved_away(session: Session, actor: Actor, code: str, end: datetime) -> Sequence[Any]:
    """Tasks elsewhere now that a correction took from here later, or one taken back put here."""
    came = TaskEvent.payload[("stands", "community")].as_string()
    went = TaskEvent.payload["area_before"].as_string()
    moved = session.scalars(
        select(TaskEvent.task_id)
        .where(
            RELOCATED,
            TaskEvent.at >= end - timedelta(minutes=UNDO_MINUTES),
            or_(came == code, went.endswith(f" {code}", autoescape=True)),
        )
        .limit(_PORTION)
    ).all()
    if not moved:
        return ()
    elsewhere = or_(Task.community_code.is_(None), Task.community_code != code)
    # a case, so that they are looked up by their ids and not through all tasks of a district
    may_see = case((visible(actor), 1), else_=0) == 1
    return session.execute(
        select(*_TASK).where(Task.id.in_(sorted(set(moved))), elsewhere, may_see)
    ).all()


def _events(session: Session, ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for start in range(0, len(ids), _PORTION):
        rows = session.execute(
            select(*_EVENT)
            .where(TaskEvent.task_id.in_(ids[start : start + _PORTION]))
            .order_by(TaskEvent.task_id, TaskEvent.sequence)
        )
        found |= {task: list(own) for task, own in groupby(rows, key=lambda one: one.task_id)}
    return found


def _stood(now: Standing, events: Sequence[Any], end: datetime) -> Standing | None:
    standing = before_all(now, events)
    seen = False
    for event in events:
        if event.at >= end:
            continue
        standing, seen = moved_on(standing, event.payload, event.target_state), True
    return standing if seen else None
