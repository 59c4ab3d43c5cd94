"""Knows the list of shelved tasks (挂账): by end date, with the reason that was given, paged by key."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.clock import in_city
from tracker.errors import Invalid
from tracker.places.models import Area, Organization
from tracker.tasks import filters, listing
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.queries import visible_to
from tracker.tasks.states import Action, State
from tracker.texts import N_
from tracker.web.paging import PAGE_SIZE, Page, pack, unpack


@dataclass(frozen=True)
class SuspendedRow:
    """A shelved task; `days_left` counts days of the city, 0 on its last day, less when it is over."""

    number: str
    title: str
    unit: str
    community: str
    until: date | None
    days_left: int | None
    reason_kind: str
    reason: str


def page(
    session: Session,
    actor: Actor,
    wanted: TaskFilter,
    *,
    now: datetime,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[SuspendedRow]:
    """One page of the shelved tasks that the actor may see and wants, the earliest end first.

    Raises Invalid when `after` is no key of this list.
    """
    shelved = replace(wanted, states=(State.SUSPENDED,))
    total, is_floor = listing.count(session, actor, shelved, now=now)
    base = cast(
        "Select[Any]",
        visible_to(actor)
        .with_only_columns(
            Task.id, Task.number, Task.title, Task.suspended_until,
            Organization.name.label("unit"), Area.name.label("community"),
        )
        .outerjoin(Organization, Organization.id == Task.unit_id)
        .outerjoin(Area, Area.code == Task.community_code)
        .order_by(Task.suspended_until, Task.id),
    )  # fmt: skip
    query = filters.apply(base, shelved, now, user_id=actor.user_id)
    found = session.execute((query.where(_behind(after)) if after else query).limit(size + 1)).all()
    shown = found[:size]
    said = _reasons(session, [row.id for row in shown])
    rows = [_row(row, said.get(row.id, {}), now) for row in shown]
    last = shown[-1] if len(found) > size else None
    return Page(rows, pack([last.suspended_until, last.id]) if last else None, total, is_floor)


def _row(row: Row[Any], payload: dict[str, Any], now: datetime) -> SuspendedRow:
    until = in_city(row.suspended_until).date() if row.suspended_until else None
    return SuspendedRow(
        number=row.number,
        title=row.title,
        unit=row.unit or "",
        community=row.community or "",
        until=until,
        days_left=(until - in_city(now).date()).days if until else None,
        reason_kind=str(payload.get("reason_kind", "")),
        reason=str(payload.get("reason", "")),
    )


def _reasons(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What each task's unit gave as its reason when it asked last."""
    rows = session.execute(
        select(TaskEvent.task_id, TaskEvent.payload)
        .where(TaskEvent.task_id.in_(ids), TaskEvent.action == Action.ASK_SUSPENSION.value)
        .order_by(TaskEvent.sequence)
    )
    return {row.task_id: row.payload for row in rows}


def _behind(after: str) -> ColumnElement[bool]:
    value, row_id = unpack(after, size=2)
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None or not 1900 < moment.year < 9000 or not 0 < row_id < 2**31:
            raise ValueError
    except (TypeError, ValueError):
        raise Invalid(N_("翻页位置无效，请从第一页重新打开列表。"), field="after") from None
    return or_(
        Task.suspended_until > moment, and_(Task.suspended_until == moment, Task.id > row_id)
    )
