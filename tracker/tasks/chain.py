"""Knows how each event seals the one before it, and how a broken chain shows."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

#: The hash before the first event of a task.
GENESIS = "0" * 64


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def seal(event: Any, *, task_uuid: str) -> str:
    """SHA-256 over the canonical JSON of an event and the hash before it."""
    content = {
        "task": task_uuid,
        "sequence": event.sequence,
        "action": event.action,
        "from": event.source_state,
        "to": event.target_state,
        "actor": event.actor_id,
        "name": event.actor_name,
        "roles": event.roles,
        "at": _moment(event.at),
        "recorded": _moment(event.recorded_at),
        "payload": event.payload,
        "prev": event.prev_hash,
    }
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def breaks(task: Any, events: Iterable[Any]) -> list[str]:
    """What is wrong with a task's chain, one sentence each; empty when it is whole."""
    faults = []
    previous, count, state = GENESIS, 0, None
    for event in events:
        count += 1
        if event.sequence != count:
            faults.append(f"{task.number}: event {count} is missing, found {event.sequence}")
            break
        if event.prev_hash != previous or event.hash != seal(event, task_uuid=task.uuid):
            faults.append(f"{task.number}: event {count} was altered")
        previous, state = event.hash, event.target_state
    if not faults and (task.event_count != count or task.head_hash != previous):
        faults.append(f"{task.number}: the chain ends at {count}, the task says {task.event_count}")
    if not faults and state != task.state:
        faults.append(
            f"{task.number}: state {task.state} is not what the last event says ({state})"
        )
    return faults
