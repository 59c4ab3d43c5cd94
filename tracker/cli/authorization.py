"""`tracker authorization`: who may open which address, and take which step from which state."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from werkzeug.routing import Rule

from tracker.access.actor import NOBODY, Actor, Grant
from tracker.access.permissions import Permission as P
from tracker.access.policy import WITHOUT_SUBJECT, allows
from tracker.access.roles import LABELS, Role
from tracker.tasks.lifecycle import TRANSITIONS
from tracker.tasks.states import ACTION_LABELS, STATE_LABELS, State

#: What the object of a permission is; the others have none.
OBJECTS: dict[P, str] = {
    **{permission: "任务" for permission in P if permission.value.startswith("task.")},
    P.PHOTO_ORIGINAL: "照片", P.POINT_VIEW: "点位", P.POINT_MANAGE: "点位",
    P.ROUND_VIEW: "批次", P.ROUND_MANAGE: "批次", P.VISIT_MAKE: "点位", P.VISIT_VIEW: "检查",
    P.RESPONSIBILITY_VIEW: "责任岗位", P.RESPONSIBILITY_MANAGE: "责任岗位", P.RESPONSIBILITY_PHONE: "责任岗位",
    P.HELD_DECIDE: "待处理项", P.MEETING_MANAGE: "调度会", P.USER_GRANT: "账号", P.USER_SECURE: "账号",
}  # fmt: skip

#: Flask's own, without a person.
WITHOUT_PERMISSION = frozenset({"static"})

MAY, NEVER, BY_OBJECT, ALWAYS = "可", "", "看", "全部"

#: Ids of the people and units that the second table is computed with.
OWN, OTHER, ASSISTING, CONSULTED, ME = 2, 3, 4, 5, 1


def _person(role: Role, area: str | None = None, unit: int | None = None) -> Actor:
    return Actor(user_id=ME, organization_id=9, grants=(Grant(role, area, unit),))


#: Who somebody can be to a task: a person, and what of the task names them.
RELATIONS: dict[str, tuple[Actor, dict[str, Any]]] = {
    "本辖区派遣员": (_person(Role.DISPATCHER, "here"), {}),
    "外辖区派遣员": (_person(Role.DISPATCHER, "there"), {}),
    "本辖区核查员": (_person(Role.VERIFIER, "here"), {}),
    "本辖区领导": (_person(Role.LEADER, "here"), {}),
    "本辖区督导员": (_person(Role.INSPECTOR, "here"), {}),
    "本辖区考核员": (_person(Role.ASSESSOR, "here"), {}),
    "承办单位经办人": (_person(Role.UNIT_CLERK, None, OWN), {}),
    "承办单位负责人": (_person(Role.UNIT_HEAD, None, OWN), {}),
    "其他单位负责人": (_person(Role.UNIT_HEAD, None, OTHER), {}),
    "协办单位负责人": (_person(Role.UNIT_HEAD, None, ASSISTING), {}),
    "会商单位负责人": (_person(Role.UNIT_HEAD, None, CONSULTED), {}),
    "会商决定人（领导）": (_person(Role.LEADER, "here"), {"joint_decider_id": ME}),
    "被指派人": (Actor(user_id=ME, organization_id=OWN), {"assignee_id": ME}),
    "上报人": (Actor(user_id=ME, organization_id=9), {"reporter_id": ME}),
    "提交人": (_person(Role.UNIT_CLERK, None, OWN), {"submitter_id": ME}),
    "上一步办理人": (_person(Role.DISPATCHER, "here"), {"undo_by_id": ME}),
    "上报的派遣员": (_person(Role.DISPATCHER, "here"), {"reporter_id": ME}),
    "提交的派遣员": (_person(Role.DISPATCHER, "here"), {"submitter_id": ME}),
    "申请的派遣员": (_person(Role.DISPATCHER, "here"), {"asked_by_id": ME}),
    "系统管理员": (_person(Role.SYSTEM_ADMIN), {}),
}
_WITH_UNIT = frozenset(State) - {
    State.REPORTED,
    State.FILED,
    State.REJECTED,
    State.MERGED,
    State.CANCELLED,
}

HEAD = """# 授权表

由 `tracker authorization` 从路由表、`tracker/access/policy.py` 和 `tracker/tasks/lifecycle.py` 生成，请勿手工修改；
测试保证三者一致，并以真实请求逐格核对。

## 地址

