"""Names the SELECTs on tasks; each that a person sees starts from `visible_to`."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_, select, true
from sqlalchemy.orm import Session, joinedload

from gis.cells import ranges_around
from gis.coordinates import distance_m
from tracker.access.actor import Actor
from tracker.access.predicates import WATCHERS
from tracker.access.roles import FOR_UNIT
from tracker.errors import NotFound
from tracker.places.levels import levels_of
from tracker.places.models import Area, Level
from tracker.storage.db import db
from tracker.storage.expressions import unsought
from tracker.tasks.indexes import RUNNING_TASKS
from tracker.tasks.lifecycle import RECURRENCE_WITHIN_DAYS, RECURRENCE_WITHIN_M
from tracker.tasks.models import Task, TaskEvent, TaskParty
from tracker.tasks.standing import Standing
from tracker.tasks.states import OPEN, RECTIFIED, RUNNING, State
from tracker.texts import N_

#: Tasks of the same category this near may be the same problem (metres).
NEAR_M = 50.0
#: Other open tasks within this many metres stand beside a task.
NEIGHBOURS_M = 100.0

#: What `standing_of` reads of a row.
STANDING: tuple[Any, ...] = tuple(getattr(Task, one.name) for one in fields(Standing))

#: The one column that can hold a code of a level: asked alone, an index on it keeps its order.
COLUMN_OF = {
    Level.DISTRICT: Task.district_code,
    Level.TOWN: Task.town_code,
    Level.COMMUNITY: Task.community_code,
    Level.GRID: Task.grid_code,
}


def visible(actor: Actor) -> ColumnElement[bool]:
    """The policy line of task.view as SQL; a test keeps it equal to `policy.allows`."""
    clauses = [*held_for(actor), *own(actor)]
    return or_(*clauses) if clauses else false()


def held_for(actor: Actor) -> list[ColumnElement[bool]]:
    """The reasons to see tasks that hold for many: by area, by unit."""
    codes = actor.areas_as(WATCHERS)
    if actor.is_system or None in codes:
        return [true()]
    units = actor.units_as(FOR_UNIT)
    by_area = [in_areas(codes)] if codes else []
    return by_area + ([Task.unit_id.in_(sorted(units))] if units else [])


def own(actor: Actor) -> list[ColumnElement[bool]]:
    """The reasons that hold for few: the unit takes part, it is this person's to do, or own report."""
    if actor.is_system or None in actor.areas_as(WATCHERS):
        return []
    units = actor.units_as(FOR_UNIT)
    found: list[ColumnElement[bool]] = []
    if units:
        found.append(Task.id.in_(_taken_part_in(units)))
    if actor.user_id is not None:
        found += [Task.assignee_id == actor.user_id, Task.reporter_id == actor.user_id]
    return found


def in_areas(codes: frozenset[str | None]) -> ColumnElement[bool]:
    """It lies in one of the areas of a grant, of whatever level; None is everywhere."""
    if None in codes:
        return true()
    return _in_levels(frozenset(levels_of([code for code in codes if code is not None]).items()))


@lru_cache(1024)
def _in_levels(levels: frozenset[tuple[str, Level]]) -> ColumnElement[bool]:
    by_level: dict[Level, list[str]] = {}
    for code, level in sorted(levels):
        by_level.setdefault(level, []).append(code)
    return or_(false(), *(searched(level).in_(by_level[level]) for level in by_level))


def searched(level: Level) -> ColumnElement[Any]:
    """A column of areas as a condition. A district is most of the table: never an index to begin with."""
    column: Any = COLUMN_OF[level]
    searched_by: ColumnElement[Any] = unsought(column) if level is Level.DISTRICT else column
    return searched_by


def _taken_part_in(units: frozenset[int]) -> Select[Any]:
    """Tasks in which one of the units assists or is consulted now."""
    return select(TaskParty.task_id).where(
        TaskParty.unit_id.in_(sorted(units)), TaskParty.ended_at.is_(None)
    )


def visible_to(actor: Actor) -> Select[Task]:
    """Every task the actor may see, and nothing else."""
    return select(Task).where(visible(actor))


def find(session: Session, number: str, actor: Actor) -> Task:
    """One visible task by its number. Raises NotFound for an unknown and for a foreign one."""
    task = session.scalar(_found(actor, str(db.engine.url)), {"number": number})
    if task is None:
        raise NotFound(N_("没有这项任务，或您无权查看。"))
    return task


@lru_cache(256)
def _found(actor: Actor, _database: str) -> Select[Task]:
    """Written once a person: the levels of the areas of a grant are those of one database."""
    together = (Task.category, Task.unit, Task.reporter, Task.assignee)
    query = visible_to(actor).where(Task.number == bindparam("number"))
    return query.options(*(joinedload(one) for one in together))


def is_visible(session: Session, number: str, actor: Actor) -> bool:
    """Whether this is the whole number of a task the actor may see."""
    return session.scalar(select(visible_to(actor).where(Task.number == number).exists())) is True


