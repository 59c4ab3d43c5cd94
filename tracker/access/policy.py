"""Knows who may do what: the whole policy on one page.

A permission is granted when ANY of its lines holds; a line holds when ALL its predicates do.
`SYSTEM` (imports, feeds, the scheduler) is bound by the lifecycle, not by jurisdiction.
"""

from typing import Any

from tracker.access import predicates as p
from tracker.access.actor import Actor
from tracker.access.permissions import Permission as P
from tracker.access.roles import Role as R
from tracker.texts import N_

_WORKERS = p.holds(
    R.INSPECTOR, R.GRID_WORKER, R.GRID_LEAD, R.UNIT_CLERK, R.UNIT_HEAD, R.DISPATCHER,
    R.VERIFIER, R.LEADER, R.ASSESSOR,
)  # fmt: skip

POLICY: dict[P, list[list[p.Predicate]]] = {
    P.PUBLIC: [[p.anyone]],
    P.SIGNED_IN: [[p.signed_in]],
    # Reading. queries.visible_to() is the same rule as SQL; a test keeps the two equal.
    P.TASK_VIEW: [
        [p.in_watched_area], [p.for_own_unit], [p.is_assignee], [p.is_reporter], [p.assists], [p.is_consulted],
    ],
    P.TASK_EXPORT: [[_WORKERS]],
    P.MAP_VIEW: [[_WORKERS]],
    P.PROGRESS_VIEW: [[_WORKERS]],
    P.MEETING_MANAGE: [[p.in_area_of(R.DISPATCHER, R.LEADER)]],
    # The workbenches; which tasks lie there is the visible query's business, each step its own line's.
    P.DESK_OFFICE: [[p.holds(R.DISPATCHER, R.VERIFIER, R.ASSESSOR)]],
    P.DESK_UNIT: [[p.holds(R.GRID_LEAD, R.UNIT_CLERK, R.UNIT_HEAD)]],
    P.PHOTO_ADD: [[p.signed_in]],
    P.PHOTO_ORIGINAL: [[p.in_area_of(R.DISPATCHER, R.VERIFIER)]],
    # Intake
    P.TASK_REPORT: [
        [p.holds(R.INSPECTOR, R.GRID_WORKER, R.GRID_LEAD, R.UNIT_CLERK, R.UNIT_HEAD, R.DISPATCHER, R.VERIFIER)],
    ],
    P.TASK_SELF_HANDLE: [[p.in_area_of(R.GRID_WORKER, R.GRID_LEAD)]],
    P.TASK_FILE: [[p.in_area_of(R.DISPATCHER), p.is_not_reporter, p.not_reported_by_own_unit]],
    P.TASK_REJECT: [[p.in_area_of(R.DISPATCHER), p.is_not_reporter, p.not_reported_by_own_unit]],
    P.TASK_MERGE: [[p.in_area_of(R.DISPATCHER)]],
    P.TASK_DISPATCH: [[p.in_area_of(R.DISPATCHER)]],
    P.TASK_REDISPATCH: [[p.in_area_of(R.DISPATCHER)]],
    # The unit's side
    P.TASK_ACKNOWLEDGE: [[p.for_own_unit]],
    P.TASK_RETURN: [[p.for_own_unit]],
    P.TASK_ASSIGN: [[p.for_own_unit]],
    P.TASK_SUBMIT: [[p.for_own_unit], [p.is_assignee]],
    P.TASK_WITHDRAW: [[p.is_submitter]],
    P.TASK_ASK_EXTENSION: [[p.for_own_unit]],
    P.TASK_ASK_SUSPENSION: [[p.for_own_unit]],
    P.TASK_APPEAL: [[p.for_own_unit]],
    P.TASK_ENDORSE: [[p.heads_own_unit, p.did_not_ask]],
    P.TASK_ASSIST: [[p.assists]],
    P.TASK_OPINE: [[p.heads_consulted_unit]],
    # The checker's side
    P.TASK_VERIFY: [[p.in_area_of(R.VERIFIER, R.DISPATCHER), p.did_not_submit]],
    P.TASK_DECIDE_EXTENSION: [[p.in_area_of(R.DISPATCHER), p.did_not_ask]],
    P.TASK_SUSPEND: [[p.in_area_of(R.DISPATCHER), p.did_not_ask]],
    P.TASK_RESUME: [[p.in_area_of(R.DISPATCHER)]],
    P.TASK_DECIDE_APPEAL: [[p.in_area_of(R.DISPATCHER, R.ASSESSOR), p.did_not_ask, p.did_not_submit]],
    P.TASK_ARRANGE_ASSIST: [[p.in_area_of(R.DISPATCHER)]],
    P.TASK_DECIDE_JOINT: [[p.is_joint_decider, p.in_watched_area]],
    P.TASK_REOPEN: [[p.in_area_of(R.INSPECTOR, R.DISPATCHER)]],
    # Steering
    P.TASK_SUPERVISE: [[p.in_area_of(R.LEADER, R.DISPATCHER)]],
    P.TASK_URGE: [[p.in_area_of(R.LEADER, R.DISPATCHER)]],
    P.TASK_INSTRUCT: [[p.in_area_of(R.LEADER)]],
    P.TASK_RELOCATE: [[p.in_area_of(R.DISPATCHER)]],
    P.TASK_CANCEL: [
        [p.in_area_of(R.DISPATCHER), p.not_yet_dispatched],
        [p.in_area_of(R.LEADER)],
    ],
    P.TASK_RATE: [],
    P.TASK_RECALCULATE: [],
    P.TASK_UNDO: [[p.took_last_step]],
    P.TASK_COMMENT: [
        [p.in_watched_area], [p.for_own_unit], [p.is_assignee], [p.is_reporter], [p.assists], [p.is_consulted],
    ],
    # Inspections. points.queries.visible_points() and inspections.queries are the same rules as SQL.
    P.POINT_LIST: [[_WORKERS]],
    P.POINT_VIEW: [[p.in_watched_area], [p.for_own_unit], [p.is_named_inspector]],
    P.POINT_MANAGE: [[p.in_area_of(R.DISPATCHER)]],
    P.CHECKLIST_MANAGE: [[p.holds(R.DISPATCHER)]],
    P.ROUND_LIST: [[_WORKERS]],
    P.ROUND_VIEW: [[p.in_watched_area], [p.for_own_unit], [p.is_named_inspector]],
    P.ROUND_MANAGE: [[p.in_area_of(R.DISPATCHER)], [p.acts_for_unit(R.UNIT_HEAD)]],
    P.INSPECT: [[p.signed_in]],
    P.VISIT_MAKE: [
        [p.in_area_of(R.INSPECTOR, R.GRID_WORKER, R.GRID_LEAD, R.DISPATCHER, R.VERIFIER)],
        [p.for_own_unit],
        [p.is_named_inspector],
    ],
    P.VISIT_VIEW: [[p.in_watched_area], [p.for_own_unit], [p.is_named_inspector]],
    P.HELD_LIST: [[p.holds(R.DISPATCHER)]],
    P.HELD_DECIDE: [[p.in_area_of(R.DISPATCHER)]],
    # The responsibility map. responsibility.queries.visible_clause() is the same rule as SQL.
    P.RESPONSIBILITY_LIST: [[_WORKERS]],
    P.RESPONSIBILITY_VIEW: [[p.in_watched_area], [p.for_own_unit]],
    P.RESPONSIBILITY_MANAGE: [[p.in_area_of(R.DISPATCHER)]],
    P.RESPONSIBILITY_PHONE: [
        [p.in_area_of(R.DISPATCHER, R.LEADER, R.GRID_LEAD)], [p.for_own_unit],
    ],
    # Administration: three separated administrators
    P.USER_VIEW: [[p.holds(R.SYSTEM_ADMIN, R.SECURITY_ADMIN)]],
    P.USER_MANAGE: [[p.holds(R.SYSTEM_ADMIN)]],
    P.USER_GRANT: [
        [p.holds(R.SECURITY_ADMIN), p.is_not_self],
        [p.holds(R.SYSTEM_ADMIN), p.no_security_admin_yet, p.is_not_self],
    ],
    P.USER_SECURE: [
        [p.holds(R.SECURITY_ADMIN), p.is_not_self],
        [p.holds(R.SYSTEM_ADMIN), p.no_security_admin_yet, p.is_not_self],
    ],
    P.ORGANIZATION_MANAGE: [[p.holds(R.SYSTEM_ADMIN)]],
    P.AREA_MANAGE: [[p.holds(R.SYSTEM_ADMIN)]],
    P.CATEGORY_MANAGE: [[p.holds(R.SYSTEM_ADMIN)]],
    P.CALENDAR_MANAGE: [[p.holds(R.SYSTEM_ADMIN)]],
    P.CHANNEL_MANAGE: [[p.holds(R.SYSTEM_ADMIN)]],
    P.AUDIT_READ: [[p.holds(R.AUDIT_ADMIN)]],
}  # fmt: skip

