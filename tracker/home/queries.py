"""Names the SELECTs behind the first pages: figures by the counters or in one query, short lists in one each.

Every figure of tasks is counted with the very filter that its link opens, so that the number and
the list behind it cannot differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from heapq import nsmallest
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.audit.models import AuditEntry
from tracker.people.models import RoleGrant, User
from tracker.places.models import Area, Level, Organization
from tracker.places.queries import visible_areas
from tracker.places.versions import Version, version
from tracker.progress.figures import Asked, of_areas
from tracker.progress.totals import totals
from tracker.storage.plain import NOW, fetched
from tracker.tasks import filters, first_rows, presenting
from tracker.tasks.deadlines import DueBand
from tracker.tasks.filters import TaskFilter
from tracker.tasks.indexes import SUBMITTED_TASKS
from tracker.tasks.models import Task
from tracker.web.keeping import Kept


class Order(StrEnum):
    """Which tasks of a short list come first."""

    OLDEST = "oldest"  #: reported first
    NEWEST = "newest"  #: reported last
    DEADLINE = "deadline"  #: nearest deadline
    WAITING = "waiting"  #: submitted first, of what waits for a check


_ORDERS: dict[Order, tuple[Any, ...]] = {
    Order.OLDEST: (Task.reported_at, Task.id),
    Order.NEWEST: (Task.reported_at.desc(), Task.id.desc()),
    Order.DEADLINE: (Task.due_at.asc().nulls_last(), Task.id),
    Order.WAITING: (Task.submitted_at, Task.id),
}


@dataclass(frozen=True)
class TaskRow:
    """What a short list says of a task."""

    number: str
    title: str
    state: str
    community: str | None
    address: str
    unit: str | None
    reported_at: datetime
    submitted_at: datetime | None
    due_at: datetime | None
    #: 'overdue', 'due-soon' or ''
    flag: str = ""


_FLAGS: dict[DueBand | None, str] = {DueBand.OVERDUE: "overdue", DueBand.DUE_SOON: "due-soon"}


def counts(
    session: Session, actor: Actor, wanted: Mapping[str, TaskFilter], *, at: datetime
) -> dict[str, int]:
    """How many visible tasks each filter finds, by name: by the counters, else one query for the rest."""
    known = totals(session, actor, wanted, at=at)
    rest = {name: one for name, one in wanted.items() if name not in known}
    if not rest:
        return known
    [found] = fetched(session, _counts(actor, tuple(rest.values()), version(session)), now=at)
    return known | dict(zip(rest, found, strict=True))


@lru_cache(256)
def _counts(actor: Actor, wanted: tuple[TaskFilter, ...], _known: Version) -> Any:
    """Written once a person; areas are found by their levels."""
    columns = []
    for one in wanted:
        query = select(func.count(Task.id)).where(first_rows.visible(actor, one))
        query = filters.apply(query, one, NOW, user_id=actor.user_id)
        columns.append(query.scalar_subquery())
    return select(*columns)


def rows(
    session: Session, actor: Actor, wanted: TaskFilter, *, order: Order, limit: int, at: datetime
) -> list[TaskRow]:
    """The first visible tasks of a filter, with the names a reader needs; one query."""
    query = _rows(actor, wanted, order, limit, version(session))
    return [
        TaskRow(*(*line[:9], _FLAGS.get(presenting.band(line, at), "")))
        for line in session.execute(query, {"now": at})
    ]


@lru_cache(256)
def _rows(actor: Actor, wanted: TaskFilter, order: Order, limit: int, _known: Version) -> Any:
    query: Any = (
        select(
            Task.number, Task.title, Task.state, Area.name, Task.address, Organization.name,
            Task.reported_at, Task.submitted_at, Task.due_at, Task.due_soon_at,
        )
        .outerjoin(Area, Area.code == Task.community_code)
        .outerjoin(Organization, Organization.id == Task.unit_id)
    )  # fmt: skip
    if order is Order.WAITING:
        query = query.where(SUBMITTED_TASKS)
    return first_rows.first_of(query, actor, wanted, NOW, _ORDERS[order], limit)


#: Names of the communities that a person may see, by code.
_COMMUNITIES: Kept[dict[str, str]] = Kept(50)


@dataclass(frozen=True)
class CommunityRow:
    """How a community stands: open and overdue tasks now."""

    code: str
    name: str
    open: int
    overdue: int


def communities(session: Session, actor: Actor, *, at: datetime, limit: int) -> list[CommunityRow]:
    """Communities with open tasks, most overdue first; the same few queries however many tasks."""
    names = _COMMUNITIES.made(
        (version(session), actor), lambda: dict(fetched(session, _communities(actor)))
    )
    if not names:
        return []
    figures = of_areas(
        session, actor, sorted(names), Level.COMMUNITY, Asked(TaskFilter(), None, at)
    )
    standing = ((-one.overdue, -one.open, code) for code, one in figures.items())
    worst = nsmallest(limit, (one for one in standing if one[1]))
    return [CommunityRow(code, names[code], -still, -late) for late, still, code in worst]


def _communities(actor: Actor) -> Any:
    areas = select(Area.code, Area.name).where(Area.level == Level.COMMUNITY)
    return areas.where(visible_areas(actor))


def unit_names(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The names of organizations by id."""
    query = select(Organization.id, Organization.name).where(Organization.id.in_(ids))
    return {line.id: line.name for line in session.execute(query)}


@dataclass(frozen=True)
class Accounts:
    """What of the accounts needs an administrator: how many, and the first few by name."""

    without_grant: int
    locked: int
    examples: tuple[tuple[int, str, str], ...] = ()


def accounts(session: Session, *, at: datetime, limit: int = 5) -> Accounts:
    """Open accounts that can do nothing, and accounts that are locked now; two queries."""
    granted = (
        select(RoleGrant.id)
        .where(RoleGrant.user_id == User.id, RoleGrant.revoked_at.is_(None))
        .exists()
    )
    idle = and_(User.is_active, ~granted)
    numbers = session.execute(
        select(
            select(func.count(User.id)).where(idle).scalar_subquery(),
            select(func.count(User.id)).where(User.locked_until > at).scalar_subquery(),
        )
    ).one()
    found = session.execute(
        select(User.id, User.username, User.name).where(idle).order_by(User.id).limit(limit)
    )
    return Accounts(
        numbers[0], numbers[1], tuple((row.id, row.username, row.name) for row in found)
    )


def areas_without_boundary(session: Session, *, limit: int = 5) -> tuple[int, list[str]]:
    """How many areas in force have no boundary, and the first names; two queries."""
    bare = and_(Area.boundary_version == 0, Area.valid_to.is_(None))
    number = session.scalar(select(func.count()).select_from(Area).where(bare)) or 0
    names = session.scalars(select(Area.name).where(bare).order_by(Area.path).limit(limit))
    return number, list(names)


def last_audit(session: Session, *, kind: str = "", limit: int = 5) -> list[AuditEntry]:
    """The newest audit entries, of kinds that contain `kind`; one query."""
    query = select(AuditEntry).where(AuditEntry.kind.contains(kind, autoescape=True))
    return list(session.scalars(query.order_by(AuditEntry.at.desc()).limit(limit)))
