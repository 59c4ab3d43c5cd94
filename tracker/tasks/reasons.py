"""Lists the reasons that an office may give for an action; the words typed beside them say more."""

from tracker.errors import Invalid
from tracker.tasks.states import Action
from tracker.texts import N_

#: By action, code and words. 退单: YC and VB allow a wrong unit only; 挂账: domain rule 6.1. The codes
#: of 退单 and 返工 name counters (counters.measures), and stay short.
REASONS: dict[Action, dict[str, str]] = {
    Action.RETURN: {
        "duty": N_("不属于本单位职责"),
        "place": N_("位置不在本单位辖区"),
        "ownership": N_("设施权属不属于本单位"),
        "duplicate": N_("与已派任务重复"),
        "not_found": N_("现场未发现问题"),
    },
    Action.REWORK: {
        "unclear": N_("照片看不清或角度不符"),
        "unfinished": N_("问题没有整改到位"),
        "again": N_("问题又出现反复"),
        "elsewhere": N_("拍的不是同一处"),
        "papers": N_("材料不全"),
        "other": N_("其他（请写明）"),
    },
    Action.ASK_SUSPENSION: {
        "season": N_("受季节或天气限制"),
        "engineering": N_("需工程改造"),
        "funding": N_("等待资金"),
        "ownership": N_("权属有争议"),
        "law": N_("等待执法或诉讼程序"),
    },
    Action.CLOSE_BY_NOTICE: {
        "beyond_duty": N_("超出责任单位职责，已告知"),
        "no_standard": N_("现行标准没有整改要求，已说明"),
        "long_term": N_("已列入长期计划，已告知"),
        "owner_refuses": N_("产权人不同意整改，已告知"),
    },
}

#: What is shown of a step from before its action had reasons.
UNSAID = N_("未说明")


def said(action: Action, code: str) -> dict[str, str]:
    """What the event remembers of a reason: the code and its words as they were then.

    Raises Invalid for a code that is not in the action's list.
    """
    if not code:
        return {}
    if code not in REASONS.get(action, {}):
        raise Invalid(N_("请从列表中选择原因类别。"), field="reason_code")
    return {"reason_code": code, "reason_kind": REASONS[action][code]}
