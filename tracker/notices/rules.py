"""Knows who is told what on which step: the whole of it as one table."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tracker.tasks.states import ACTION_LABELS, Action
from tracker.texts import N_

A = Action


class Who(StrEnum):
    """Whom a line of the table means; `recipients` finds the people."""

    UNIT = "unit"  #: everybody who acts for the unit that holds the task now
    FORMER_UNIT = "former_unit"  #: for the unit that held it before this step
    ASSIGNEE = "assignee"
    REPORTER = "reporter"
    SUBMITTER = "submitter"  #: who submitted it last
    ASKER = "asker"  #: who asked for what was decided
    STEERERS = "steerers"  #: who supervised, urged or instructed
    DISPATCHERS = "dispatchers"  #: dispatchers of its area
    VERIFIERS = "verifiers"  #: verifiers of its area
    ASSESSORS = "assessors"  #: assessors of its area
    HEADS = "heads"  #: those who head the unit that holds it
    ASSISTING = "assisting"  #: everybody who acts for a unit that assists
    CONSULTED = "consulted"  #: those who head a unit of the joint decision
    DECIDER = "decider"  #: who was named to decide jointly


class NoticeKind(StrEnum):
    """What a notice is to its reader; a person chooses which kinds go out."""

    WORK = "work"  #: there is something to do
    REQUEST = "request"  #: somebody waits for a decision
    STEERING = "steering"  #: a leader or the office presses
    DECISION = "decision"  #: what was decided on one's work or request
    PROGRESS = "progress"  #: how what one reported or steered goes on
    TALK = "talk"  #: a remark


NOTICE_KIND_LABELS = {
    NoticeKind.WORK: N_("待办"),
    NoticeKind.REQUEST: N_("待审"),
    NoticeKind.STEERING: N_("督促"),
    NoticeKind.DECISION: N_("办理结果"),
    NoticeKind.PROGRESS: N_("进展"),
    NoticeKind.TALK: N_("新留言"),
}

K, W = NoticeKind, Who


@dataclass(frozen=True)
class Telling:
    """One line: to whom, of which kind, in which words. The words name nobody and quote nothing."""

    to: Who
    kind: NoticeKind
    text: str
    #: of the task as the step left it; None is always
    when: Callable[[Any], bool] | None = None


def _all(
    kind: NoticeKind, text: str, *to: Who, when: Callable[[Any], bool] | None = None
) -> tuple[Telling, ...]:
    return tuple(Telling(one, kind, text, when) for one in to)


def _endorsed(task: Any) -> bool:
    """The office's turn, not the turn of the unit's head."""
    return bool(task.is_endorsed)


def _to_endorse(task: Any) -> bool:
    return not task.is_endorsed


def _to_convene(task: Any) -> bool:
    return task.joint is not None


def _to_dispatch(task: Any) -> bool:
    return task.joint is None


_CLOSED = (
    *_all(K.DECISION, N_("核查通过，任务已结案"), W.UNIT, W.ASSIGNEE),
    *_all(K.PROGRESS, N_("您上报的问题已结案"), W.REPORTER),
    *_all(K.PROGRESS, N_("您督促过的任务已结案"), W.STEERERS),
)

#: Every action has its line; an empty one says that nobody waits for it. Whoever fits two lines of
#: an action is told once, in the words of the first.
RULES: dict[Action, tuple[Telling, ...]] = {
    A.REPORT: _all(K.REQUEST, N_("新上报，待受理"), W.DISPATCHERS),
    A.SELF_HANDLE: (),  # reported and settled by the same person
    A.FILE: _all(K.PROGRESS, N_("您上报的问题已立案"), W.REPORTER),
    A.REJECT: _all(K.PROGRESS, N_("您上报的问题不予立案，原因见任务"), W.REPORTER),
    A.MERGE: _all(K.PROGRESS, N_("您上报的问题已并入另一项任务"), W.REPORTER),
    A.DISPATCH: _all(K.WORK, N_("新任务，待签收"), W.UNIT),
    A.ACKNOWLEDGE: (),  # the office sees it in its lists
    A.RETURN: (
        *_all(K.REQUEST, N_("责任单位退单，待重新派遣"), W.DISPATCHERS, when=_to_dispatch),
        *_all(K.REQUEST, N_("责任单位退单，须召集会商"), W.DISPATCHERS, when=_to_convene),
    ),
    A.ASSIGN: _all(K.WORK, N_("任务已指派给您办理"), W.ASSIGNEE),
    A.SUBMIT: _all(K.REQUEST, N_("整改已提交，待核查"), W.VERIFIERS),
    A.WITHDRAW: _all(K.PROGRESS, N_("提交已撤回，暂不核查"), W.VERIFIERS),
    A.PASS: _CLOSED,
    A.CLOSE_BY_NOTICE: _CLOSED,
    A.REWORK: _all(K.WORK, N_("核查未通过，须返工"), W.UNIT, W.ASSIGNEE, W.SUBMITTER),
    A.ASK_EXTENSION: (
        *_all(K.REQUEST, N_("经办人申请延期，待本单位负责人审核"), W.HEADS, when=_to_endorse),
        *_all(K.REQUEST, N_("申请延期，待审批"), W.DISPATCHERS, when=_endorsed),
    ),
    A.GRANT_EXTENSION: _all(K.DECISION, N_("延期申请已同意"), W.ASKER, W.UNIT, W.ASSIGNEE),
    A.DENY_EXTENSION: _all(K.DECISION, N_("延期申请未获同意"), W.ASKER, W.UNIT, W.ASSIGNEE),
    A.ASK_SUSPENSION: (
        *_all(K.REQUEST, N_("经办人申请挂账，待本单位负责人审核"), W.HEADS, when=_to_endorse),
        *_all(K.REQUEST, N_("申请挂账，待审批"), W.DISPATCHERS, when=_endorsed),
    ),
    A.SUSPEND: _all(K.DECISION, N_("挂账申请已同意，时限暂停"), W.ASKER, W.UNIT, W.ASSIGNEE),
    A.DENY_SUSPENSION: _all(K.DECISION, N_("挂账申请未获同意"), W.ASKER, W.UNIT, W.ASSIGNEE),
    A.RESUME: _all(K.WORK, N_("挂账已结束，时限继续计算"), W.UNIT, W.ASSIGNEE),
    A.REDISPATCH: (
        *_all(K.WORK, N_("新任务（改派），待签收"), W.UNIT),
        *_all(K.DECISION, N_("任务已改派给其他单位"), W.FORMER_UNIT),
    ),
    A.SUPERVISE: _all(K.STEERING, N_("任务被督办"), W.UNIT, W.ASSIGNEE, W.DISPATCHERS),
    A.URGE: _all(K.STEERING, N_("任务被催办"), W.UNIT, W.ASSIGNEE, W.DISPATCHERS),
    A.INSTRUCT: _all(K.STEERING, N_("领导有批示"), W.UNIT, W.ASSIGNEE, W.DISPATCHERS),
    A.REOPEN: _all(K.PROGRESS, N_("已结案的问题复发，另立新任务"), W.UNIT, W.STEERERS),
    A.RELOCATE: _all(K.PROGRESS, N_("任务位置已更正"), W.UNIT, W.ASSIGNEE),
    A.CANCEL: (
        *_all(K.DECISION, N_("任务已作废"), W.UNIT, W.ASSIGNEE),
        *_all(K.PROGRESS, N_("您上报的问题已作废，原因见任务"), W.REPORTER),
    ),
    A.APPEAL: _all(K.REQUEST, N_("超期申诉，待审核"), W.DISPATCHERS, W.ASSESSORS),
    A.GRANT_APPEAL: _all(K.DECISION, N_("申诉审核人已同意，进展见任务"), W.ASKER, W.UNIT),
    A.DENY_APPEAL: _all(K.DECISION, N_("申诉被驳回"), W.ASKER, W.UNIT),
    A.RATE: _all(K.PROGRESS, N_("市民已评价"), W.UNIT, W.DISPATCHERS),
    A.ENDORSE: (
        *_all(K.REQUEST, N_("承办单位已审核同意申请，待审批"), W.DISPATCHERS),
        *_all(K.DECISION, N_("本单位负责人已同意申请，已报区迎检办"), W.ASKER),
    ),
    A.DECLINE: _all(K.DECISION, N_("本单位负责人不同意申请"), W.ASKER),
    A.ADD_ASSIST: _all(K.WORK, N_("协办安排有更新，协办事项见任务"), W.ASSISTING, W.UNIT),
    A.ASSIST_REPLY: _all(K.PROGRESS, N_("协办单位已反馈"), W.UNIT, W.ASSIGNEE, W.DISPATCHERS),
    A.REMOVE_ASSIST: _all(K.PROGRESS, N_("协办单位有调整"), W.UNIT, W.ASSISTING),
    A.CONVENE: (
        *_all(K.REQUEST, N_("请组织会商并决定责任单位"), W.DECIDER),
        *_all(K.REQUEST, N_("须会商确定责任单位，请发表意见"), W.CONSULTED),
    ),
    A.OPINE: _all(K.PROGRESS, N_("参加会商的单位已发表意见"), W.DECIDER),
    A.DECIDE_JOINT: (
        *_all(K.WORK, N_("会商决定由您单位承办，待签收"), W.UNIT),
        *_all(K.PROGRESS, N_("会商已有决定，任务已派遣"), W.DISPATCHERS),
    ),
    A.ACKNOWLEDGE_REWORK: (),  # nobody waits for it
    A.LINK_RECURRENCE: _all(K.PROGRESS, N_("任务已关联为复发"), W.UNIT, W.ASSIGNEE),
    A.RECALCULATE: _all(K.DECISION, N_("工作日历有变更，整改时限已重算"), W.UNIT, W.ASSIGNEE),
    A.UNDO: _all(
        K.PROGRESS, N_("上一步已被撤销，请以任务页面为准"), W.UNIT, W.ASSIGNEE, W.FORMER_UNIT
    ),
    A.COMMENT: _all(K.TALK, N_("任务有新留言"), W.UNIT, W.ASSIGNEE, W.REPORTER),
}

if missing := set(Action) - set(RULES):
    raise RuntimeError(f"say who is told, be it nobody, on {sorted(missing)}")

if set(NOTICE_KIND_LABELS) != set(NoticeKind):
    raise RuntimeError("every kind of notice needs a label")


def text_key(action: Action, telling: Telling) -> str:
    """What a notice remembers its words by: they may be put better later.

    A second line of an action to the same people counts on from the first.
    """
    alike = [line for line in RULES[action] if line.to is telling.to]
    place = alike.index(telling)
    return f"{action.value}.{telling.to.value}" + (f".{place + 1}" if place else "")


#: The words by their key.
TEXTS = {text_key(action, one): one.text for action, lines in RULES.items() for one in lines}


def words_of(key: str) -> str:
    """The words of a notice; of a line that the table no longer has, the name of its step."""
    action = key.split(".", 1)[0]
    fallback = ACTION_LABELS[Action(action)] if action in set(Action) else N_("任务有更新")
    return TEXTS.get(key, fallback)
