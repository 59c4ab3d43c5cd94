"""Knows the whole workflow as one table: from, to, who, what is needed, and what must hold.

Standard library and names only; `operations.apply` is the one interpreter. The table is
`docs/workflow.md` in words (a test compares them). Roles and the order of steps follow the
seven-stage closed loop (信息采集 → 立案 → 派遣 → 处置 → 反馈 → 核查结案 → 评价).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.access.permissions import Permission as P
from tracker.tasks.states import OPEN, Action, Need, State
from tracker.texts import N_

A, S, N = Action, State, Need

#: At most this many extensions are granted to one task (YC practice).
MAX_EXTENSIONS = 2
#: A suspension ends within this many days.
MAX_SUSPENSION_DAYS = 366


@dataclass(frozen=True)
class Condition:
    """Something besides state and permission that must hold, and the words when it does not."""

    holds: Callable[[Any, datetime], bool]
    otherwise: str


BEFORE_DUE = Condition(
    lambda task, now: task.due_at is None or now <= task.due_at,
    N_("已超过整改时限，不能再办理此项"),
)
EXTENSIONS_LEFT = Condition(
    lambda task, _now: task.extension_count < MAX_EXTENSIONS, N_("延期次数已用完（最多两次）")
)
NOTHING_ASKED = Condition(
    lambda task, _now: task.asked is None, N_("已有一项申请等待审批，请先处理该申请")
)
EXTENSION_ASKED = Condition(
    lambda task, _now: task.asked == "extension", N_("没有待审批的延期申请")
)
SUSPENSION_ASKED = Condition(
    lambda task, _now: task.asked == "suspension", N_("没有待审批的挂账申请")
)
APPEAL_ASKED = Condition(lambda task, _now: task.asked == "appeal", N_("没有待审核的申诉"))
NOT_APPEALED = Condition(lambda task, _now: not task.appealed, N_("该任务已申诉过，只能申诉一次"))
WAS_OVERDUE = Condition(lambda task, _now: bool(task.was_overdue), N_("没有超期记录，无需申诉"))
NOT_RATED = Condition(lambda task, _now: task.stars is None, N_("已评价过，只能评价一次"))
IS_CITIZENS = Condition(
    lambda task, _now: task.source == "citizen_snap", N_("只有市民反映的问题可以评价")
)


@dataclass(frozen=True)
class Transition:
    """One row of the workflow. `target` None keeps the state."""

    action: Action
    sources: frozenset[State | None]
    target: State | None
    permission: P
    needs: tuple[Need, ...] = ()
    optional: tuple[Need, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def leads_to(self, source: State | None) -> State | None:
        return self.target if self.target is not None else source


def _row(
    action: Action,
    sources: State | frozenset[State] | None,
    target: State | None,
    permission: P,
    *,
    needs: tuple[Need, ...] = (),
    optional: tuple[Need, ...] = (),
    conditions: tuple[Condition, ...] = (),
) -> Transition:
    froms: frozenset[State | None]
    if sources is None:
        froms = frozenset({None})
    elif isinstance(sources, State):
        froms = frozenset({sources})
    else:
        froms = frozenset(sources)
    return Transition(action, froms, target, permission, needs, optional, conditions)


_HELD = frozenset({S.DISPATCHED, S.HANDLING})
_REPORT = (N.PLACE, N.CATEGORY, N.DESCRIPTION, N.BEFORE_PHOTO)

TRANSITIONS: tuple[Transition, ...] = (
    _row(A.REPORT, None, S.REPORTED, P.TASK_REPORT, needs=_REPORT),
    _row(A.SELF_HANDLE, None, S.CLOSED, P.TASK_SELF_HANDLE, needs=(*_REPORT, N.AFTER_PHOTO), optional=(N.MEASURES,)),
    _row(A.FILE, S.REPORTED, S.FILED, P.TASK_FILE, needs=(N.CATEGORY,), optional=(N.TEXT,)),
    _row(A.REJECT, S.REPORTED, S.REJECTED, P.TASK_REJECT, needs=(N.REASON,)),
    _row(A.MERGE, frozenset({S.REPORTED, S.FILED}), S.MERGED, P.TASK_MERGE, needs=(N.OTHER_TASK,), optional=(N.TEXT,)),
    _row(A.DISPATCH, S.FILED, S.DISPATCHED, P.TASK_DISPATCH, needs=(N.UNIT, N.LIMIT), optional=(N.TEXT,)),
    _row(A.ACKNOWLEDGE, S.DISPATCHED, S.HANDLING, P.TASK_ACKNOWLEDGE),
    _row(A.RETURN, _HELD, S.FILED, P.TASK_RETURN, needs=(N.REASON,), conditions=(BEFORE_DUE,)),
    _row(A.ASSIGN, _HELD, None, P.TASK_ASSIGN, needs=(N.PERSON,), optional=(N.TEXT,)),
    _row(A.SUBMIT, _HELD, S.SUBMITTED, P.TASK_SUBMIT, needs=(N.AFTER_PHOTO, N.MEASURES)),
    _row(A.WITHDRAW, S.SUBMITTED, S.HANDLING, P.TASK_WITHDRAW, optional=(N.REASON,)),
    _row(A.PASS, S.SUBMITTED, S.CLOSED, P.TASK_VERIFY, optional=(N.TEXT,)),
    _row(A.CLOSE_BY_NOTICE, S.SUBMITTED, S.CLOSED, P.TASK_VERIFY, needs=(N.REASON,)),
    _row(A.REWORK, S.SUBMITTED, S.HANDLING, P.TASK_VERIFY, needs=(N.REASON, N.LIMIT)),
    _row(A.ASK_EXTENSION, S.HANDLING, None, P.TASK_ASK_EXTENSION, needs=(N.REASON,), conditions=(BEFORE_DUE, EXTENSIONS_LEFT, NOTHING_ASKED)),
    _row(A.GRANT_EXTENSION, S.HANDLING, None, P.TASK_DECIDE_EXTENSION, optional=(N.TEXT,), conditions=(EXTENSION_ASKED, EXTENSIONS_LEFT)),
    _row(A.DENY_EXTENSION, S.HANDLING, None, P.TASK_DECIDE_EXTENSION, needs=(N.REASON,), conditions=(EXTENSION_ASKED,)),
    _row(A.ASK_SUSPENSION, S.HANDLING, None, P.TASK_ASK_SUSPENSION, needs=(N.REASON, N.UNTIL), conditions=(NOTHING_ASKED,)),
    _row(A.SUSPEND, S.HANDLING, S.SUSPENDED, P.TASK_SUSPEND, needs=(N.REASON, N.UNTIL), conditions=(SUSPENSION_ASKED,)),
    _row(A.DENY_SUSPENSION, S.HANDLING, None, P.TASK_SUSPEND, needs=(N.REASON,), conditions=(SUSPENSION_ASKED,)),
    _row(A.RESUME, S.SUSPENDED, S.HANDLING, P.TASK_RESUME, optional=(N.TEXT,)),
    _row(A.REDISPATCH, _HELD, S.DISPATCHED, P.TASK_REDISPATCH, needs=(N.UNIT, N.LIMIT), optional=(N.REASON,)),
    _row(A.SUPERVISE, OPEN, None, P.TASK_SUPERVISE, needs=(N.TEXT,)),
    _row(A.URGE, OPEN, None, P.TASK_URGE, needs=(N.TEXT,)),
    _row(A.INSTRUCT, OPEN, None, P.TASK_INSTRUCT, needs=(N.TEXT,)),
    _row(A.REOPEN, S.CLOSED, None, P.TASK_REOPEN, needs=(N.DESCRIPTION, N.BEFORE_PHOTO)),
    _row(A.RELOCATE, OPEN, None, P.TASK_RELOCATE, needs=(N.PLACE,), optional=(N.TEXT,)),
    _row(A.CANCEL, OPEN, S.CANCELLED, P.TASK_CANCEL, needs=(N.REASON,)),
    _row(A.APPEAL, S.CLOSED, None, P.TASK_APPEAL, needs=(N.REASON,), conditions=(WAS_OVERDUE, NOT_APPEALED, NOTHING_ASKED)),
    _row(A.GRANT_APPEAL, S.CLOSED, None, P.TASK_DECIDE_APPEAL, optional=(N.TEXT,), conditions=(APPEAL_ASKED,)),
    _row(A.DENY_APPEAL, S.CLOSED, None, P.TASK_DECIDE_APPEAL, needs=(N.REASON,), conditions=(APPEAL_ASKED,)),
    _row(A.RATE, S.CLOSED, None, P.TASK_RATE, needs=(N.STARS,), optional=(N.TEXT,), conditions=(IS_CITIZENS, NOT_RATED)),
    _row(A.COMMENT, frozenset(S), None, P.TASK_COMMENT, needs=(N.TEXT,)),
)  # fmt: skip

BY_ACTION: dict[Action, Transition] = {row.action: row for row in TRANSITIONS}

if set(BY_ACTION) != set(Action) or len(BY_ACTION) != len(TRANSITIONS):
    raise RuntimeError("every action has exactly one row in TRANSITIONS")


def leaving(state: State) -> tuple[Transition, ...]:
    """The rows that start at `state`, in table order."""
    return tuple(row for row in TRANSITIONS if state in row.sources)
