"""Knows what stands around a task beside its state: meetings, assistants, applications, orders, rework.

Most is read from the events and photos that the page has loaded already.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.evidence.models import Photo
from tracker.people.models import User
from tracker.places.models import Organization
from tracker.tasks.drawing_shown import ShownDrawing, shown
from tracker.tasks.models import Task, TaskEvent, TaskParty
from tracker.tasks.running import extended_due
from tracker.tasks.states import OPEN, RUNNING, Action
from tracker.texts import N_

#: So many of the leaders' words stand above the forms; the time line has all.
MOST_WORDS = 3

JOINT_REASONS = {
    "returns": N_("该任务已被退单两次，须由相关单位负责人会商"),
    "border": N_("点位靠近社区边界，须由两侧社区会商"),
}
ASKED_LABELS = {
    "extension": N_("申请延期"),
    "suspension": N_("申请挂账"),
    "appeal": N_("申诉"),
}
_ASKING = {
    "extension": Action.ASK_EXTENSION,
    "suspension": Action.ASK_SUSPENSION,
    "appeal": Action.APPEAL,
}


@dataclass(frozen=True)
class Party:
    """A unit that assists or is heard: what it was asked, what it answered, its photos."""

    unit: str
    wanted: str
    asked_at: datetime | None = None
    reply: str = ""
    replied_by: str = ""
    replied_at: datetime | None = None
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True)
class Joint:
    """A joint decision that is open: why, who is heard, who decides (nobody before it is convened)."""

    why: str
    returns: tuple[TaskEvent, ...]
    parties: tuple[Party, ...]
    decider: str


@dataclass(frozen=True)
class Asked:
    """An application that waits: where it lies, and what would come of it."""

    kind: str
    label: str
    event: TaskEvent
    #: head, office or reviewers
    lies_with: str
    endorsed: TaskEvent | None
    reviewed: tuple[TaskEvent, ...]
    new_due: datetime | None = None
    until: date | None = None


@dataclass(frozen=True)
class Rework:
    """Why a task came back, with the drawing; `is_read` once somebody of the unit pressed the button."""

    event: TaskEvent
    drawing: ShownDrawing | None
    is_read: bool


@dataclass(frozen=True)
class HandOvers:
    joint: Joint | None
    assists: tuple[Party, ...]
    asked: Asked | None
    rework: Rework | None
    #: 批示, the newest first
    instructions: tuple[TaskEvent, ...]
    #: the newest supervision order and the newest reminder
    order: TaskEvent | None
    urged: TaskEvent | None
    #: how an appeal was decided
    appeal: tuple[TaskEvent, ...]
    #: the step that its taker may still take back
    last: TaskEvent | None

    @property
    def missing_replies(self) -> list[str]:
        return [party.unit for party in self.assists if not party.replied_at]


def around(
    session: Session,
    task: Task,
    events: Sequence[TaskEvent],
    photos: Sequence[Photo],
    *,
    at: datetime,
) -> HandOvers:
    """What stands around a task now; `events` in order. At most three queries."""
    valid = standing(events)
    rows = _parties(session, task)
    is_open = task.state in OPEN
    newest = {event.action: event for event in valid} if is_open else {}
    said = [event for event in reversed(valid) if event.action == Action.INSTRUCT]
    return HandOvers(
        joint=_joint(session, task, valid, rows),
        assists=tuple(_assist(row, valid, photos) for row in rows if row.part == "assist"),
        asked=_asked(task, valid, at),
        rework=_rework(task, valid, photos),
        instructions=tuple(said[:MOST_WORDS]) if is_open else (),
        order=newest.get(Action.SUPERVISE),
        urged=newest.get(Action.URGE),
        appeal=_appeal(task, valid),
        last=events[-1] if events else None,
    )


def standing(events: Sequence[TaskEvent]) -> list[TaskEvent]:
    """The events that were not taken back; an undo always follows the very step it undoes."""
    undone = {event.sequence - 1 for event in events if event.action == Action.UNDO}
    return [e for e in events if e.action != Action.UNDO and e.sequence not in undone]


def _last(events: Sequence[TaskEvent], action: Action, *, after: int = 0) -> TaskEvent | None:
    found = (e for e in reversed(events) if e.action == action and e.sequence > after)
    return next(found, None)


def _parties(session: Session, task: Task) -> list[TaskParty]:
    """Those that take part now; none is asked for when the row says that there are none."""
    if not (task.assist_unit_ids or task.joint_decider_id):
        return []
    return list(
        session.scalars(
            select(TaskParty)
            .where(TaskParty.task_id == task.id, TaskParty.ended_at.is_(None))
            .options(joinedload(TaskParty.unit))
            .order_by(TaskParty.id)
        )
    )


def _joint(
    session: Session, task: Task, events: Sequence[TaskEvent], rows: Sequence[TaskParty]
) -> Joint | None:
    if task.joint is None:
        return None
    parties = [_heard(row, events) for row in rows if row.part == "joint"]
    if not parties:
        names = session.scalars(
            select(Organization.name)
            .where(Organization.id.in_(task.joint_unit_ids))
            .order_by(Organization.id)
        )
        parties = [Party(name, "") for name in names]
    decider = session.get(User, task.joint_decider_id) if task.joint_decider_id else None
    return Joint(
        JOINT_REASONS[task.joint],
        tuple(event for event in events if event.action == Action.RETURN),
        tuple(parties),
        decider.name if decider else "",
    )


def _answered_by(
    row: TaskParty, events: Sequence[TaskEvent], action: Action, key: str
) -> TaskEvent | None:
    """The newest event with which a unit answered; one answer may speak for several units."""
    return next(
        (
            event
            for event in reversed(events)
            if event.action == action and row.unit.name in str(event.payload.get(key, "")).split("、")
        ),
        None,
    )  # fmt: skip


def _heard(row: TaskParty, events: Sequence[TaskEvent]) -> Party:
    event = _answered_by(row, events, Action.OPINE, "joint_unit") if row.replied_at else None
    return Party(
        row.unit.name, row.wanted, row.asked_at, row.reply,
        event.actor_name if event else "", row.replied_at,
    )  # fmt: skip


def _assist(row: TaskParty, events: Sequence[TaskEvent], photos: Sequence[Photo]) -> Party:
    event = (
        _answered_by(row, events, Action.ASSIST_REPLY, "assist_unit") if row.replied_at else None
    )
    handed = tuple(one for one in photos if event is not None and one.event_id == event.id)
    return Party(
        row.unit.name, row.wanted, row.asked_at, row.reply,
        event.actor_name if event else "", row.replied_at, handed,
    )  # fmt: skip


def _asked(task: Task, events: Sequence[TaskEvent], at: datetime) -> Asked | None:
    event = _last(events, _ASKING[task.asked]) if task.asked else None
    if task.asked is None or event is None:
        return None
    since = event.sequence
    until: Any = event.payload.get("until")
    with_unit = "office" if task.is_endorsed else "head"
    return Asked(
        kind=task.asked,
        label=ASKED_LABELS[task.asked],
        event=event,
        lies_with="reviewers" if task.asked == "appeal" else with_unit,
        endorsed=_last(events, Action.ENDORSE, after=since),
        reviewed=tuple(e for e in events if e.action == Action.GRANT_APPEAL and e.sequence > since),
        new_due=extended_due(task, at) if task.asked == "extension" else None,
        until=date.fromisoformat(until) if until else None,
    )


def _rework(task: Task, events: Sequence[TaskEvent], photos: Sequence[Photo]) -> Rework | None:
    """The newest rework, while the unit works on it."""
    event = _last(events, Action.REWORK) if task.state in RUNNING and task.rework_count else None
    if event is None:
        return None
    return Rework(event, shown(event.payload.get("drawing"), photos), not task.rework_to_read)


def _appeal(task: Task, events: Sequence[TaskEvent]) -> tuple[TaskEvent, ...]:
    """The decisions on an appeal that is over."""
    if not task.appealed or task.asked == "appeal":
        return ()
    return tuple(e for e in events if e.action in (Action.GRANT_APPEAL, Action.DENY_APPEAL))
