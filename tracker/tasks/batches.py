"""Knows how many new tasks and their events are written at once: one statement for each table."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from tracker.tasks.models import Task, TaskEvent

#: Where a session keeps the batch that is open on it.
_OPEN = "tracker_open_batch"
_TASK: Table = Task.__table__  # type: ignore[assignment]
_EVENT: Table = TaskEvent.__table__  # type: ignore[assignment]
Row = TypeVar("Row", Task, TaskEvent)


def _blank(table: Table, *absent: str) -> dict[str, Any]:
    """A row before anything is known of it; the database fills the columns that are `absent`."""
    defaults: dict[str, Any] = {column.key: column.default for column in table.columns}
    return {
        name: default.arg if default is not None and default.is_scalar else None
        for name, default in defaults.items()
        if name not in absent
    }


_BLANK: dict[type, dict[str, Any]] = {
    # a nullable document would be written as JSON's null instead of none
    Task: _blank(_TASK, "undo_before"),
    TaskEvent: _blank(_EVENT, "id"),
}


def made(session: Session, kind: type[Row], **columns: Any) -> Row:
    """A new row that is in no session yet.

    Inside a batch it is no entity but its columns alone, which steps read and set as they do an
    entity's: nobody loads or tracks it, and that is most of what a row costs.
    """
    if not is_open(session):
        return kind(**columns)
    return cast(Row, SimpleNamespace(**{**_BLANK[kind], **columns}))


class Batch:
    """New tasks with their events, made but not yet written."""

    def __init__(self) -> None:
        self._tasks: list[Task] = []
        self._events: list[TaskEvent] = []

    def keep(self, task: Task, events: Sequence[TaskEvent]) -> None:
        """Write these at the end; what a caller does not keep is as if it had never been made."""
        self._tasks.append(task)
        self._events += events

    def write(self, session: Session) -> None:
        """Give the tasks their keys and insert everything."""
        if not self._tasks:
            return
        for task, key in zip(self._tasks, _new_keys(session, len(self._tasks)), strict=True):
            task.id = key
        for event in self._events:
            event.task_id = event.task.id
        connection, columns = session.connection(), tuple(_BLANK[TaskEvent])
        connection.execute(insert(_TASK), [vars(task) for task in self._tasks])
        connection.execute(
            insert(_EVENT),
            [{name: getattr(event, name) for name in columns} for event in self._events],
        )


@contextmanager
def batch(session: Session) -> Iterator[Batch]:
    """Within, `operations.apply` makes new tasks and events and writes none; the end writes what was kept.

    Only for tasks that begin inside, without photos. Nobody is told of their events, but whoever
    counts counts them.
    """
    opened = session.info[_OPEN] = Batch()
    try:
        yield opened
        opened.write(session)
    finally:
        session.info.pop(_OPEN, None)


def is_open(session: Session) -> bool:
    """Whether what is made now is written later."""
    return _OPEN in session.info


def _new_keys(session: Session, count: int) -> Sequence[int]:
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        # whoever writes holds the whole database: nobody else takes these
        last = connection.scalar(select(func.max(_TASK.c.id))) or 0
        return range(last + 1, last + count + 1)
    sequence = func.pg_get_serial_sequence(_TASK.name, "id")
    taken = select(func.nextval(sequence)).select_from(func.generate_series(1, count))
    return connection.scalars(taken).all()