def waiting_like(session: Session, state: str, actor: Actor, *, besides: str) -> Sequence[Task]:
    """Visible tasks that lie in `state`, the most urgent and then the oldest first, without one number."""
    return session.scalars(
        visible_to(actor)
        .where(Task.state == state, Task.number != besides)
        .order_by(Task.due_at.asc().nulls_last(), Task.id)
        .limit(20)
    ).all()


def overdue(at: datetime) -> ColumnElement[bool]:
    """A unit holds it and its deadline has passed."""
    return and_(Task.state.in_(sorted(RUNNING)), Task.due_at < at)


def due_soon(at: datetime) -> ColumnElement[bool]:
    """A unit holds it and a fifth or less of its time is left."""
    return and_(RUNNING_TASKS, Task.due_soon_at <= at, Task.due_at >= at)


def rectified() -> ColumnElement[bool]:
    """It ended because the problem is gone."""
    return Task.closing.in_([closing.value for closing in RECTIFIED])


def outside_every_area() -> ColumnElement[bool]:
    """未落入网格: no community was found for it and it is still open."""
    return and_(Task.community_code.is_(None), Task.state.in_(sorted(OPEN)))


def near(
    session: Session,
    lon: float,
    lat: float,
    *,
    actor: Actor,
    category_id: int | None = None,
    within_m: float = NEAR_M,
    since: datetime | None = None,
    limit: int = 10,
) -> list[tuple[Task, float]]:
    """Open visible tasks within `within_m` metres of (lon, lat) WGS-84, nearest first."""
    wanted: list[ColumnElement[bool]] = [Task.state.in_(sorted(OPEN))]
    if category_id is not None:
        wanted.append(Task.category_id == category_id)
    if since is not None:
        wanted.append(Task.reported_at >= since)
    return _around(session, lon, lat, actor, within_m, wanted)[:limit]


def neighbours(session: Session, task: Task, actor: Actor) -> list[tuple[Task, float]]:
    """Other open visible tasks of the same category near this one, with metres."""
    if task.lon is None or task.lat is None or task.category_id is None:
        return []
    found = near(
        session, task.lon, task.lat, actor=actor, category_id=task.category_id,
        within_m=NEIGHBOURS_M, limit=6,
    )  # fmt: skip
    return [(other, metres) for other, metres in found if other.id != task.id][:5]


def areas_of(session: Session, task: Task) -> list[tuple[str, str]]:
    """The areas of a task from the largest down, (code, name)."""
    held = (task.district_code, task.town_code, task.community_code, task.grid_code)
    codes = [code for code in held if code]
    rows = session.execute(select(Area.code, Area.name).where(Area.code.in_(codes)))
    names = {row.code: row.name for row in rows}
    return [(code, names.get(code, code)) for code in codes]


def closed_before(
    session: Session, task: Task, *, actor: Actor, at: datetime, limit: int = 5
) -> list[tuple[Task, float]]:
    """Visible tasks that `task` may be a recurrence of, with metres: its category, near, closed lately."""
    if task.lon is None or task.lat is None or task.category_id is None:
        return []
    wanted = [
        Task.state == State.CLOSED.value,
        Task.category_id == task.category_id,
        Task.closed_at.between(at - timedelta(days=RECURRENCE_WITHIN_DAYS), at),
        Task.id != task.id,
    ]
    found = _around(session, task.lon, task.lat, actor, RECURRENCE_WITHIN_M, wanted)
    return found[:limit]


def _around(
    session: Session,
    lon: float,
    lat: float,
    actor: Actor,
    within_m: float,
    wanted: list[ColumnElement[bool]],
) -> list[tuple[Task, float]]:
    """Visible tasks around (lon, lat) for which all clauses hold, with metres, nearest first."""
    ranges = ranges_around(lon, lat, within_m)
    query = visible_to(actor).where(
        *wanted, or_(*(Task.cell.between(low, high) for low, high in ranges))
    )
    found = [
        (task, float(distance_m(lon, lat, task.lon, task.lat)))
        for task in session.scalars(query.limit(500))
        if task.lon is not None and task.lat is not None
    ]
    return sorted((pair for pair in found if pair[1] <= within_m), key=lambda pair: pair[1])


def any_in(session: Session, level: Level, code: str) -> bool:
    """Whether a task is recorded in the area of a level that has this code, seen by whomever."""
    return session.scalar(select(select(Task.id).where(COLUMN_OF[level] == code).exists())) is True


def since_version(session: Session, task: Task, version: int) -> Sequence[TaskEvent]:
    """What happened to a task after a page showed it at `version` (one version an event)."""
    newest = (
        select(TaskEvent)
        .where(TaskEvent.task_id == task.id)
        .order_by(TaskEvent.sequence.desc())
        .limit(max(task.version - version, 1))
    )
    return session.scalars(newest).all()[::-1]
