"""Walks the chains of events of all tasks, a page at a time, and says where one is broken."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from tracker.errors import NotFound
from tracker.tasks.chain import breaks
from tracker.tasks.models import Task, TaskEvent
from tracker.texts import N_

#: Tasks whose events are in memory at once.
PAGE = 500

_TASK = (Task.id, Task.number, Task.uuid, Task.state, Task.event_count, Task.head_hash)
_EVENT = (
    TaskEvent.task_id, TaskEvent.sequence, TaskEvent.action, TaskEvent.source_state,
    TaskEvent.target_state, TaskEvent.actor_id, TaskEvent.actor_name, TaskEvent.roles,
    TaskEvent.at, TaskEvent.recorded_at, TaskEvent.payload, TaskEvent.prev_hash, TaskEvent.hash,
)  # fmt: skip


@dataclass
class Verified:
    """How far the walk came."""

    tasks: int = 0
    events: int = 0
    faults: int = 0


def verify(session: Session, seen: Verified, *, number: str | None = None) -> Iterator[str]:
    """Yield each fault in words while counting into `seen`; one task when `number` is given.

    Sees altered, missing, swapped and cut-off events, events without a task, and a state that no
    event led to. Whoever can write both tables can still seal a whole new chain: only head hashes
    kept elsewhere show that. Raises NotFound for an unknown number.
    """
    for task, events in _chains(session, number):
        seen.tasks += 1
        seen.events += len(events)
        for fault in breaks(task, events):
            seen.faults += 1
            yield fault
    if number is None:
        for fault in _orphans(session):
            seen.faults += 1
            yield fault


def _chains(session: Session, number: str | None) -> Iterator[tuple[Row, list[Row]]]:
    query = select(*_TASK).order_by(Task.id).limit(PAGE)
    if number is not None:
        query = query.where(Task.number == number.strip().upper())
    last, found_any = 0, False
    while page := session.execute(query.where(Task.id > last)).all():
        found_any = True
        first, last = page[0].id, page[-1].id
        rows = session.execute(
            select(*_EVENT)
            .where(TaskEvent.task_id >= first, TaskEvent.task_id <= last)
            .order_by(TaskEvent.task_id, TaskEvent.sequence)
        )
        events = {task: list(own) for task, own in groupby(rows, key=lambda row: row.task_id)}
        for task in page:
            yield task, events.get(task.id, [])
    if number is not None and not found_any:
        raise NotFound(N_("没有编号为 %(number)s 的任务。"), number=number)


def _orphans(session: Session) -> Iterator[str]:
    rows = session.execute(
        select(TaskEvent.task_id, func.count())
        .outerjoin(Task, Task.id == TaskEvent.task_id)
        .where(Task.id.is_(None))
        .group_by(TaskEvent.task_id)
        .order_by(TaskEvent.task_id)
    )
    for task_id, count in rows:
        yield f"task {task_id}: {count} events, but the task is gone"
