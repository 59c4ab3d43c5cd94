"""Knows what may stand in the way of an action: the state, the policy, its conditions, what it needs."""

from datetime import datetime

from tracker.access.actor import Actor
from tracker.access.policy import WHO, allows
from tracker.errors import Conflict, Invalid, NotPermitted
from tracker.tasks.given import Given
from tracker.tasks.lifecycle import Transition
from tracker.tasks.models import Task
from tracker.tasks.states import ACTION_LABELS, NEED_LABELS, STATE_LABELS, Need, State
from tracker.texts import N_


class IllegalTransition(Conflict):
    """The task's state does not allow this action."""

    code = "illegal_transition"


def check_state(row: Transition, state: State | None) -> None:
    if state not in row.sources:
        raise IllegalTransition(
            N_("任务当前为“%(state)s”，不能办理“%(action)s”。"),
            state=STATE_LABELS[state] if state else "",
            action=ACTION_LABELS[row.action],
        )


def check_permission(row: Transition, task: Task, actor: Actor) -> None:
    if not allows(actor, row.permission, task):
        raise NotPermitted(WHO.get(row.permission, N_("您的岗位不能办理此项。")))


def check_conditions(row: Transition, task: Task, at: datetime) -> None:
    for condition in row.conditions:
        if not condition.holds(task, at):
            raise Conflict(condition.otherwise, code="condition")


def check_needs(row: Transition, task: Task, given: Given, actor: Actor) -> None:
    for need in row.needs:
        if not given.lacks(need) or (
            actor.is_system and need in (Need.BEFORE_PHOTO, Need.AFTER_PHOTO)
        ):
            continue
        if need in (Need.CATEGORY, Need.REASON_CODE) and actor.is_system:
            continue
        if (
            need is Need.AFTER_PHOTO
            and task.category is not None
            and not task.category.after_photo_required
        ):
            continue
        raise Invalid(N_("请填写：%(need)s。"), field=need.value, need=NEED_LABELS[need])
