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
from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.tasks.states import OPEN, Action, Need, State
from tracker.texts import N_

A, S, N = Action, State, Need

#: At most this many extensions are granted to one task (YC practice).
MAX_EXTENSIONS = 2
#: A suspension ends within this many days.
MAX_SUSPENSION_DAYS = 366
#: A unit may send back what is not its own within this time (VB, FS: 2 工作时).
RETURN_WINDOW = Limit(2, LimitUnit.WORK_HOUR, LimitReading.ROLLING)
#: The n-th return is no longer the dispatcher's to sort out alone: both heads meet (区协调).
JOINT_AT_RETURN = 2
#: So many units may assist the lead unit.
MAX_ASSISTS = 5
#: One's own last step can be taken back this long, while nobody acted on it.
UNDO_MINUTES = 5
#: A problem of the same category this near to one closed this lately is proposed as its recurrence.
RECURRENCE_WITHIN_M = 50.0
RECURRENCE_WITHIN_DAYS = 30


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
IN_RETURN_WINDOW = Condition(
    lambda task, now: task.return_until is None or now <= task.return_until,
    N_("已超过退单期限（派遣后2个工作时），不能退单；确有困难请申请延期或联系区迎检办"),
)
NOT_FORCED = Condition(
    lambda task, _now: not task.is_forced, N_("责任单位已由会商决定，不能再退单")
)
NO_JOINT = Condition(
    lambda task, _now: task.joint is None, N_("须先由相关单位负责人会商，由指定的人决定责任单位")
)
JOINT_DUE = Condition(lambda task, _now: task.joint is not None, N_("没有待召集的会商"))
JOINT_CONVENED = Condition(
    lambda task, _now: task.joint_decider_id is not None, N_("会商尚未召集，或已经决定")
)
TO_ENDORSE = Condition(
    lambda task, _now: task.asked in ("extension", "suspension") and not task.is_endorsed,
    N_("没有待本单位负责人审核的申请"),
)
ENDORSED = Condition(lambda task, _now: bool(task.is_endorsed), N_("须先由承办单位负责人审核同意"))
HAS_ASSISTS = Condition(lambda task, _now: bool(task.assist_unit_ids), N_("没有协办单位"))
ASSISTS_LEFT = Condition(
    lambda task, _now: len(task.assist_unit_ids or ()) < MAX_ASSISTS,
    N_("协办单位最多五个"),
)
REWORK_TO_READ = Condition(lambda task, _now: bool(task.rework_to_read), N_("没有待知悉的返工要求"))
REWORK_READ = Condition(
    lambda task, _now: not task.rework_to_read, N_("请先查看返工标注并点“知悉返工要求”")
)
NOT_LINKED = Condition(
    lambda task, _now: task.recurrence_of_id is None, N_("该任务已关联过复发前的任务")
)
UNDO_LEFT = Condition(
    lambda task, now: task.undo_until is not None and now <= task.undo_until,
    N_("只能在五分钟内、且他人尚未办理时撤销本人的上一步"),
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
    """One row of the workflow. `target` None keeps the state (UNDO gives the one before back)."""

    action: Action
    sources: frozenset[State | None]
    target: State | None
    permission: P
    needs: tuple[Need, ...] = ()
    optional: tuple[Need, ...] = ()
    conditions: tuple[Condition, ...] = ()
    #: whoever took this step may take it back for some minutes: it changed the task's row alone
    undoable: bool = False

    def leads_to(self, source: State | None) -> State | None:
        """The state after this step, by the table alone: what UNDO puts back, only the task knows."""
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
    undoable: bool = False,
) -> Transition:
    froms: frozenset[State | None]
    if sources is None:
        froms = frozenset({None})
    elif isinstance(sources, State):
        froms = frozenset({sources})
    else:
        froms = frozenset(sources)
    return Transition(action, froms, target, permission, needs, optional, conditions, undoable)


_HELD = frozenset({S.DISPATCHED, S.HANDLING})
_REPORT = (N.PLACE, N.CATEGORY, N.DESCRIPTION, N.BEFORE_PHOTO)

