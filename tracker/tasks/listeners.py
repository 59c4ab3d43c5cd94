"""Knows who hears of an event of a task inside the transaction that writes it."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.standing import Standing

Listener = Callable[[Session, TaskEvent, Task], None]
Watcher = Callable[[Session, TaskEvent, Standing | None, Standing], None]

_listeners: list[Listener] = []
_watchers: list[Watcher] = []


def listen(listener: Listener) -> None:
    """Let a feature above this one hear of every event; said twice, it hears once."""
    if listener not in _listeners:
        _listeners.append(listener)


def told(session: Session, event: TaskEvent, task: Task) -> TaskEvent:
    """The event, after everybody heard of it; what they write is committed with it or not at all.

    Events of a batch (the import of history) are not told: nobody waits for news of last year.
    """
    for listener in _listeners:
        listener(session, event, task)
    return event


def watch(watcher: Watcher) -> None:
    """Let a feature above this one count every event, of batches too; said twice, it counts once."""
    if watcher not in _watchers:
        _watchers.append(watcher)


def counted(session: Session, event: TaskEvent, before: Standing | None, after: Standing) -> None:
    """Tell everybody who counts how the task stood before an event, and how it stands now."""
    for watcher in _watchers:
        watcher(session, event, before, after)
