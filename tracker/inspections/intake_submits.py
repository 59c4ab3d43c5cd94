"""Knows how the submission of a rectified task is carried out, and what to say when it is stale."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import WHO, allows
from tracker.errors import Conflict, Fault, Invalid, NotFound, NotPermitted
from tracker.inspections import intake_reading as read
from tracker.inspections.intake_photos import check_named
from tracker.inspections.intake_reading import Item
from tracker.inspections.intake_visits import photos_in
from tracker.places.models import Organization
from tracker.tasks.given import Given
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.operations import apply, check_possible
from tracker.tasks.states import ACTION_LABELS, STATE_LABELS, Action, State
from tracker.texts import N_

#: Longest text of the measures taken, as on the desk's form.
MAX_MEASURES = 1000


@dataclass(frozen=True)
class Compared:
    """One line of the card: what the phone knew, and what the server knows. `is_words`: to translate."""

    label: str
    mine: str | datetime
    theirs: str | datetime


class StaleSubmission(Conflict):
    """The task changed after the phone took it along; nothing was stored."""

    code = "stale"

    def __init__(self, version: int, still_possible: bool, fields: list[Compared]) -> None:
        if still_possible:
            message = N_("任务在您离线期间已被更新，请核对两边的内容后再决定是否提交。")
        else:
            message = N_("任务在您离线期间已被他人办理，不能再提交；您填写的内容保留在手机上。")
        super().__init__(message)
        self.version, self.still_possible, self.fields = version, still_possible, fields


def carry_out(
    session: Session,
    item: Item,
    *,
    actor: Actor,
    accepted_by: Actor | None = None,
    received_at: datetime | None = None,
) -> dict[str, Any]:
    """Submit, signing for the task first where that was not done. Raises StaleSubmission."""
    number = read.text(item.content, "number", 32).upper()
    version = read.whole(item.content, "version") or 0
    given = Given(
        measures=read.text(item.content, "measures", MAX_MEASURES),
        no_photo_reason=read.text(item.content, "no_photo_reason", 200),
        after_photos=tuple(photos_in(item.content, "photos")),
    )
    check_named(item.photos, given.after_photos)
    task = _task(session, number, actor, version)
    if accepted_by is not None and not allows(accepted_by, Permission.HELD_DECIDE, task):
        raise NotPermitted(WHO[Permission.HELD_DECIDE])
    seen = task.version if accepted_by is not None else item.stale
    possible = _is_possible(task, actor)
    if task.version not in (version, seen) or not possible:
        raise StaleSubmission(task.version, possible, compared(session, task, version, given))
    if task.state == State.DISPATCHED and allows(actor, Permission.TASK_ACKNOWLEDGE, task):
        apply(Action.ACKNOWLEDGE, task, actor=actor)
    if accepted_by is not None:
        note = f"由{accepted_by.name}代为录入"
        given = Given(**{**given.__dict__, "text": note})
    apply(Action.SUBMIT, task, actor=actor, given=given)
    session.flush()
    return {
        "number": task.number,
        "url": f"/tasks/{task.number}",
        "state": task.state,
        "version": task.version,
    }


def _task(session: Session, number: str, actor: Actor, version: int) -> Task:
    task = session.scalar(
        select(Task)
        .where(Task.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if task is None:
        raise NotFound(N_("没有这项任务，或您无权查看。"))
    if not allows(actor, Permission.TASK_VIEW, task):
        mine = _units_at(session, task, version) & _names(session, actor)
        if not mine:
            raise NotFound(N_("没有这项任务，或您无权查看。"))
        gone = Compared(N_("责任单位"), "、".join(sorted(mine)), N_("已改派其他单位"))
        raise StaleSubmission(task.version, False, [gone])
    if version > task.version:
        raise Invalid(N_("任务版本无效，请更新数据后重试。"), field="version")
    return task


def _units_at(session: Session, task: Task, version: int) -> set[str]:
    """Names of the units to which the task had been dispatched by then."""
    return {
        str(event.payload.get("unit", ""))
        for event in _events(session, task)
        if event.sequence <= version and event.action in (Action.DISPATCH, Action.REDISPATCH)
    }


def _names(session: Session, actor: Actor) -> set[str]:
    ids = {grant.organization_id for grant in actor.grants if grant.organization_id is not None}
    return set(session.scalars(select(Organization.name).where(Organization.id.in_(sorted(ids)))))


def _events(session: Session, task: Task) -> list[TaskEvent]:
    return list(
        session.scalars(
            select(TaskEvent).where(TaskEvent.task_id == task.id).order_by(TaskEvent.sequence)
        )
    )


def _is_possible(task: Task, actor: Actor) -> bool:
    try:
        check_possible(Action.SUBMIT, task, actor=actor, at=clock.now())
    except Fault:
        return False
    return True


def compared(session: Session, task: Task, version: int, given: Given) -> list[Compared]:
    """Both versions field by field: state, unit, deadline, what was said since, the measures.

    A task's version counts its events, so the events up to `version` are what the phone knew.
    """
    events = _events(session, task)
    before = [event for event in events if event.sequence <= version]
    since = [event for event in events if event.sequence > version]
    then = STATE_LABELS[State(before[-1].target_state)] if before else ""
    lines = [
        Compared(N_("状态"), then, STATE_LABELS[State(task.state)]),
        Compared(N_("责任单位"), _last(before, "unit"), task.unit.name if task.unit else ""),
        Compared(N_("整改时限"), _due(before), task.due_at or ""),
    ]
    changed = [line for line in lines if line.mine != line.theirs]
    for event in since:
        words = event.payload.get("reason") or event.payload.get("text") or ""
        said = f"{event.actor_name} {words}".strip()
        changed.append(Compared(ACTION_LABELS[Action(event.action)], "", said))
    theirs = next(
        (str(e.payload.get("measures", "")) for e in reversed(since) if e.action == Action.SUBMIT),
        "",
    )
    return [*changed, Compared(N_("整改措施"), given.measures, theirs)]


def _last(events: list[TaskEvent], name: str) -> str:
    return next(
        (str(event.payload[name]) for event in reversed(events) if event.payload.get(name)), ""
    )


def _due(events: list[TaskEvent]) -> str | datetime:
    text = _last(events, "due_at")
    return datetime.fromisoformat(text) if text else ""
