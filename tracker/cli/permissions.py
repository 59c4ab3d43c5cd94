"""`tracker permissions`: the policy page as a table of roles, for people who decide on grants."""

from types import SimpleNamespace
from typing import Any

import click

from tracker.access.actor import Actor, Grant
from tracker.access.permissions import Permission
from tracker.access.policy import POLICY, allows
from tracker.access.predicates import Predicate
from tracker.access.roles import LABELS, Role

#: What a person can be to an object besides holding a role: its field, and the value naming person 1.
RELATIONS: dict[str, tuple[str, Any]] = {
    "被指派人": ("assignee_id", 1),
    "上报人": ("reporter_id", 1),
    "提交人": ("submitter_id", 1),
    "检查人": ("inspector_ids", frozenset({1})),
    "上一步办理人": ("undo_by_id", 1),
}
#: What a unit can be to a task besides holding it: its field; shown is what its head gains by it.
TAKES_PART: dict[str, str] = {"协办单位": "assist_unit_ids", "会商单位": "joint_unit_ids"}

ANYWHERE, IN_AREA, OWN_UNIT, BOTH, YES, NEVER = "全部", "辖区", "本单位", "辖区、本单位", "是", ""

#: Words of the predicates that narrow a line; the others show as columns.
NARROWED = {
    "is_not_reporter": "非本人上报",
    "not_reported_by_own_unit": "非本单位上报",
    "did_not_submit": "非本人提交、非承办单位",
    "did_not_ask": "非申请人",
    "not_yet_dispatched": "派遣之前",
    "is_not_self": "非本人账号",
    "no_security_admin_yet": "尚无安全管理员时",
    "is_joint_decider": "由会商指定",
}

HEAD = """# 权限表

由 `tracker permissions` 从 `tracker/access/policy.py` 生成，请勿手工修改；测试保证两者一致。

- 全部：不限对象；辖区：任务、点位、检查位于所授区域之内；本单位：由所授单位承办，或属于所授单位。
- 协办单位、会商单位：单位负责人因此对任务多出的权限；会商单位自召集之时起。
- “限制”一栏的条件须同时满足；涉及领导、派遣员各自条件不同的，见 `policy.py`。
- 三员分立：系统管理员、安全管理员、审计管理员不能兼任其他岗位。
"""


def matrix() -> dict[Permission, dict[str, str]]:
    """How far each role, and each relation to a task, reaches with each permission."""
    return {
        permission: {role.value: _reach(permission, role) for role in Role}
        | {
            words: YES if _allows_related(permission, field, value) else NEVER
            for words, (field, value) in RELATIONS.items()
        }
        | {
            words: YES if _gains(permission, field) else NEVER
            for words, field in TAKES_PART.items()
        }
        for permission in Permission
    }


def _subject(**facts: Any) -> SimpleNamespace:
    """A task, account or photo that has nothing to do with anybody, but for `facts`."""
    nothing = dict.fromkeys(
        (
            "grid_code", "community_code", "town_code", "district_code", "unit_id", "reporter_id",
            "reporter_unit_id", "assignee_id", "submitter_id", "asked_by_id", "dispatched_at", "return_count",
            "id", "owner_id", "undo_by_id", "assist_unit_ids", "joint_unit_ids",
        )
    )  # fmt: skip
    nobody = {
        "no_security_admin": False, "inspector_ids": frozenset(), "joint_decider_id": 1,
    }  # fmt: skip
    return SimpleNamespace(**{**nothing, **nobody, **facts})


def _reach(permission: Permission, role: Role) -> str:
    actor = Actor(user_id=1, organization_id=1, grants=(Grant(role, "here", 2),))
    if allows(actor, permission, _subject(unit_id=3, district_code="there")):
        return ANYWHERE
    area = allows(actor, permission, _subject(unit_id=3, district_code="here"))
    unit = allows(actor, permission, _subject(unit_id=2, district_code="there"))
    return {(True, True): BOTH, (True, False): IN_AREA, (False, True): OWN_UNIT}.get(
        (area, unit), NEVER
    )


def _allows_related(permission: Permission, field: str, value: Any) -> bool:
    actor = Actor(user_id=1, organization_id=1)
    return allows(actor, permission, _subject(**{field: value}))


def _gains(permission: Permission, field: str) -> bool:
    actor = Actor(user_id=1, organization_id=1, grants=(Grant(Role.UNIT_HEAD, None, 2),))
    return allows(actor, permission, _subject(**{field: [2]})) and not allows(
        actor, permission, _subject()
    )


def narrowing(line: list[Predicate]) -> list[str]:
    """The conditions of a policy line that are no column of the table, in words."""
    return [NARROWED[test.__name__] for test in line if test.__name__ in NARROWED]


def table() -> str:
    """The whole of docs/permissions.md."""
    columns = [*(LABELS[role] for role in Role), *RELATIONS, *TAKES_PART]
    rows = ["| 权限 | " + " | ".join(columns) + " | 限制 |", "|---" * (len(columns) + 2) + "|"]
    for permission, reach in matrix().items():
        limits = [" 且 ".join(words) for line in POLICY[permission] if (words := narrowing(line))]
        cells = [f"`{permission.value}`", *reach.values(), "；".join(limits)]
        rows.append("| " + " | ".join(cells) + " |")
    return HEAD + "\n" + "\n".join(rows) + "\n"


@click.command()
def permissions() -> None:
    """Print the policy as a table in Markdown (docs/permissions.md)."""
    click.echo(table(), nl=False)
