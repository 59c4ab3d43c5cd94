"""Knows what each action changes on a task besides its state, and what its event remembers."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.roles import FOR_UNIT
from tracker.catalogue.models import Category
from tracker.errors import Conflict, Invalid
from tracker.people.models import RoleGrant, User
from tracker.places.models import Area, Organization
from tracker.tasks.intake import position_columns, whereabouts
from tracker.tasks.models import Task
from tracker.tasks.queries import visible_to
from tracker.tasks.running import extend, note_overdue, resume, start_clock, suspend, until
from tracker.tasks.states import OPEN, Action
from tracker.tasks.steps import Payload, Step
from tracker.texts import N_


def category_of(session: Session, category_id: int | None) -> Category:
    category = session.get(Category, category_id) if category_id else None
    if category is None or not category.is_active:
        raise Invalid(N_("问题类别不存在或已停用，请重新选择。"), field="category_id")
    return category


def _unit(step: Step) -> Organization:
    unit = step.session.get(Organization, step.given.unit_id) if step.given.unit_id else None
    if unit is None or not unit.is_active:
        raise Invalid(N_("责任单位不存在或已停用，请重新选择。"), field="unit_id")
    return unit


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
    number = step.given.other_number.strip().upper()
    other = step.session.scalar(visible_to(step.actor).where(Task.number == number))
    task = step.task
    if other is None or other.district_code != task.district_code:
        raise Invalid(
            N_("没有编号为“%(number)s”的任务，请核对。"), field="other_number", number=number
        )
    if other.id == task.id:
        raise Invalid(N_("不能并入任务自身。"), field="other_number")
    if other.state not in OPEN:
        raise Invalid(N_("任务 %(number)s 已办结，不能并入。"), field="other_number", number=number)
    task.merged_into_id = other.id
    return {"into": other.number}


def _dispatch(step: Step) -> Payload:
    unit, task = _unit(step), step.task
    note_overdue(step)
    task.unit_id, task.assignee_id = unit.id, None
    task.dispatched_at, task.acknowledged_at = step.at, None
    task.asked = task.asked_by_id = None
    return {"unit": unit.name, **start_clock(step)}


def _acknowledge(step: Step) -> Payload:
    step.task.acknowledged_at = step.at
    return {}


def _return(step: Step) -> Payload:
    task = step.task
    unit = step.session.get(Organization, task.unit_id) if task.unit_id else None
    task.return_count += 1
    task.unit_id = task.assignee_id = task.due_at = task.due_soon_at = None
    task.dispatched_at = task.acknowledged_at = None
    task.asked = task.asked_by_id = None
    return {"unit": unit.name if unit else ""}


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
    step.task.asked = step.task.asked_by_id = None
    note_overdue(step)
    return {}


def _withdraw(step: Step) -> Payload:
    step.task.submitter_id = step.task.submitted_at = None
    return {}


def _close(step: Step) -> Payload:
    step.task.closed_at = step.at
    return {}


def _close_by_notice(step: Step) -> Payload:
    step.task.closed_by_notice = True
    return _close(step)


def _rework(step: Step) -> Payload:
    step.task.rework_count += 1
    step.task.submitter_id = step.task.submitted_at = None
    return start_clock(step)


def _ask(kind: str) -> Callable[[Step], Payload]:
    def effect(step: Step) -> Payload:
        step.task.asked, step.task.asked_by_id = kind, step.actor.user_id
        if kind == "appeal":
            step.task.appealed = True
        return until(step) if step.given.until else {}

    return effect


def _deny(step: Step) -> Payload:
    step.task.asked = step.task.asked_by_id = step.task.reviewer_id = None
    return {}


def _relocate(step: Step) -> Payload:
    """Put a task where it belongs: a corrected point, or a community chosen by hand (人工落格)."""
    task, place = step.task, step.given.place
    assert place is not None
    areas = whereabouts(step.session, place, step.actor)
    if place.community_code and areas.community_code is None:
        raise Invalid(N_("所选社区不存在，请重新选择。"), field="community_code")
    before = _area_name(step.session, task.community_code)
    if place.lon is not None or place.address:
        for column, value in position_columns(place).items():
            if column != "address" or value:
                setattr(task, column, value)
    task.district_code = areas.district_code or task.district_code
    task.town_code, task.community_code = areas.town_code, areas.community_code
    task.grid_code = areas.grid_code
    return {"area_before": before, "area": _area_name(step.session, task.community_code)}


def _area_name(session: Session, code: str | None) -> str:
    area = session.get(Area, code) if code else None
    return f"{area.name} {area.code}" if area else ""


def _supervise(step: Step) -> Payload:
    step.task.is_supervised = True
    return {}


def _grant_appeal(step: Step) -> Payload:
    """Two different reviewers; the exemption never erases the overdue fact."""
    task = step.task
    if task.reviewer_id is None:
        task.reviewer_id = step.actor.user_id
        return {"review": 1}
    if task.reviewer_id == step.actor.user_id:
        raise Conflict(
            N_("申诉须由两名不同的审核人同意，请由另一名审核人办理。"), code="same_reviewer"
        )
    task.is_exempt, task.asked, task.asked_by_id = True, None, None
    return {"review": 2}


def _rate(step: Step) -> Payload:
    if step.given.stars not in range(1, 6):
        raise Invalid(N_("评价等级须为 1 到 5。"), field="stars")
    step.task.stars = step.given.stars
    return {"stars": step.given.stars}


EFFECTS: dict[Action, Callable[[Step], Payload]] = {
    Action.REPORT: _report,
    Action.SELF_HANDLE: _report,
    Action.FILE: _file,
    Action.REJECT: _close,
    Action.MERGE: _merge,
    Action.DISPATCH: _dispatch,
    Action.ACKNOWLEDGE: _acknowledge,
    Action.RETURN: _return,
    Action.ASSIGN: _assign,
    Action.SUBMIT: _submit,
    Action.WITHDRAW: _withdraw,
    Action.PASS: _close,
    Action.CLOSE_BY_NOTICE: _close_by_notice,
    Action.REWORK: _rework,
    Action.ASK_EXTENSION: _ask("extension"),
    Action.GRANT_EXTENSION: extend,
    Action.DENY_EXTENSION: _deny,
    Action.ASK_SUSPENSION: _ask("suspension"),
    Action.SUSPEND: suspend,
    Action.DENY_SUSPENSION: _deny,
    Action.RESUME: resume,
    Action.REDISPATCH: _dispatch,
    Action.SUPERVISE: _supervise,
    Action.URGE: _nothing,
    Action.INSTRUCT: _nothing,
    Action.REOPEN: _nothing,
    Action.RELOCATE: _relocate,
    Action.CANCEL: _close,
    Action.APPEAL: _ask("appeal"),
    Action.GRANT_APPEAL: _grant_appeal,
    Action.DENY_APPEAL: _deny,
    Action.RATE: _rate,
    Action.COMMENT: _nothing,
}

if set(EFFECTS) != set(Action):
    raise RuntimeError("every action needs an effect, even if it is nothing")