- 可：该岗位可以打开；看：按对象判断，不能查看的一律答复“没有”（404）；空：拒绝（403）。“未登录”一栏空白的转到登录页。
"""


def classified(rule: Rule, app: Flask) -> P:
    """The permission of a route. Raises LookupError, saying what to do, for a route without a class."""
    permission = getattr(app.view_functions[rule.endpoint], "permission", None)
    if not isinstance(permission, P):
        raise LookupError(f"{rule.rule} ({rule.endpoint}): put @requires(Permission.X) on the view")
    if permission not in WITHOUT_SUBJECT and permission not in OBJECTS:
        raise LookupError(
            f"{rule.rule} ({rule.endpoint}): {permission.value} is neither in policy.WITHOUT_SUBJECT"
            " nor in cli.authorization.OBJECTS; say whether it has an object, and which"
        )
    return permission


def routes(app: Flask) -> Iterator[tuple[str, Rule, P]]:
    """(methods, rule, permission) of every route but Flask's own, by address."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in WITHOUT_PERMISSION]
    for rule in sorted(rules, key=lambda rule: (rule.rule, rule.endpoint)):
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}) or ["HEAD"]
        yield " ".join(methods), rule, classified(rule, app)


def door(permission: P, actor: Actor) -> str:
    """Whether `actor` gets past the door of a view with `permission`."""
    if permission in OBJECTS and permission not in WITHOUT_SUBJECT:
        return BY_OBJECT if actor.is_signed_in else NEVER
    return MAY if allows(actor, permission) else NEVER


def subject(state: State, **facts: Any) -> SimpleNamespace:
    """A task in "here" as it is in `state`, with every relation that this state has."""
    held = state in _WITH_UNIT
    return SimpleNamespace(
        **{
            "district_code": "here", "town_code": None, "community_code": None, "grid_code": None,
            "unit_id": OWN if held else None, "assist_unit_ids": [ASSISTING] if held else [],
            "joint_unit_ids": [CONSULTED] if state is State.FILED else [],
            "joint_decider_id": 99 if state is State.FILED else None,
            "dispatched_at": "then" if held else None, "return_count": 0,
            "assignee_id": 98, "reporter_id": 97, "reporter_unit_id": None, "submitter_id": 96,
            "asked_by_id": 95, "undo_by_id": 94, **facts,
        }
    )  # fmt: skip


def steps() -> Iterator[tuple[str, dict[str, frozenset[State]], frozenset[State | None]]]:
    """Of each step on a task: its name, from which states each relation may take it, its states."""
    for row in TRANSITIONS:
        if None in row.sources:
            continue
        yield (
            row.action.value,
            {
                words: frozenset(
                    state
                    for state in State
                    if state in row.sources
                    and allows(actor, row.permission, subject(state, **facts))
                )
                for words, (actor, facts) in RELATIONS.items()
            },
            row.sources,
        )


def _states(found: frozenset[State], sources: frozenset[State | None]) -> str:
    if found == sources:
        return ALWAYS
    return "、".join(STATE_LABELS[state] for state in State if state in found)


def document(app: Flask) -> str:
    """The whole of docs/authorization.md."""
    people = [NOBODY, *(Actor(ME, grants=(Grant(role),)) for role in Role)]
    heads = ["地址", "方法", "权限", "对象", "未登录", *(LABELS[role] for role in Role)]
    lines = [HEAD, "| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for methods, rule, permission in routes(app):
        address = rule.rule.replace("|", "\\|")
        cells = [f"`{address}`", methods, f"`{permission.value}`", OBJECTS.get(permission, "")]
        if permission in WITHOUT_SUBJECT:
            cells[-1] = ""
        cells += [door(permission, person) for person in people]
        lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        "## 任务的步骤",
        "",
        "各人可以从哪些状态办理；流程的条件另见 [任务流程](workflow.md)。",
        "",
    ]
    lines += ["| 步骤 | " + " | ".join(RELATIONS) + " |", "|---" * (len(RELATIONS) + 1) + "|"]
    labels = {action.value: label for action, label in ACTION_LABELS.items()}
    for action, reach, sources in steps():
        cells = [_states(found, sources) for found in reach.values()]
        lines.append(f"| {labels[action]} `{action}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


@click.command()
@with_appcontext
def authorization() -> None:
    """Print who may open and do what as tables in Markdown (docs/authorization.md)."""
    click.echo(document(current_app), nl=False)
