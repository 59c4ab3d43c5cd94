"""Knows which actions a person may take on a task now, and why the others are not possible."""

from dataclasses import dataclass
from datetime import datetime

from tracker.access.actor import Actor
from tracker.access.policy import WHO, allows
from tracker.tasks.lifecycle import TRANSITIONS, Transition
from tracker.tasks.models import Task
from tracker.tasks.states import ACTION_LABELS, Action, State
from tracker.texts import N_

#: The actions that a task page offers, the most usual first. What makes a task, brings one back
#: or is nobody's by hand has its own page or none.
ON_PAGES = (
    Action.FILE, Action.DECIDE_JOINT, Action.CONVENE, Action.REJECT, Action.MERGE, Action.DISPATCH,
    Action.ACKNOWLEDGE, Action.ACKNOWLEDGE_REWORK, Action.ENDORSE, Action.DECLINE,
    Action.GRANT_EXTENSION, Action.DENY_EXTENSION, Action.SUSPEND, Action.DENY_SUSPENSION,
    Action.SUBMIT, Action.ASSIST_REPLY, Action.OPINE, Action.ASSIGN, Action.ASK_EXTENSION,
    Action.ASK_SUSPENSION, Action.RETURN, Action.WITHDRAW, Action.PASS, Action.REWORK,
    Action.CLOSE_BY_NOTICE, Action.GRANT_APPEAL, Action.DENY_APPEAL, Action.APPEAL, Action.RESUME,
    Action.SUPERVISE, Action.INSTRUCT, Action.URGE, Action.REDISPATCH, Action.ADD_ASSIST,
    Action.REMOVE_ASSIST, Action.LINK_RECURRENCE, Action.RELOCATE, Action.CANCEL, Action.UNDO,
    Action.COMMENT,
)  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """One action on a task page: possible when `refusal` is None."""

    action: Action
    label: str
    row: Transition
    refusal: str | None = None


def offers(task: Task, actor: Actor, *, at: datetime) -> list[Offer]:
    """Every action of this state that the pages know, possible ones first."""
    state = State(task.state)
    found = [
        Offer(row.action, ACTION_LABELS[row.action], row, _refusal(row, task, actor, at))
        for row in TRANSITIONS
        if row.action in ON_PAGES and state in row.sources
    ]
    rank = {action: number for number, action in enumerate(ON_PAGES)}
    return sorted(found, key=lambda offer: (offer.refusal is not None, rank[offer.action]))


def _refusal(row: Transition, task: Task, actor: Actor, at: datetime) -> str | None:
    if not allows(actor, row.permission, task):
        return WHO.get(row.permission, N_("您的岗位不能办理此项。"))
    for condition in row.conditions:
        if not condition.holds(task, at):
            return condition.otherwise
    return None
