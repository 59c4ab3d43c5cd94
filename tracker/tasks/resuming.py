"""Resumes tasks whose suspension ended: the clock runs on from that moment, whenever a worker sees it."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.jobs.kinds import Payload
from tracker.jobs.queue import enqueue
from tracker.tasks.models import Task
from tracker.tasks.operations import apply
from tracker.tasks.states import Action, State

#: Tasks asked for in one transaction; the rest at the next turn.
BATCH = 500

#: The kind of job that resumes one task.
RESUME = "task.resume"


def _ended(now: datetime) -> Select[int, datetime | None]:
    """Keys of tasks that are still shelved after their last day, and that day's end."""
    return (
        select(Task.id, Task.suspended_until)
        .where(Task.state == State.SUSPENDED, Task.suspended_until < now)
        .order_by(Task.id)
    )


def is_due(session: Session, now: datetime) -> bool:
    """Whether a suspension has ended."""
    return session.execute(_ended(now).limit(1)).first() is not None


def ask(session: Session, _payload: Payload) -> None:
    """One job a task: what stops one does not stop the others."""
    for task_id, until in session.execute(_ended(clock.now()).limit(BATCH)):
        enqueue(session, RESUME, {"task_id": task_id}, key=f"{RESUME}:{task_id}@{until}")


def resume(session: Session, payload: Payload) -> None:
    """Resume one task as of the end of its suspension, so that a late worker moves no deadline."""
    task = session.scalar(
        select(Task)
        .where(Task.id == payload["task_id"])
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if task is None or task.state != State.SUSPENDED or task.suspended_until is None:
        return
    if task.suspended_until < clock.now():
        apply(Action.RESUME, task, actor=SYSTEM, at=task.suspended_until)