TRANSITIONS: tuple[Transition, ...] = (
    _row(A.REPORT, None, S.REPORTED, P.TASK_REPORT, needs=_REPORT),
    _row(A.SELF_HANDLE, None, S.CLOSED, P.TASK_SELF_HANDLE, needs=(*_REPORT, N.AFTER_PHOTO), optional=(N.MEASURES,)),
    _row(A.FILE, S.REPORTED, S.FILED, P.TASK_FILE, needs=(N.CATEGORY,), optional=(N.TEXT,), undoable=True),
    _row(A.REJECT, S.REPORTED, S.REJECTED, P.TASK_REJECT, needs=(N.REASON,), undoable=True),
    _row(A.MERGE, frozenset({S.REPORTED, S.FILED}), S.MERGED, P.TASK_MERGE, needs=(N.OTHER_TASK,), optional=(N.TEXT,), conditions=(NO_JOINT,), undoable=True),
    _row(A.DISPATCH, S.FILED, S.DISPATCHED, P.TASK_DISPATCH, needs=(N.UNIT, N.LIMIT), optional=(N.TEXT,), conditions=(NO_JOINT,), undoable=True),
    _row(A.ACKNOWLEDGE, S.DISPATCHED, S.HANDLING, P.TASK_ACKNOWLEDGE, undoable=True),
    _row(A.RETURN, _HELD, S.FILED, P.TASK_RETURN, needs=(N.REASON_CODE, N.REASON), conditions=(BEFORE_DUE, IN_RETURN_WINDOW, NOT_FORCED)),
    _row(A.ASSIGN, _HELD, None, P.TASK_ASSIGN, needs=(N.PERSON,), optional=(N.TEXT,), undoable=True),
    _row(A.ACKNOWLEDGE_REWORK, _HELD, None, P.TASK_SUBMIT, conditions=(REWORK_TO_READ,)),
    _row(A.SUBMIT, _HELD, S.SUBMITTED, P.TASK_SUBMIT, needs=(N.AFTER_PHOTO, N.MEASURES), conditions=(REWORK_READ,)),
    _row(A.WITHDRAW, S.SUBMITTED, S.HANDLING, P.TASK_WITHDRAW, optional=(N.REASON,)),
    _row(A.PASS, S.SUBMITTED, S.CLOSED, P.TASK_VERIFY, optional=(N.TEXT,), undoable=True),
    _row(A.CLOSE_BY_NOTICE, S.SUBMITTED, S.CLOSED, P.TASK_VERIFY, needs=(N.REASON_CODE, N.REASON), undoable=True),
    _row(A.REWORK, S.SUBMITTED, S.HANDLING, P.TASK_VERIFY, needs=(N.REASON_CODE, N.REASON, N.LIMIT), optional=(N.DRAWING,), undoable=True),
    _row(A.ASK_EXTENSION, S.HANDLING, None, P.TASK_ASK_EXTENSION, needs=(N.REASON,), conditions=(BEFORE_DUE, EXTENSIONS_LEFT, NOTHING_ASKED), undoable=True),
    _row(A.ASK_SUSPENSION, S.HANDLING, None, P.TASK_ASK_SUSPENSION, needs=(N.REASON_CODE, N.REASON, N.UNTIL), conditions=(NOTHING_ASKED,), undoable=True),
    _row(A.ENDORSE, S.HANDLING, None, P.TASK_ENDORSE, optional=(N.TEXT,), conditions=(TO_ENDORSE,), undoable=True),
    _row(A.DECLINE, S.HANDLING, None, P.TASK_ENDORSE, needs=(N.REASON,), conditions=(TO_ENDORSE,), undoable=True),
    _row(A.GRANT_EXTENSION, S.HANDLING, None, P.TASK_DECIDE_EXTENSION, optional=(N.TEXT,), conditions=(EXTENSION_ASKED, ENDORSED, EXTENSIONS_LEFT), undoable=True),
    _row(A.DENY_EXTENSION, S.HANDLING, None, P.TASK_DECIDE_EXTENSION, needs=(N.REASON,), conditions=(EXTENSION_ASKED,), undoable=True),
    _row(A.SUSPEND, S.HANDLING, S.SUSPENDED, P.TASK_SUSPEND, needs=(N.REASON, N.UNTIL), conditions=(SUSPENSION_ASKED, ENDORSED), undoable=True),
    _row(A.DENY_SUSPENSION, S.HANDLING, None, P.TASK_SUSPEND, needs=(N.REASON,), conditions=(SUSPENSION_ASKED,), undoable=True),
    _row(A.RESUME, S.SUSPENDED, S.HANDLING, P.TASK_RESUME, optional=(N.TEXT,)),
    _row(A.REDISPATCH, _HELD, S.DISPATCHED, P.TASK_REDISPATCH, needs=(N.UNIT, N.LIMIT, N.REASON), undoable=True),
    _row(A.ADD_ASSIST, _HELD, None, P.TASK_ARRANGE_ASSIST, needs=(N.UNIT, N.TEXT), conditions=(ASSISTS_LEFT,)),
    _row(A.REMOVE_ASSIST, _HELD, None, P.TASK_ARRANGE_ASSIST, needs=(N.UNIT,), optional=(N.REASON,), conditions=(HAS_ASSISTS,)),
    _row(A.ASSIST_REPLY, _HELD, None, P.TASK_ASSIST, needs=(N.TEXT,), optional=(N.AFTER_PHOTO,), conditions=(HAS_ASSISTS,)),
    _row(A.CONVENE, S.FILED, None, P.TASK_DISPATCH, needs=(N.PERSON,), optional=(N.UNIT, N.TEXT), conditions=(JOINT_DUE,)),
    _row(A.OPINE, S.FILED, None, P.TASK_OPINE, needs=(N.TEXT,), conditions=(JOINT_CONVENED,)),
    _row(A.DECIDE_JOINT, S.FILED, S.DISPATCHED, P.TASK_DECIDE_JOINT, needs=(N.UNIT, N.LIMIT, N.REASON), conditions=(JOINT_CONVENED,)),
    _row(A.SUPERVISE, OPEN, None, P.TASK_SUPERVISE, needs=(N.TEXT,), optional=(N.LIMIT,)),
    _row(A.URGE, OPEN, None, P.TASK_URGE, needs=(N.TEXT,)),
    _row(A.INSTRUCT, OPEN, None, P.TASK_INSTRUCT, needs=(N.TEXT,)),
    _row(A.REOPEN, S.CLOSED, None, P.TASK_REOPEN, needs=(N.DESCRIPTION, N.BEFORE_PHOTO)),
    _row(A.LINK_RECURRENCE, OPEN, None, P.TASK_REOPEN, needs=(N.OTHER_TASK,), optional=(N.TEXT,), conditions=(NOT_LINKED,), undoable=True),
    _row(A.RELOCATE, OPEN, None, P.TASK_RELOCATE, needs=(N.PLACE,), optional=(N.TEXT,), undoable=True),
    _row(A.CANCEL, OPEN, S.CANCELLED, P.TASK_CANCEL, needs=(N.REASON,), undoable=True),
    _row(A.APPEAL, S.CLOSED, None, P.TASK_APPEAL, needs=(N.REASON,), conditions=(WAS_OVERDUE, NOT_APPEALED, NOTHING_ASKED), undoable=True),
    _row(A.GRANT_APPEAL, S.CLOSED, None, P.TASK_DECIDE_APPEAL, optional=(N.TEXT,), conditions=(APPEAL_ASKED,), undoable=True),
    _row(A.DENY_APPEAL, S.CLOSED, None, P.TASK_DECIDE_APPEAL, needs=(N.REASON,), conditions=(APPEAL_ASKED,), undoable=True),
    _row(A.RATE, S.CLOSED, None, P.TASK_RATE, needs=(N.STARS,), optional=(N.TEXT,), conditions=(IS_CITIZENS, NOT_RATED)),
    _row(A.COMMENT, frozenset(S), None, P.TASK_COMMENT, needs=(N.TEXT,)),
    _row(A.RECALCULATE, frozenset({S.DISPATCHED, S.HANDLING, S.SUSPENDED}), None, P.TASK_RECALCULATE),
    _row(A.UNDO, frozenset(S), None, P.TASK_UNDO, conditions=(UNDO_LEFT,)),
)  # fmt: skip

BY_ACTION: dict[Action, Transition] = {row.action: row for row in TRANSITIONS}

if set(BY_ACTION) != set(Action) or len(BY_ACTION) != len(TRANSITIONS):
    raise RuntimeError("every action has exactly one row in TRANSITIONS")


def leaving(state: State) -> tuple[Transition, ...]:
    """The rows that start at `state`, in table order."""
    return tuple(row for row in TRANSITIONS if state in row.sources)
