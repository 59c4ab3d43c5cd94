"""Knows the states of a task, the actions on it, and what an action may ask for."""

from enum import StrEnum

from tracker.texts import N_


class State(StrEnum):
    """Where a task stands. Deadline, extension and flags are not states."""

    REPORTED = "reported"  #: somebody saw something; the office has not decided yet
    FILED = "filed"  #: accepted as a case, nobody holds it yet
    DISPATCHED = "dispatched"  #: sent to a unit, which has not signed for it; the clock runs
    HANDLING = "handling"  #: a unit is rectifying it
    SUBMITTED = "submitted"  #: the unit says it is done, somebody else has to check
    CLOSED = "closed"  #: checked and closed
    SUSPENDED = "suspended"  #: shelved until a date, the clock pauses
    REJECTED = "rejected"  #: not accepted as a case
    MERGED = "merged"  #: the same as another task, which goes on
    CANCELLED = "cancelled"  #: void; stays visible


STATE_LABELS = {
    State.REPORTED: N_("待受理"),
    State.FILED: N_("待派遣"),
    State.DISPATCHED: N_("待签收"),
    State.HANDLING: N_("整改中"),
    State.SUBMITTED: N_("待核查"),
    State.CLOSED: N_("已结案"),
    State.SUSPENDED: N_("挂账"),
    State.REJECTED: N_("不予立案"),
    State.MERGED: N_("已并案"),
    State.CANCELLED: N_("已作废"),
}

#: Work remains to be done.
OPEN = frozenset(
    {State.REPORTED, State.FILED, State.DISPATCHED, State.HANDLING, State.SUBMITTED, State.SUSPENDED}
)  # fmt: skip
#: The same in the order of the stages, as addresses and legends name them.
OPEN_STATES = tuple(state for state in State if state in OPEN)
#: A unit holds the task and its deadline runs.
RUNNING = frozenset({State.DISPATCHED, State.HANDLING})
#: Never became a case; left out of every rate.
VOID = frozenset({State.REJECTED, State.MERGED, State.CANCELLED})


class Action(StrEnum):
    """What can be done to a task; past tense is what the event says."""

    REPORT = "report"
    SELF_HANDLE = "self_handle"
    FILE = "file"
    REJECT = "reject"
    MERGE = "merge"
    DISPATCH = "dispatch"
    ACKNOWLEDGE = "acknowledge"
    RETURN = "return"
    ASSIGN = "assign"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    PASS = "pass"  # noqa: S105 - a verb, no password
    CLOSE_BY_NOTICE = "close_by_notice"
    REWORK = "rework"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    DENY_EXTENSION = "deny_extension"
    ASK_SUSPENSION = "ask_suspension"
    SUSPEND = "suspend"
    DENY_SUSPENSION = "deny_suspension"
    RESUME = "resume"
    REDISPATCH = "redispatch"
    SUPERVISE = "supervise"
    URGE = "urge"
    INSTRUCT = "instruct"
    REOPEN = "reopen"
    RELOCATE = "relocate"
    CANCEL = "cancel"
    APPEAL = "appeal"
    GRANT_APPEAL = "grant_appeal"
    DENY_APPEAL = "deny_appeal"
    RATE = "rate"
    COMMENT = "comment"
    ENDORSE = "endorse"
    DECLINE = "decline"
    ADD_ASSIST = "add_assist"
    ASSIST_REPLY = "assist_reply"
    REMOVE_ASSIST = "remove_assist"
    CONVENE = "convene"
    OPINE = "opine"
    DECIDE_JOINT = "decide_joint"
    ACKNOWLEDGE_REWORK = "acknowledge_rework"
    LINK_RECURRENCE = "link_recurrence"
    RECALCULATE = "recalculate"
    UNDO = "undo"


ACTION_LABELS = {
    Action.REPORT: N_("上报"),
    Action.SELF_HANDLE: N_("即时处置"),
    Action.FILE: N_("立案"),
    Action.REJECT: N_("不予立案"),
    Action.MERGE: N_("并案"),
    Action.DISPATCH: N_("派遣"),
    Action.ACKNOWLEDGE: N_("签收"),
    Action.RETURN: N_("退单"),
    Action.ASSIGN: N_("指派"),
    Action.SUBMIT: N_("提交核查"),
    Action.WITHDRAW: N_("撤回"),
    Action.PASS: N_("核查通过"),
    Action.CLOSE_BY_NOTICE: N_("告知性结案"),
    Action.REWORK: N_("返工"),
    Action.ASK_EXTENSION: N_("申请延期"),
    Action.GRANT_EXTENSION: N_("同意延期"),
    Action.DENY_EXTENSION: N_("不同意延期"),
    Action.ASK_SUSPENSION: N_("申请挂账"),
    Action.SUSPEND: N_("同意挂账"),
    Action.DENY_SUSPENSION: N_("不同意挂账"),
    Action.RESUME: N_("销挂"),
    Action.REDISPATCH: N_("改派"),
    Action.SUPERVISE: N_("督办"),
    Action.URGE: N_("催办"),
    Action.INSTRUCT: N_("批示"),
    Action.REOPEN: N_("登记复发"),
    Action.RELOCATE: N_("更正位置"),
    Action.CANCEL: N_("作废"),
    Action.APPEAL: N_("申诉"),
    Action.GRANT_APPEAL: N_("同意申诉"),
    Action.DENY_APPEAL: N_("驳回申诉"),
    Action.RATE: N_("评价"),
    Action.COMMENT: N_("留言"),
    Action.ENDORSE: N_("单位审核同意"),
    Action.DECLINE: N_("单位审核不同意"),
    Action.ADD_ASSIST: N_("增加协办单位"),
    Action.ASSIST_REPLY: N_("协办反馈"),
    Action.REMOVE_ASSIST: N_("取消协办"),
    Action.CONVENE: N_("召集会商"),
    Action.OPINE: N_("会商意见"),
    Action.DECIDE_JOINT: N_("会商决定"),
    Action.ACKNOWLEDGE_REWORK: N_("知悉返工要求"),
    Action.LINK_RECURRENCE: N_("关联为复发"),
    Action.RECALCULATE: N_("重算时限"),
    Action.UNDO: N_("撤销上一步"),
}


