"""Knows the units beside the one that holds a task: those that assist it, those that meet over it.

A row of task_party stands for as long as the unit takes part; the ids on the task are its copy,
which the policy reads (a test keeps the two equal).
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from tracker.access.roles import FOR_UNIT, HEADS, Role
from tracker.errors import Conflict, Invalid
from tracker.people.models import RoleGrant, User
from tracker.places.locating import communities_around
from tracker.places.models import Organization
from tracker.tasks.lifecycle import JOINT_AT_RETURN
from tracker.tasks.models import Task, TaskEvent, TaskParty
from tracker.tasks.states import Action
from tracker.tasks.steps import Payload, Step
from tracker.texts import N_

#: A phone in a street is rarely better; what says it is worse may lie far off.
_MOST_ACCURACY_M = 200.0


def unit_given(step: Step) -> Organization:
    """The unit that was chosen. Raises Invalid when it does not exist or was retired."""
    unit = step.session.get(Organization, step.given.unit_id) if step.given.unit_id else None
    if unit is None or not unit.is_active:
        raise Invalid(N_("责任单位不存在或已停用，请重新选择。"), field="unit_id")
    return unit


# --- assisting (协办) -------------------------------------------------------------------------


def add_assist(step: Step) -> Payload:
    unit, task = unit_given(step), step.task
    if unit.id == task.unit_id:
        raise Invalid(N_("主办单位不能同时协办。"), field="unit_id")
    if unit.id in task.assist_unit_ids:
        raise Invalid(N_("该单位已在协办。"), field="unit_id")
    _join(step, "assist", unit.id)
    task.assist_unit_ids = sorted({*task.assist_unit_ids, unit.id})
    return {"assist_unit": unit.name}


def remove_assist(step: Step) -> Payload:
    """Dismiss an assisting unit, one that was retired since too."""
    task = step.task
    unit = step.session.get(Organization, step.given.unit_id) if step.given.unit_id else None
    if unit is None or unit.id not in task.assist_unit_ids:
        raise Invalid(N_("该单位没有在协办。"), field="unit_id")
    _leave(step, "assist", [unit.id])
    task.assist_unit_ids = [other for other in task.assist_unit_ids if other != unit.id]
    return {"assist_unit": unit.name}


def reply(step: Step) -> Payload:
    """The answer of the assisting units for which the actor acts; a later one replaces it."""
    mine = step.actor.units_as(FOR_UNIT) & set(step.task.assist_unit_ids)
    rows = _standing(step.session, step.task, "assist", mine)
    return {"assist_unit": "、".join(_answer(step, rows))}


def refuse_assistant(step: Step, unit: Organization) -> None:
    """A unit is lead or assistant, not both. Raises Conflict."""
    if unit.id in (step.task.assist_unit_ids or ()):
        raise Conflict(N_("所选单位正在协办，请先取消其协办。"), code="assists")


# --- joint decision (会商) --------------------------------------------------------------------


def meet_after_return(step: Step, unit: Organization | None) -> Payload:
    """Open a joint decision when a return shows that one dispatcher cannot settle whose it is."""
    task, session = step.task, step.session
    units = {unit.id} if unit else set()
    if task.return_count >= JOINT_AT_RETURN:
        task.joint = "returns"
        units |= _sent_back_before(session, task)
    else:
        nearby = _across_the_border(session, task)
        if not nearby:
            return {}
        task.joint = "border"
        units |= nearby
    task.joint_unit_ids = sorted(units)
    return {"joint": task.joint}


def _sent_back_before(session: Session, task: Task) -> set[int]:
    events = session.scalars(
        select(TaskEvent).where(
            TaskEvent.task_id == task.id, TaskEvent.action == Action.RETURN.value
        )
    )
    return {event.payload["unit_id"] for event in events if event.payload.get("unit_id")}


def _across_the_border(session: Session, task: Task) -> set[int]:
    """Units of the communities on the other side, when the point is not surer than the border is far."""
    if task.lon is None or task.lat is None or not task.accuracy_m:
        return set()
    reach = min(task.accuracy_m, _MOST_ACCURACY_M)
    others = communities_around(session, task.lon, task.lat, reach) - {task.community_code}
    if not others:
        return set()
    return set(
        session.scalars(
            select(Organization.id).where(
                Organization.area_code.in_(sorted(others)), Organization.is_active
            )
        )
    )


def convene(step: Step) -> Payload:
    """Name who decides, and the units whose heads are heard: two at least.

    Convened again, another decides: whoever was named may have left before deciding.
    """
    task = step.task
    decider = step.session.get(User, step.given.assignee_id) if step.given.assignee_id else None
    if decider is None or not decider.is_active or not _may_decide(step, decider):
        raise Invalid(
            N_("决定人须是本辖区的领导或派遣员，且不是召集人、不属于参加会商的单位。"),
            field="assignee_id",
        )
    units = {*task.joint_unit_ids, *([unit_given(step).id] if step.given.unit_id else [])}
    if len(units) < 2:
        raise Invalid(N_("会商至少要两个单位，请再选一个单位。"), field="unit_id")
    if decider.organization_id in units or decider.as_actor().units_as(FOR_UNIT) & units:
        raise Invalid(N_("决定人不能属于参加会商的单位。"), field="assignee_id")
    present = {row.unit_id for row in _standing(step.session, task, "joint", units)}
    for unit_id in sorted(units - present):
        _join(step, "joint", unit_id)
    task.joint_unit_ids, task.joint_decider_id = sorted(units), decider.id
    return {"decider": decider.name, "joint_units": "、".join(_names(step.session, units))}


def _may_decide(step: Step, decider: User) -> bool:
    granted = select(RoleGrant.id).where(RoleGrant.user_id == decider.id, may_decide(step.task))
    return decider.id != step.actor.user_id and bool(step.session.scalar(granted.limit(1)))


def may_decide(task: Task) -> ColumnElement[bool]:
    """Grants of those who may decide jointly about a task: leaders and dispatchers of its areas."""
    codes = [task.grid_code, task.community_code, task.town_code, task.district_code]
    return and_(
        RoleGrant.role.in_([Role.LEADER.value, Role.DISPATCHER.value]),
        or_(RoleGrant.area_code.is_(None), RoleGrant.area_code.in_([c for c in codes if c])),
        RoleGrant.revoked_at.is_(None),
    )


def opine(step: Step) -> Payload:
    """What the head of one of the units says; a later word replaces it."""
    consulted = frozenset(step.task.joint_unit_ids)
    mine = consulted if step.actor.is_system else consulted & step.actor.units_as(HEADS)
    rows = _standing(step.session, step.task, "joint", mine)
    return {"joint_unit": "、".join(_answer(step, rows))}


def end_joint(step: Step) -> None:
    """The meeting is over: decided, or the task went another way."""
    task = step.task
    if task.joint is None:
        return
    _leave(step, "joint", task.joint_unit_ids)
    task.joint, task.joint_unit_ids, task.joint_decider_id = None, [], None


# --- rows -------------------------------------------------------------------------------------


def _join(step: Step, part: str, unit_id: int) -> None:
    step.session.add(
        TaskParty(
            task_id=step.task.id, unit_id=unit_id, part=part, wanted=step.given.text,
            asked_at=step.at, reply="",
        )
    )  # fmt: skip


def _leave(step: Step, part: str, units: Iterable[int]) -> None:
    for row in _standing(step.session, step.task, part, units):
        row.ended_at = step.at


def _standing(session: Session, task: Task, part: str, units: Iterable[int]) -> list[TaskParty]:
    return list(
        session.scalars(
            select(TaskParty)
            .where(
                TaskParty.task_id == task.id, TaskParty.part == part,
                TaskParty.unit_id.in_(sorted(units)), TaskParty.ended_at.is_(None),
            )
            .order_by(TaskParty.id)
        )
    )  # fmt: skip


def _answer(step: Step, rows: Iterable[TaskParty]) -> list[str]:
    """Keep the reply on each row; the names of the units that said it."""
    said = list(rows)
    for row in said:
        row.reply, row.replied_at = step.given.text, step.at
        row.replied_by_id = step.actor.user_id
    return _names(step.session, {row.unit_id for row in said})


def _names(session: Session, units: Iterable[int]) -> list[str]:
    wanted = select(Organization.name).where(Organization.id.in_(sorted(units)))
    return list(session.scalars(wanted.order_by(Organization.id)))
