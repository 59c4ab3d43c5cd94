"""Knows what a task's row was before its last step, and puts it back.

Only steps that change the row alone can be taken back (`Transition.undoable`); the two events
stay in the chain: what was done, and that it was undone.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import inspect

from tracker.errors import Conflict
from tracker.tasks.lifecycle import UNDO_MINUTES, Transition
from tracker.tasks.models import Task
from tracker.tasks.states import ACTION_LABELS, Action
from tracker.tasks.steps import Payload, Step
from tracker.texts import N_

#: Columns that count events, or say which step can be taken back: never put back.
_KEPT = frozenset(
    {"id", "uuid", "number", "version", "event_count", "head_hash", "updated_at",
     "undo_by_id", "undo_until", "undo_before"}
)  # fmt: skip
_UNDO = timedelta(minutes=UNDO_MINUTES)


def picture(task: Task) -> dict[str, Any]:
    """Every column that a step may change, as JSON values; read again where the row expired."""
    return {
        name: _plain(getattr(task, name))
        for name in inspect(Task).column_attrs.keys()  # noqa: SIM118 - not a dict
        if name not in _KEPT
    }


def remember(step: Step, row: Transition, before: dict[str, Any] | None, reason_code: str) -> None:
    """After a step: what it changed and why, for as long as it can be taken back; else nothing.

    A step that ended a joint decision dismissed its units too, and those rows are not put back.
    """
    task = step.task
    after = picture(task) if before is not None and row.undoable else None
    if before is None or after is None or before["joint"] != after["joint"]:
        if task.undo_until is not None:
            task.undo_by_id = task.undo_until = task.undo_before = None
        return
    task.undo_before = {"action": row.action.value, "reason_code": reason_code} | {
        name: value for name, value in before.items() if after.get(name) != value
    }
    task.undo_by_id = step.actor.user_id
    task.undo_until = step.at + _UNDO


def undo(step: Step) -> Payload:
    """Put the row back. Raises Conflict when there is nothing to put back."""
    task, before = step.task, dict(step.task.undo_before or {})
    until = task.undo_until
    action, reason_code = before.pop("action", None), before.pop("reason_code", "")
    if action is None:
        raise Conflict(N_("上一步不能撤销。"), code="condition")
    for name, value in before.items():
        setattr(task, name, _rich(value))
    said = {"undone": action, "undone_step": ACTION_LABELS[Action(action)]}
    said |= {} if until is None else {"undone_at": (until - _UNDO).isoformat()}
    return said | ({"undone_reason": reason_code} if reason_code else {})


def _plain(value: Any) -> Any:
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _rich(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"at"}:
        return datetime.fromisoformat(value["at"])
    return value
