"""Knows until when the stage that lies with the office (受理, 派遣, 核查) should be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.calendar import Limit
from tracker.tasks import deadlines
from tracker.tasks.limits.queries import all_rules
from tracker.tasks.limits.rules import STAGE_LABELS, Severity, Stage, limit_for
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.running import work_calendar
from tracker.tasks.states import Source, State

#: Whose turn it is in these states; in the others the unit's own clock runs.
_OFFICE = {
    State.REPORTED: Stage.ACCEPT,
    State.FILED: Stage.DISPATCH,
    State.SUBMITTED: Stage.VERIFY,
}


@dataclass(frozen=True)
class StageDue:
    """The office's stage, its limit, and when that runs out."""

    stage: Stage
    limit: Limit
    due_at: datetime

    @property
    def label(self) -> str:
        """The Chinese word of the stage (a message id)."""
        return STAGE_LABELS[self.stage]


def stage_due(session: Session, task: Task, events: Sequence[TaskEvent]) -> StageDue | None:
    """The deadline of the stage a task is in; None when it is not the office's or has no limit.

    It runs from when the task came into its state last by `events` (all of the task, in order), so
    that a returned task begins anew.
    """
    state = State(task.state)
    stage = _OFFICE.get(state)
    if stage is None:
        return None
    limit = limit_for(
        all_rules(session, stage), task.category, Severity.of(task.is_urgent), Source(task.source), stage
    )  # fmt: skip
    came = [one.at for one in events if one.target_state == state and one.source_state != state]
    if limit is None or not came:
        return None
    return StageDue(stage, limit, deadlines.due_at(came[-1], limit, work_calendar()))
