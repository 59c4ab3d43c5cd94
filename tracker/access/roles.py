"""Knows the roles of the field (domain vocabulary) and what kind of jurisdiction each needs."""

from enum import StrEnum

from tracker.texts import N_


class Role(StrEnum):
    """What a person is in the campaign."""

    #: 督导员: inspects points and logs problems in an area
    INSPECTOR = "inspector"
    #: 网格员: logs and settles small problems in a community or grid
    GRID_WORKER = "grid_worker"
    #: 社区书记 / 网格长: answers for a community, receives its tasks
    GRID_LEAD = "grid_lead"
    #: 责任单位经办人: handles the tasks of a unit
    UNIT_CLERK = "unit_clerk"
    #: 责任单位负责人: heads a unit, approves its applications
    UNIT_HEAD = "unit_head"
    #: 派遣员 of the campaign office: files, dispatches, supervises
    DISPATCHER = "dispatcher"
    #: 核查员: checks results on the spot, never of tasks they submitted
    VERIFIER = "verifier"
    #: 区领导 / 镇领导: reads everything of an area, instructs
    LEADER = "leader"
    #: 考核员: monthly assessment
    ASSESSOR = "assessor"
    #: 系统管理员: accounts, organizations, areas, categories
    SYSTEM_ADMIN = "system_admin"
    #: 安全管理员: grants roles, unlocks, ends sessions
    SECURITY_ADMIN = "security_admin"
    #: 审计管理员: reads the audit log
    AUDIT_ADMIN = "audit_admin"


LABELS: dict[Role, str] = {
    Role.INSPECTOR: N_("督导员"),
    Role.GRID_WORKER: N_("网格员"),
    Role.GRID_LEAD: N_("社区书记"),
    Role.UNIT_CLERK: N_("责任单位经办人"),
    Role.UNIT_HEAD: N_("责任单位负责人"),
    Role.DISPATCHER: N_("派遣员"),
    Role.VERIFIER: N_("核查员"),
    Role.LEADER: N_("领导"),
    Role.ASSESSOR: N_("考核员"),
    Role.SYSTEM_ADMIN: N_("系统管理员"),
    Role.SECURITY_ADMIN: N_("安全管理员"),
    Role.AUDIT_ADMIN: N_("审计管理员"),
}

#: Whoever holds one of these may hold no other of them (三员分立, GB/T 22239-2019).
SEPARATED = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})

#: Roles whose jurisdiction is an area; None as area means the whole installation.
BY_AREA = frozenset(
    {
        Role.INSPECTOR,
        Role.GRID_WORKER,
        Role.GRID_LEAD,
        Role.DISPATCHER,
        Role.VERIFIER,
        Role.LEADER,
        Role.ASSESSOR,
    }
)

#: Roles that act for an organization and receive its tasks; GRID_LEAD has an area besides.
FOR_UNIT = frozenset({Role.GRID_LEAD, Role.UNIT_CLERK, Role.UNIT_HEAD})

#: Roles that speak for an organization in an application or a joint decision.
HEADS = frozenset({Role.GRID_LEAD, Role.UNIT_HEAD})

if set(LABELS) != set(Role):
    raise RuntimeError("every role needs a label")
