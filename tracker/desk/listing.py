"""Names the SELECTs of the office's queues: bounded counts in one query, pages by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.predicates import WATCHERS
from tracker.desk.queues import BY_KEY, Queue, in_charge
from tracker.places.models import Area, Organization
from tracker.storage.db import db
from tracker.storage.plain import NOW, fetched
from tracker.tasks import presenting, queries
from tracker.tasks.deadlines import DueBand
from tracker.tasks.listing import ORDERS, behind, key_of
from tracker.tasks.models import Task
from tracker.web.paging import PAGE_SIZE, Page

#: Counting a queue stops here: it says 99+.
COUNT_CEILING = 99

_COLUMNS = (
    Task.id, Task.number, Task.title, Task.state, Task.address, Task.version, Task.reported_at,
    Task.due_at, Task.due_soon_at, Task.dispatched_at, Task.is_urgent, Task.is_supervised,
    Task.rework_count, Task.return_count, Task.was_overdue,
    Area.name.label("community"), Organization.name.label("unit"),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A case as a queue lists it."""

    record: Any
    band: DueBand | None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.record, name)


def lying_in(queue: Queue, actor: Actor, at: datetime) -> Select[Any]:
    """The tasks of a queue that are this person's work and visible: who watches an area sees its tasks."""
    base = select(Task) if queue.roles <= WATCHERS else queries.visible_to(actor)
    return base.where(queue.holds(at), in_charge(queue, actor))


def _top(
    queue: Queue, actor: Actor, at: datetime, limit: int, *behind: ColumnElement[bool]
) -> ColumnElement[bool]:
    """The first `limit` cases of a queue, each of its states by its own index."""
    of = lying_in(queue, actor, at).with_only_columns(Task.id).where(*behind).correlate(None)
    order = ORDERS[queue.sort].clauses
    states = [[Task.state == state.value] for state in queue.states] or [[]]
    return or_(*(Task.id.in_(of.where(*one).order_by(*order).limit(limit)) for one in states))


def counts(
    session: Session, actor: Actor, wanted: Sequence[Queue], *, at: datetime
) -> dict[str, int]:
    """How many cases lie in each queue, at most one more than the ceiling; one query."""
    if not wanted:
        return {}
    keys = tuple(queue.key for queue in wanted)
    [found] = fetched(session, _counts(actor, str(db.engine.url), keys), now=at)
    return dict(zip(keys, found, strict=True))


@lru_cache(64)
def _counts(actor: Actor, _database: str, keys: tuple[str, ...]) -> Any:
    """Written once a person: the levels of the areas of a grant are those of one database."""
    columns = []
    for key in keys:
        some = lying_in(BY_KEY[key], actor, NOW).with_only_columns(Task.id)
        few = some.limit(COUNT_CEILING + 1).subquery()
        columns.append(select(func.count()).select_from(few).scalar_subquery())
    return select(*columns)


def count_words(number: int) -> str:
    """99+ when counting stopped."""
    return f"{COUNT_CEILING}+" if number > COUNT_CEILING else str(number)


def page(
    session: Session,
    actor: Actor,
    queue: Queue,
    *,
    at: datetime,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[Row]:
    """One page of a queue, what waits longest or is due first on top. Raises Invalid for a wrong key."""
    if after:
        query = _rows(actor, queue, size + 1, behind(after, queue.sort))
    else:
        query = _first_rows(actor, str(db.engine.url), queue.key, size + 1)
    found: Sequence[Any] = session.execute(query, {"now": at}).all()
    rows = [Row(record, presenting.band(record, at)) for record in found[:size]]
    next_key = key_of(found[size - 1], queue.sort) if len(found) > size else None
    return Page(rows, next_key)


@lru_cache(64)
def _first_rows(actor: Actor, _database: str, key: str, limit: int) -> Select[Any]:
    """Written once a person, as `_counts`."""
    return _rows(actor, BY_KEY[key], limit)


def _rows(actor: Actor, queue: Queue, limit: int, *rest: ColumnElement[bool]) -> Select[Any]:
    query: Any = select(*_COLUMNS).outerjoin(Area, Area.code == Task.community_code)
    wanted: Select[Any] = (
        query.outerjoin(Organization, Organization.id == Task.unit_id)
        .where(_top(queue, actor, NOW, limit, *rest))
        .order_by(*ORDERS[queue.sort].clauses)
        .limit(limit)
    )
    return wanted


def numbers(
    session: Session, actor: Actor, queue: Queue, *, at: datetime, limit: int
) -> list[tuple[str, int]]:
    """Number and version of the first cases of a queue, up to `limit`."""
    query = lying_in(queue, actor, at).with_only_columns(Task.number, Task.version)
    found = session.execute(query.order_by(*ORDERS[queue.sort].clauses).limit(limit))
    return [(number, version) for number, version in found]


def is_in(session: Session, actor: Actor, queue: Queue, number: str, *, at: datetime) -> bool:
    """Whether a case still lies in a queue."""
    query = lying_in(queue, actor, at).where(Task.number == number)
    return session.scalar(select(query.exists())) is True


def first(
    session: Session, actor: Actor, queue: Queue, *, at: datetime, besides: str = ""
) -> str | None:
    """The number of the case on top of a queue."""
    top = _top(queue, actor, at, 1, Task.number != besides)
    return session.scalar(
        select(Task.number).where(top).order_by(*ORDERS[queue.sort].clauses).limit(1)
    )
