"""Lets the counters follow when a test moved the dates of tasks by hand, past the door."""

from sqlalchemy import select

from tracker.counters.recounting import rebuild
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.standing import STANDS


def recount() -> None:
    """Let the newest event of each task say its deadline, then count everything anew."""
    with unit_of_work() as work:
        for task, event in work.execute(
            select(Task, TaskEvent).join(TaskEvent, TaskEvent.task_id == Task.id)
            .where(TaskEvent.sequence == Task.event_count)
        ):  # fmt: skip
            due = task.due_at.isoformat() if task.due_at else None
            stands = {**event.payload.get(STANDS, {}), "due": due}
            event.payload = {**event.payload, STANDS: stands}
    rebuild()
