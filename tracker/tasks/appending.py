"""Knows how an event is appended to a task: sealed, with its photos, heard of by all who count."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.tasks import batches, listeners
from tracker.tasks.attaching import taken_from_tray
from tracker.tasks.chain import GENESIS, seal
from tracker.tasks.given import Given
from tracker.tasks.lifecycle import Transition
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.standing import Standing, moved, standing_of

#: What a person typed, in the order the time line shows it.
_WORDS = ("reason", "text", "measures", "no_photo_reason", "description")


def append(
    session: Session,
    row: Transition,
    task: Task,
    stood: Standing | None,
    actor: Actor,
    given: Given,
    payload: dict[str, Any],
    at: datetime,
) -> TaskEvent:
    """Write the event of a step that was carried out; `stood` is how the task stood before it.

    What was typed, what the step remembers, which photos and which facets it moved are sealed in
    the chain; whoever listens and whoever counts hears of it inside the same transaction.
    """
    # One UPDATE of the task for one event, so that its version counts its events.
    with session.no_autoflush:
        photos = taken_from_tray(session, row.action, given, actor)
    words = {name: getattr(given, name) for name in _WORDS if getattr(given, name)}
    sealed = {"photos": [photo.sha256 for photo in photos]} if photos else {}
    now = clock.now()
    task.event_count += 1
    task.updated_at = now
    stands = standing_of(task)
    event = batches.made(
        session,
        TaskEvent,
        sequence=task.event_count,
        action=row.action.value,
        source_state=stood.state if stood else None,
        target_state=task.state,
        actor_id=actor.user_id,
        actor_name=actor.name,
        roles=",".join(sorted(actor.roles)),
        at=at,
        recorded_at=now,
        payload={**words, **payload, **sealed, **moved(stood, stands)},
        prev_hash=task.head_hash or GENESIS,
    )
    event.hash = task.head_hash = seal(event, task_uuid=task.uuid)
    event.task = task
    if batches.is_open(session):
        listeners.counted(session, event, stood, stands)
        return event
    session.add(task)
    session.flush()
    event.task_id = task.id
    session.add(event)
    if photos:
        session.flush()
        for photo in photos:
            photo.task_id, photo.event_id = task.id, event.id
    listeners.counted(session, event, stood, stands)
    return listeners.told(session, event, task)