#: Who can do it, in words, for the refusal that a person reads.
WHO: dict[P, str] = {
    P.TASK_FILE: N_("须由辖区派遣员立案，且不能是上报人本人或上报单位"),
    P.TASK_REJECT: N_("须由辖区派遣员决定，且不能是上报人本人或上报单位"),
    P.TASK_MERGE: N_("须由辖区派遣员并案"),
    P.TASK_DISPATCH: N_("须由辖区派遣员派遣"),
    P.TASK_REDISPATCH: N_("须由辖区派遣员改派"),
    P.TASK_ACKNOWLEDGE: N_("须由承办单位签收"),
    P.TASK_RETURN: N_("须由承办单位退单"),
    P.TASK_ASSIGN: N_("须由承办单位指派"),
    P.TASK_SUBMIT: N_("须由承办单位或被指派人提交"),
    P.TASK_WITHDRAW: N_("只有提交人本人可以撤回"),
    P.TASK_ASK_EXTENSION: N_("须由承办单位申请"),
    P.TASK_ASK_SUSPENSION: N_("须由承办单位申请"),
    P.TASK_APPEAL: N_("须由承办单位申诉"),
    P.TASK_VERIFY: N_("须由辖区核查员或派遣员核查，提交人和承办单位不能核查自己的整改"),
    P.TASK_DECIDE_EXTENSION: N_("须由辖区派遣员审批，申请人不能审批"),
    P.TASK_SUSPEND: N_("须由辖区派遣员审批，申请人不能审批"),
    P.TASK_RESUME: N_("须由辖区派遣员销挂"),
    P.TASK_DECIDE_APPEAL: N_("须由两名审核人决定，申诉人和承办单位不能审核"),
    P.TASK_REOPEN: N_("须由辖区督导员或派遣员登记复发"),
    P.TASK_SUPERVISE: N_("须由辖区领导或派遣员督办"),
    P.TASK_URGE: N_("须由辖区领导或派遣员催办"),
    P.TASK_INSTRUCT: N_("须由辖区领导批示"),
    P.TASK_RELOCATE: N_("须由辖区派遣员更正位置"),
    P.TASK_CANCEL: N_("派遣前由辖区派遣员作废，派遣后须由领导作废"),
    P.TASK_SELF_HANDLE: N_("须由辖区网格员或社区书记即时处置"),
    P.TASK_RATE: N_("只有反映问题的市民可以评价"),
    P.TASK_COMMENT: N_("须能查看该任务"),
    P.DESK_OFFICE: N_("工作台仅限派遣员、核查员和考核员"),
    P.DESK_UNIT: N_("单位工作台仅限责任单位和社区书记"),
    P.TASK_ENDORSE: N_("须由承办单位负责人审核，申请人不能审核"),
    P.TASK_ARRANGE_ASSIST: N_("须由辖区派遣员安排协办"),
    P.TASK_ASSIST: N_("须由协办单位反馈"),
    P.TASK_OPINE: N_("须由参加会商的单位负责人发表意见"),
    P.TASK_DECIDE_JOINT: N_("须由会商指定的人决定"),
    P.TASK_UNDO: N_("只有办理上一步的本人可以撤销"),
    P.TASK_RECALCULATE: N_("由系统在工作日历变更后办理"),
    P.MEETING_MANAGE: N_("调度会须由辖区派遣员或领导登记"),
    P.POINT_MANAGE: N_("点位须由辖区派遣员维护"),
    P.CHECKLIST_MANAGE: N_("检查清单须由派遣员维护"),
    P.ROUND_MANAGE: N_("督查批次须由辖区派遣员或本单位负责人管理"),
    P.VISIT_MAKE: N_(
        "须由辖区督导员、网格员、社区书记、核查员、点位责任单位或批次指定的检查人检查"
    ),
    P.HELD_DECIDE: N_("须由辖区派遣员处理"),
    P.RESPONSIBILITY_MANAGE: N_("责任地图须由辖区派遣员维护"),
    P.RESPONSIBILITY_PHONE: N_("完整电话仅限辖区派遣员、领导、社区书记和本责任单位查看"),
    P.USER_VIEW: N_("账号页面仅限系统管理员和安全管理员"),
    P.USER_MANAGE: N_("账号须由系统管理员维护"),
    P.USER_GRANT: N_("须由安全管理员授权，且不能给自己授权或撤销自己的授权"),
    P.USER_SECURE: N_("须由安全管理员处理，且不能处理自己的账号"),
    P.CALENDAR_MANAGE: N_("工作日历须由系统管理员维护"),
    P.CHANNEL_MANAGE: N_("通知渠道须由系统管理员维护"),
    P.AUDIT_READ: N_("审计日志仅限审计管理员查看"),
}

#: Not bound to an object: who may at all is decided by the role alone.
WITHOUT_SUBJECT = frozenset(
    {
        P.PUBLIC, P.SIGNED_IN, P.TASK_EXPORT, P.MAP_VIEW, P.PROGRESS_VIEW, P.PHOTO_ADD, P.TASK_REPORT,
        P.DESK_OFFICE, P.DESK_UNIT,
        P.POINT_LIST, P.CHECKLIST_MANAGE, P.ROUND_LIST, P.INSPECT, P.HELD_LIST,
        P.RESPONSIBILITY_LIST,
        P.USER_VIEW, P.USER_MANAGE, P.ORGANIZATION_MANAGE, P.AREA_MANAGE, P.CATEGORY_MANAGE,
        P.CALENDAR_MANAGE, P.CHANNEL_MANAGE,
        P.AUDIT_READ,
    }
)  # fmt: skip

if missing := set(P) - set(POLICY):
    raise RuntimeError(f"no policy line for {sorted(missing)}")


def allows(actor: Actor, permission: P, subject: Any = None) -> bool:
    """Whether the policy grants `permission` on `subject` to `actor`."""
    if actor.is_system:
        return True
    return any(all(test(actor, subject) for test in line) for line in POLICY[permission])
