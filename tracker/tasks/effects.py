"""Knows what each action changes on a task besides its state, and what its event remembers."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.roles import FOR_UNIT
from tracker.catalogue.models import Category
from tracker.errors import Invalid
from tracker.evidence.models import Photo
from tracker.people.models import RoleGrant, User
from tracker.places.models import Organization
from tracker.tasks.asking import ask, deny, endorse, forget, grant_appeal
from tracker.tasks.drawing import read_drawing
from tracker.tasks.linking import link_recurrence, merge
from tracker.tasks.numbers import next_order
from tracker.tasks.parties import (
    add_assist,
    convene,
    end_joint,
    meet_after_return,
    opine,
    refuse_assistant,
    remove_assist,
    reply,
    unit_given,
)
from tracker.tasks.recalculating import recalculate
from tracker.tasks.relocating import relocate
from tracker.tasks.running import extend, note_overdue, open_return, resume, start_clock, suspend
from tracker.tasks.states import RUNNING, Action, Closing
from tracker.tasks.steps import Payload, Step
from tracker.tasks.undoing import undo
from tracker.texts import N_


def category_of(session: Session, category_id: int | None) -> Category:
    category = session.get(Category, category_id) if category_id else None
    if category is None or not category.is_active:
        raise Invalid(N_("问题类别不存在或已停用，请重新选择。"), field="category_id")
    return category


def _nothing(step: Step) -> Payload:
    return {}


def _report(step: Step) -> Payload:
    """An import may name a category that was retired since, or none."""
    if not step.actor.is_system:
        category_of(step.session, step.given.category_id)
    return {}


def _file(step: Step) -> Payload:
    category = category_of(step.session, step.given.category_id)
    changed = step.task.category_id != category.id
    step.task.category_id = category.id
    step.task.filed_at = step.at
    return {"category": f"{category.code} {category.name}", "category_changed": changed}


def _merge(step: Step) -> Payload:
    said = merge(step)
    _end(step, Closing.MERGED)
    return said


def _dispatch(step: Step) -> Payload:
    unit, task = unit_given(step), step.task
    refuse_assistant(step, unit)
    note_overdue(step)
    task.unit_id, task.assignee_id = unit.id, None
    task.dispatched_at, task.acknowledged_at = step.at, None
    task.is_forced = False
    open_return(step)
    forget(task)
    return {"unit": unit.name, "unit_id": unit.id, **start_clock(step)}


def _decide_joint(step: Step) -> Payload:
    """The unit is no longer argued about: it does not send the task back again."""
    said = _dispatch(step)
    end_joint(step)
    step.task.is_forced = True
    return said


def _acknowledge(step: Step) -> Payload:
    step.task.acknowledged_at = step.at
    return {}


def _return(step: Step) -> Payload:
    task = step.task
    unit = step.session.get(Organization, task.unit_id) if task.unit_id else None
    task.return_count += 1
    task.unit_id = task.assignee_id = task.due_at = task.due_soon_at = task.return_until = None
    task.dispatched_at = task.acknowledged_at = None
    forget(task)
    said = {"unit": unit.name, "unit_id": unit.id} if unit else {}
    return {**said, **meet_after_return(step, unit)}


def _assign(step: Step) -> Payload:
    person = step.session.get(User, step.given.assignee_id) if step.given.assignee_id else None
    if (
        person is None
        or not person.is_active
        or not _works_for(step.session, person, step.task.unit_id)
    ):
        raise Invalid(N_("经办人须是承办单位的在用账号。"), field="assignee_id")
    step.task.assignee_id = person.id
    return {"person": person.name}


def _works_for(session: Session, person: User, unit_id: int | None) -> bool:
    if unit_id is None:
        return False
    if person.organization_id == unit_id:
        return True
    return bool(
        session.scalar(
            select(RoleGrant.id).where(
                RoleGrant.user_id == person.id,
                RoleGrant.organization_id == unit_id,
                RoleGrant.role.in_(sorted(FOR_UNIT)),
                RoleGrant.revoked_at.is_(None),
            )
        )
    )


def _submit(step: Step) -> Payload:
    step.task.submitter_id = step.actor.user_id
    step.task.submitted_at = step.at
    forget(step.task)
    note_overdue(step)
    return {}


def _withdraw(step: Step) -> Payload:
    step.task.submitter_id = step.task.submitted_at = None
    return {}


def _end(step: Step, closing: Closing) -> None:
    end_joint(step)
    forget(step.task)
    step.task.closed_at, step.task.closing = step.at, closing.value


def _close(closing: Closing) -> Callable[[Step], Payload]:
    def effect(step: Step) -> Payload:
        _end(step, closing)
        return {}

    return effect


def _rework(step: Step) -> Payload:
    task = step.task
    task.rework_count += 1
    task.submitter_id = task.submitted_at = None
    mine = select(Photo.sha256).where(Photo.task_id == task.id)
    photos = step.session.scalars(mine) if step.given.drawing else ()
    drawing = read_drawing(step.given.drawing, frozenset(photos))
    task.rework_to_read = drawing is not None
    return {**start_clock(step), **({"drawing": drawing} if drawing else {})}


def _acknowledge_rework(step: Step) -> Payload:
    step.task.rework_to_read = False
    return {}


def _supervise(step: Step) -> Payload:
    """A numbered order (督办单); it may shorten the time that is left, never lengthen it."""
    task, due = step.task, step.task.due_at
    task.is_supervised = True
    task.order_number = next_order(step.session, task.district_code, step.at)
    said: Payload = {"order_number": task.order_number}
    if step.given.limit is None and step.given.due_at is None:
        return said
    if task.state not in RUNNING or due is None:
        raise Invalid(N_("任务不在责任单位手中，不能缩短时限。"), field="limit_value")
    note_overdue(step)
    said |= start_clock(step)
    if task.due_at is None or task.due_at >= due:
        raise Invalid(N_("督办时限须早于原整改时限。"), field="limit_value")
    return said


def _rate(step: Step) -> Payload:
    if step.given.stars not in range(1, 6):
        raise Invalid(N_("评价等级须为 1 到 5。"), field="stars")
    step.task.stars = step.given.stars
    return {"stars": step.given.stars}


EFFECTS: dict[Action, Callable[[Step], Payload]] = {
    Action.REPORT: _report,
    Action.SELF_HANDLE: _report,
    Action.FILE: _file,
    Action.REJECT: _close(Closing.REJECTED),
    Action.MERGE: _merge,
    Action.DISPATCH: _dispatch,
    Action.ACKNOWLEDGE: _acknowledge,
    Action.RETURN: _return,
    Action.ASSIGN: _assign,
    Action.SUBMIT: _submit,
    Action.WITHDRAW: _withdraw,
    Action.PASS: _close(Closing.PASSED),
    Action.CLOSE_BY_NOTICE: _close(Closing.BY_NOTICE),
    Action.REWORK: _rework,
    Action.ASK_EXTENSION: ask("extension"),
    Action.GRANT_EXTENSION: extend,
    Action.DENY_EXTENSION: deny,
    Action.ASK_SUSPENSION: ask("suspension"),
    Action.SUSPEND: suspend,
    Action.DENY_SUSPENSION: deny,
    Action.RESUME: resume,
    Action.REDISPATCH: _dispatch,
    Action.SUPERVISE: _supervise,
    Action.URGE: _nothing,
    Action.INSTRUCT: _nothing,
    Action.REOPEN: _nothing,
    Action.RELOCATE: relocate,
    Action.CANCEL: _close(Closing.CANCELLED),
    Action.APPEAL: ask("appeal"),
    Action.GRANT_APPEAL: grant_appeal,
    Action.DENY_APPEAL: deny,
    Action.RATE: _rate,
    Action.COMMENT: _nothing,
    Action.ENDORSE: endorse,
    Action.DECLINE: deny,
    Action.ADD_ASSIST: add_assist,
    Action.ASSIST_REPLY: reply,
    Action.REMOVE_ASSIST: remove_assist,
    Action.CONVENE: convene,
    Action.OPINE: opine,
    Action.DECIDE_JOINT: _decide_joint,
    Action.ACKNOWLEDGE_REWORK: _acknowledge_rework,
    Action.LINK_RECURRENCE: link_recurrence,
    Action.RECALCULATE: recalculate,
    Action.UNDO: undo,
}

if set(EFFECTS) != set(Action):
    raise RuntimeError("every action needs an effect, even if it is nothing")
