"""The one door: every change of a task goes through `apply`, and leaves one sealed event.

`apply` works inside the caller's unit of work; `perform` is the whole of a person's request:
receipt, lock, version, change, one commit.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tracker import clock
from tracker.access.actor import Actor
from tracker.errors import Conflict, NotFound
from tracker.storage import receipts
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import checks, proposals, reasons, undoing
from tracker.tasks.appending import append
from tracker.tasks.effects import EFFECTS
from tracker.tasks.given import NOTHING, Given
from tracker.tasks.intake import finish_at_once, new_task
from tracker.tasks.lifecycle import BY_ACTION
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.noting import noted
from tracker.tasks.standing import standing_of
from tracker.tasks.states import Action, State
from tracker.tasks.steps import Step
from tracker.texts import N_


class StaleVersion(Conflict):
    """Somebody changed the task after this person opened it."""

    code = "stale"


@dataclass(frozen=True)
class Order:
    """One step of a request: an action and what is given for it."""

    action: Action
    given: Given = NOTHING


def apply(
    action: Action,
    task: Task | None,
    *,
    actor: Actor,
    given: Given = NOTHING,
    at: datetime | None = None,
    uuid: str | None = None,
) -> TaskEvent:
    """Carry out one action inside the open unit of work and return its event.

    `task` is None for a report. `at` is the historical time of an import, else now. Raises
    IllegalTransition, NotPermitted, Invalid (a need is missing or wrong) or Conflict; then
    nothing of the action may be committed. Inside `batches.batch` nothing is written yet: the
    event has its `task` but no `task_id` until the batch is.
    """
    session: Session = db.session()
    row = BY_ACTION[action]
    moment = at or clock.now()
    source = State(task.state) if task is not None else None
    stood = standing_of(task) if task is not None else None
    checks.check_state(row, source)
    if task is None:
        task = new_task(session, given=given, actor=actor, at=moment, uuid=uuid or str(uuid4()))
    checks.check_permission(row, task, actor)
    checks.check_conditions(row, task, moment)
    checks.check_needs(row, task, given, actor)
    before = undoing.picture(task) if row.undoable and actor.user_id else None
    # One UPDATE of the task for one event, so that its version counts its events.
    step = Step(session, task, actor, given, moment)
    with session.no_autoflush:
        payload = reasons.said(action, given.reason_code) | noted(action, step)
        payload |= EFFECTS[action](step)
        proposals.stand(task, action, payload, moment)
    if row.target is not None:
        task.state = row.target.value
    if action is Action.SELF_HANDLE:
        finish_at_once(task, actor, moment)
    undoing.remember(step, row, before, given.reason_code)
    return append(session, row, task, stood, actor, given, payload, moment)


def check_possible(action: Action, task: Task, *, actor: Actor, at: datetime) -> None:
    """What no mending of a form would change. Raises IllegalTransition, NotPermitted, Conflict."""
    row = BY_ACTION[action]
    checks.check_state(row, State(task.state))
    checks.check_permission(row, task, actor)
    checks.check_conditions(row, task, at)


def perform(
    orders: list[Order],
    *,
    number: str | None,
    actor: Actor,
    version: int | None,
    request_uuid: str,
) -> dict[str, Any]:
    """Carry out a person's request as one transaction, once, and say how the task stands.

    Returns {"number", "state", "version"}; a resend of the same request gets the same answer.
    Raises NotFound, StaleVersion, Conflict and what `apply` raises.
    """
    content = {"number": number, "orders": [[o.action.value, o.given.as_content()] for o in orders]}

    def carry_out(session: Session, task: Task | None) -> Task:
        for order in orders:
            event = apply(order.action, task, actor=actor, given=order.given, uuid=request_uuid)
            task = session.get_one(Task, event.task_id)
        assert task is not None
        return task

    return once(
        carry_out,
        content,
        number=number,
        version=version,
        actor=actor,
        request_uuid=request_uuid,
    )


def reopen(
    number: str, *, actor: Actor, given: Given, version: int | None, request_uuid: str
) -> dict[str, Any]:
    """Log a recurrence (复发): a note on the closed task and a new linked report, in one commit."""

    def carry_out(session: Session, old: Task | None) -> Task:
        assert old is not None
        category = given.category_id or old.category_id
        again = replace(given, category_id=category, recurrence_of_id=old.id)
        event = apply(Action.REPORT, None, actor=actor, given=again, uuid=request_uuid)
        task = session.get_one(Task, event.task_id)
        note = replace(given, before_photos=(), no_photo_reason=task.number, text=task.number)
        apply(Action.REOPEN, old, actor=actor, given=note)
        return task

    return once(
        carry_out,
        {"reopen": number, "given": given.as_content()},
        number=number,
        version=version,
        actor=actor,
        request_uuid=request_uuid,
    )


def once(
    carry_out: Callable[[Session, Task | None], Task],
    content: dict[str, Any],
    *,
    number: str | None,
    version: int | None,
    actor: Actor,
    request_uuid: str,
) -> dict[str, Any]:
    """Lock the task, answer a resend from its receipt, else carry out and keep the receipt.

    `content` is what identifies the request. Raises NotFound, StaleVersion, Conflict and what
    `carry_out` raises.
    The receipt is looked for under the lock, so that a resend that waited for its twin finds it;
    a report has no row to lock, there the twin shows as a taken UUID.
    """
    digest = receipts.digest_of(content)
    asker = actor.user_id
    try:
        with unit_of_work() as session:
            task = _locked(session, number) if number else None
            kept = receipts.earlier(session, request_uuid, actor_id=asker, digest=digest)
            if kept is not None:
                return kept
            if task is not None and version is not None and task.version != version:
                raise StaleVersion(N_("这项任务在您打开之后已被他人更新，您的操作没有保存。"))
            task = carry_out(session, task)
            session.flush()
            outcome = {"number": task.number, "state": task.state, "version": task.version}
            receipts.keep(session, request_uuid, actor_id=asker, digest=digest, outcome=outcome)
    except (StaleDataError, IntegrityError) as error:
        kept = receipts.earlier(db.session(), request_uuid, actor_id=asker, digest=digest)
        if kept is None:
            raise StaleVersion(N_("这项任务刚刚被他人更新，您的操作没有保存。")) from error
        return kept
    return outcome


def _locked(session: Session, number: str) -> Task:
    task = session.scalar(
        select(Task)
        .where(Task.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if task is None:
        raise NotFound(N_("没有这项任务，或您无权查看。"))
    return task
