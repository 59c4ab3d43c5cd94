"""Knows the tasks that were sent back: reworked, or returned by a unit, also for which reason."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.reasons import REASONS, UNSAID
from tracker.tasks.states import Action
from tracker.texts import N_

_SENDS = {"rework": Action.REWORK, "return": Action.RETURN}
#: Code of a step that says no reason: it is older than the reasons.
NO_REASON = "unsaid"

#: Value of the address bar → words; behind a dot stands the code of a reason.
BACK_LABELS: dict[str, str] = {
    "rework": N_("有返工"),
    "return": N_("有退单"),
    **{
        f"{name}.{code}": words
        for name, action in _SENDS.items()
        for code, words in {**REASONS[action], NO_REASON: UNSAID}.items()
    },
}


def known(text: str) -> str:
    """A value of BACK_LABELS. Raises ValueError."""
    if text not in BACK_LABELS:
        raise ValueError(text)
    return text


def of_back(value: str) -> list[ColumnElement[bool]]:
    """What is asked of a task; nothing when nothing is. A step that was taken back does not count."""
    if not value:
        return []
    name, _, code = value.partition(".")
    times = Task.rework_count if name == "rework" else Task.return_count
    if not code:
        return [times > 0]
    reason = TaskEvent.payload["reason_code"].as_string()
    given = select(TaskEvent.id).where(
        TaskEvent.task_id == Task.id,
        *stands(_SENDS[name]),
        reason.is_(None) if code == NO_REASON else reason == code,
    )
    return [times > 0, given.exists()]


def stands(action: Action) -> list[ColumnElement[bool]]:
    """Events of an action that were not taken back: the very next one would say so."""
    after = aliased(TaskEvent)
    undone = select(after.id).where(
        after.task_id == TaskEvent.task_id,
        after.sequence == TaskEvent.sequence + 1,
        after.action == Action.UNDO.value,
    )
    return [TaskEvent.action == action.value, ~undone.exists()]
