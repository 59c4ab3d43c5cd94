"""Knows the tasks that were sent back: reworked, or returned by a unit, also for which reason."""

from sqlalchemy import ColumnElement, select

from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.reasons import REASONS
from tracker.tasks.states import Action
from tracker.texts import N_

#: Value of the address bar → words.
BACK_LABELS: dict[str, str] = {
    "rework": N_("有返工"),
    "return": N_("有退单"),
    **{f"return.{code}": words for code, words in REASONS[Action.RETURN].items()},
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
    if value == "rework":
        return [Task.rework_count > 0]
    reason = value.partition(".")[2]
    if not reason:
        return [Task.return_count > 0]
    given = select(TaskEvent.id).where(
        TaskEvent.task_id == Task.id,
        TaskEvent.action == Action.RETURN.value,
        TaskEvent.payload["reason_code"].as_string() == reason,
    )
    return [Task.return_count > 0, given.exists()]
