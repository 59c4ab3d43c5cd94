"""Knows a page of features: what lies in a box, by ranges of the index of cells, keyed by its last row.

A page is walked in the order of cells, which reads the box and little beside it. Who sees few of the
tasks there are, or asks for few days, and wants a wide box, would walk over all the others: these
pages come newest first by the indexes of the lists. A key says in which order its pages go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, union_all
from sqlalchemy.orm import Session

from gis.cells import BITS, Range, box_ranges
from tracker import clock
from tracker.access.actor import Actor
from tracker.access.predicates import WATCHERS
from tracker.ogc.asked import Asked, Key
from tracker.ogc.kinds import TASKS, Collection
from tracker.ogc.walking import Levels, walk
from tracker.places.levels import levels_of
from tracker.storage.plain import fetched
from tracker.tasks.filters import TaskFilter
from tracker.tasks.first_rows import first_of, sees_a_district
from tracker.tasks.models import Task

#: So many rows of an index are walked without a second thought.
FEW = 5_000
#: More ranges hold less beside the box, and cost more to look up.
RANGES = 8
_WORLD: list[Range] = [(0, (1 << 2 * BITS) - 1)]


@dataclass(frozen=True)
class FeaturePage:
    """Rows of `Collection.rows`; `next_key` is None on the last page."""

    rows: Sequence[Any]
    next_key: Key | None


def page(session: Session, collection: Collection, actor: Actor, asked: Asked) -> FeaturePage:
    """What the actor may see of what is asked for, with a position; at most `asked.limit`."""
    ranges = box_ranges(*asked.box, max_ranges=RANGES) if asked.box else _WORLD
    levels = levels_for(actor)
    is_by_time = collection is TASKS and _is_by_time(session, actor, asked, ranges)
    if is_by_time:
        rows = _by_time(session, actor, asked)
    else:
        walked = walk(collection, actor, levels, asked, ranges)
        rows = fetched(session, walked[0], **walked[1]) if walked else []
    if len(rows) <= asked.limit:
        return FeaturePage(rows, None)
    last = rows[asked.limit - 1]
    key = Key(last[0], at=last.reported_at) if is_by_time else Key(last[0], cell=last[1])
    return FeaturePage(rows[: asked.limit], key)


def levels_for(actor: Actor) -> Levels:
    """The levels of the areas that somebody watches."""
    codes = {code for code in actor.areas_as(WATCHERS) if code is not None}
    return tuple(sorted(levels_of(codes).items()))


def _is_by_time(session: Session, actor: Actor, asked: Asked, ranges: list[Range]) -> bool:
    """Whether the order of cells would walk over many tasks that are not wanted."""
    if asked.after:
        return asked.after.at is not None
    sees_all = sees_a_district(actor)
    has_time = asked.since is not None or asked.until is not None
    if sees_all and not has_time:
        return False
    if asked.box and _are_few(session, *(Task.cell.between(*one) for one in ranges)):
        return False
    return not sees_all or _are_few(session, and_(*_days(asked)))


def _are_few(session: Session, *ranges: ColumnElement[bool]) -> bool:
    """Whether no more than FEW tasks lie in these ranges of an index together."""
    parts = [select(Task.id).where(one) for one in ranges]
    some = (union_all(*parts) if len(parts) > 1 else parts[0]).limit(FEW + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) <= FEW


def _days(asked: Asked) -> list[ColumnElement[bool]]:
    since = [Task.reported_at >= asked.since] if asked.since else []
    return since + ([Task.reported_at <= asked.until] if asked.until else [])


def _by_time(session: Session, actor: Actor, asked: Asked) -> Sequence[Any]:
    """The newest first, each reason to see a task by its own index (see ADR 35)."""
    clauses = [Task.cell.is_not(None), *_days(asked)]
    if asked.box:
        west, south, east, north = asked.box
        together = or_ if west > east else and_
        clauses += [together(Task.lon >= west, Task.lon <= east), Task.lat.between(south, north)]
    if asked.after:
        at, row_id = asked.after.at, asked.after.row_id
        tie = and_(Task.reported_at == at, Task.id < row_id)
        clauses.append(or_(Task.reported_at < at, tie))
    order = (Task.reported_at.desc(), Task.id.desc())
    wanted, most = TaskFilter(), asked.limit + 1
    query = first_of(TASKS.rows, actor, wanted, clock.now(), order, most, *clauses)
    return session.execute(query).all()
