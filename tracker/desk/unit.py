"""Knows what waits for a unit: in groups, what was sent back first, then by deadline."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.roles import HEADS
from tracker.places.models import Area, Organization
from tracker.tasks import presenting, queries
from tracker.tasks.deadlines import DueBand
from tracker.tasks.filters import Sort
from tracker.tasks.indexes import REWORKED
from tracker.tasks.listing import ORDERS
from tracker.tasks.models import Task, TaskEvent, TaskParty
from tracker.tasks.states import RUNNING, Action, State
from tracker.texts import N_

#: Rows of one group; the list of tasks has the rest.
ROWS = 20

_COLUMNS = (
    Task.id, Task.number, Task.title, Task.state, Task.address, Task.version, Task.due_at,
    Task.due_soon_at, Task.assignee_id, Task.asked, Task.asked_by_id, Task.is_endorsed,
    Task.rework_count, Task.is_supervised, Task.is_urgent, Task.order_number,
    Area.name.label("community"),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A task as its unit sees it; `why` are words of others: of a rework, a request, an application."""

    record: Any
    band: DueBand | None
    why: str = ""
    replied: bool = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.record, name)


@dataclass
class Group:
    """Tasks that wait for the same thing."""

    key: str
    label: str
    rows: list[Row] = field(default_factory=list)
    more: bool = False


def groups(session: Session, actor: Actor, unit_id: int, *, at: datetime) -> list[Group]:
    """The groups that hold something, most urgent kind first; a handful of queries."""
    held = Task.unit_id == unit_id
    handling = (State.HANDLING,)
    heads = unit_id in actor.units_as(HEADS)
    found = [
        _group(session, actor, at, "rework", N_("返工"), and_(held, REWORKED), handling),
        _group(session, actor, at, "acknowledge", N_("待签收"), held, (State.DISPATCHED,)),
        _group(session, actor, at, "endorse", N_("待我审核的申请"), and_(held, _to_endorse(actor)))
        if heads
        else None,
        _group(session, actor, at, "assist", N_("请本单位协办"), _assists(unit_id)),
        *_by_deadline(_group(session, actor, at, "handling", N_("按期"), and_(held, Task.rework_count == 0), handling), at),
    ]  # fmt: skip
    shown = [group for group in found if group is not None and group.rows]
    _add_words(session, shown, unit_id)
    return shown


def assigned_to(session: Session, actor: Actor, unit_id: int, *, at: datetime) -> Group:
    """What was assigned to this very person, by deadline."""
    mine = and_(Task.assignee_id == actor.user_id, Task.unit_id == unit_id)
    return _group(session, actor, at, "assigned", N_("指派给我的"), mine)


def _to_endorse(actor: Actor) -> ColumnElement[bool]:
    """Few wait for a head: they are asked for first, by their own index."""
    waiting = select(Task.id).where(
        Task.asked.in_(["extension", "suspension"]),
        Task.is_endorsed.is_(False),
        Task.asked_by_id != actor.user_id,
    )
    return Task.id.in_(waiting.correlate(None))


def _assists(unit_id: int) -> ColumnElement[bool]:
    standing = select(TaskParty.task_id).where(
        TaskParty.unit_id == unit_id, TaskParty.part == "assist", TaskParty.ended_at.is_(None)
    )
    return Task.id.in_(standing)


def _group(
    session: Session,
    actor: Actor,
    at: datetime,
    key: str,
    label: str,
    clause: ColumnElement[bool],
    states: Sequence[State] = tuple(sorted(RUNNING)),
) -> Group:
    """The first rows of each state by the index of the unit's deadlines, and the first of these."""
    order = ORDERS[Sort.DUE_AT].clauses
    of = select(Task.id).where(clause).order_by(*order).limit(ROWS + 1).correlate(None)
    records = session.execute(
        queries.visible_to(actor)
        .with_only_columns(*_COLUMNS)
        .outerjoin(Area, Area.code == Task.community_code)
        .where(or_(*(Task.id.in_(of.where(Task.state == state)) for state in states)))
        .order_by(*order)
        .limit(ROWS + 1)
    ).all()
    rows = [Row(record, presenting.band(record, at)) for record in records[:ROWS]]
    return Group(key, label, rows, len(records) > ROWS)


def _by_deadline(group: Group, at: datetime) -> list[Group]:
    """Overdue, due soon and on time apart; they come in this order by deadline."""
    labels = {
        DueBand.OVERDUE: ("overdue", N_("超期")),
        DueBand.DUE_SOON: ("due_soon", N_("临期")),
        DueBand.ON_TIME: ("on_time", N_("按期")),
    }
    parts = [
        Group(key, label, [row for row in group.rows if (row.band or DueBand.ON_TIME) == band])
        for band, (key, label) in labels.items()
    ]
    filled = [part for part in parts if part.rows]
    if filled:
        filled[-1].more = group.more
    return filled


#: The event that says why a task lies in a group.
_SAYS = {
    "rework": (Action.REWORK,),
    "endorse": (Action.ASK_EXTENSION, Action.ASK_SUSPENSION),
}


def _add_words(session: Session, shown: Sequence[Group], unit_id: int) -> None:
    """The reasons of reworks and applications, and what assistance was asked for; two queries."""
    for group in shown:
        ids = [row.id for row in group.rows]
        if group.key == "assist":
            said = _wanted(session, ids, unit_id)
        elif group.key in _SAYS:
            said = {key: (why, False) for key, why in _reasons(session, ids, group.key).items()}
        else:
            continue
        group.rows = [
            Row(row.record, row.band, *said.get(row.id, ("", False))) for row in group.rows
        ]


def _reasons(session: Session, ids: list[int], key: str) -> dict[int, str]:
    events = session.scalars(
        select(TaskEvent)
        .where(TaskEvent.task_id.in_(ids), TaskEvent.action.in_([one.value for one in _SAYS[key]]))
        .order_by(TaskEvent.task_id, TaskEvent.sequence)
    )
    return {event.task_id: str(event.payload.get("reason", "")) for event in events}


def _wanted(session: Session, ids: list[int], unit_id: int) -> dict[int, tuple[str, bool]]:
    rows = session.execute(
        select(TaskParty.task_id, TaskParty.wanted, TaskParty.replied_at).where(
            TaskParty.task_id.in_(ids), TaskParty.unit_id == unit_id,
            TaskParty.part == "assist", TaskParty.ended_at.is_(None),
        )
    )  # fmt: skip
    return {task_id: (wanted, replied is not None) for task_id, wanted, replied in rows}


def units_of(session: Session, ids: Sequence[int]) -> list[tuple[int, str]]:
    """The units a person acts for, (id, name)."""
    rows = session.execute(
        select(Organization.id, Organization.name)
        .where(Organization.id.in_(sorted(ids)))
        .order_by(Organization.id)
    )
    return [(unit_id, name) for unit_id, name in rows]