class Need(StrEnum):
    """What an action has to be given; the value is the attribute of `Given`."""

    PLACE = "place"
    CATEGORY = "category_id"
    DESCRIPTION = "description"
    BEFORE_PHOTO = "before_photos"
    AFTER_PHOTO = "after_photos"
    REASON = "reason"
    TEXT = "text"
    UNIT = "unit_id"
    LIMIT = "limit"
    PERSON = "assignee_id"
    OTHER_TASK = "other_number"
    MEASURES = "measures"
    UNTIL = "until"
    STARS = "stars"
    REASON_CODE = "reason_code"  #: an entry of the action's list, see tasks.reasons
    DRAWING = "drawing"  #: what is missing, drawn on a photo or the map


NEED_LABELS = {
    Need.PLACE: N_("位置"),
    Need.CATEGORY: N_("问题类别"),
    Need.DESCRIPTION: N_("问题描述"),
    Need.BEFORE_PHOTO: N_("整改前照片（或无照片的原因）"),
    Need.AFTER_PHOTO: N_("整改后照片（或无照片的原因）"),
    Need.REASON: N_("原因"),
    Need.TEXT: N_("内容"),
    Need.UNIT: N_("责任单位"),
    Need.LIMIT: N_("整改时限"),
    Need.PERSON: N_("经办人"),
    Need.OTHER_TASK: N_("并入的任务编号"),
    Need.MEASURES: N_("整改措施"),
    Need.UNTIL: N_("截止日期"),
    Need.STARS: N_("评价等级"),
    Need.REASON_CODE: N_("原因类别"),
    Need.DRAWING: N_("标注"),
}


class Closing(StrEnum):
    """How a task ended; counted apart (EG, YC: 告知性结案 is no rectification)."""

    PASSED = "passed"  #: checked on the spot or by photo
    BY_NOTICE = "by_notice"  #: not within the unit's duty to mend; everybody concerned was told
    SELF_HANDLED = "self_handled"  #: settled on the spot by who found it
    REJECTED = "rejected"
    MERGED = "merged"
    CANCELLED = "cancelled"


#: What counts as rectified (已整改): a notice (告知性结案) ends a task and mends nothing.
RECTIFIED = (Closing.PASSED, Closing.SELF_HANDLED)

CLOSING_LABELS = {
    Closing.PASSED: N_("核查通过"),
    Closing.BY_NOTICE: N_("告知性结案"),
    Closing.SELF_HANDLED: N_("即时处置"),
    Closing.REJECTED: N_("不予立案"),
    Closing.MERGED: N_("并案"),
    Closing.CANCELLED: N_("作废"),
}


class Source(StrEnum):
    """Where a report came from."""

    INSPECTION = "inspection"  #: 区迎检办督导检查
    SELF_INSPECTION = "self_inspection"  #: 重点单位自查督导
    LIAISON = "liaison"  #: 各镇各单位到村居挂点
    GRID_PATROL = "grid_patrol"  #: 网格巡查
    COVERT = "covert"  #: 省市暗访
    CITIZEN_SNAP = "citizen_snap"  #: 随手拍
    HOTLINE = "hotline"  #: 12345热线
    MEDIA = "media"  #: 媒体曝光
    LEADER = "leader"  #: 领导交办
    EXTERNAL = "external"  #: 外部系统
    IMPORTED = "imported"  #: 历史导入


SOURCE_LABELS = {
    Source.INSPECTION: N_("督导检查"),
    Source.SELF_INSPECTION: N_("自查督导"),
    Source.LIAISON: N_("挂点督导"),
    Source.GRID_PATROL: N_("网格巡查"),
    Source.COVERT: N_("省市暗访"),
    Source.CITIZEN_SNAP: N_("随手拍"),
    Source.HOTLINE: N_("12345热线"),
    Source.MEDIA: N_("媒体曝光"),
    Source.LEADER: N_("领导交办"),
    Source.EXTERNAL: N_("外部系统"),
    Source.IMPORTED: N_("历史导入"),
}

for _labels, _names in (
    (STATE_LABELS, State),
    (ACTION_LABELS, Action),
    (NEED_LABELS, Need),
    (SOURCE_LABELS, Source),
    (CLOSING_LABELS, Closing),
):
    if set(_labels) != set(_names):
        raise RuntimeError(f"every {_names.__name__} needs a label")
