"""Knows what an application does to a task: asked, judged by the unit's head, granted or refused."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.roles import HEADS
from tracker.errors import Conflict
from tracker.people.models import RoleGrant, User
from tracker.tasks.models import Task
from tracker.tasks.running import until
from tracker.tasks.steps import Payload, Step
from tracker.texts import N_


def ask(kind: str) -> Callable[[Step], Payload]:
    """The effect of asking for an `extension`, a `suspension` or an `appeal`."""

    def effect(step: Step) -> Payload:
        task, said = step.task, until(step) if kind == "suspension" else {}
        task.asked, task.asked_by_id, task.reviewer_id = kind, step.actor.user_id, None
        task.is_endorsed = _needs_no_head(step)
        if kind == "appeal":
            task.appealed = True
        return said

    return effect


def _needs_no_head(step: Step) -> bool:
    """The head asked in person, or the unit has nobody who could judge before the office does."""
    unit_id = step.task.unit_id
    return (
        step.actor.is_system
        or unit_id in step.actor.units_as(HEADS)
        or not _has_head(step.session, unit_id)
    )


def _has_head(session: Session, unit_id: int | None) -> bool:
    return bool(
        session.scalar(
            select(RoleGrant.id)
            .join(User, User.id == RoleGrant.user_id)
            .where(
                RoleGrant.organization_id == unit_id,
                RoleGrant.role.in_(sorted(HEADS)),
                RoleGrant.revoked_at.is_(None),
                User.is_active,
            )
            .limit(1)
        )
    )


def endorse(step: Step) -> Payload:
    step.task.is_endorsed = True
    return {"asked": step.task.asked or ""}


def deny(step: Step) -> Payload:
    """Refused by the unit's head or by the office; it may be asked for again."""
    asked = step.task.asked or ""
    forget(step.task)
    return {"asked": asked}


def forget(task: Task) -> None:
    """Nothing is asked for any more."""
    task.asked = task.asked_by_id = task.reviewer_id = None
    task.is_endorsed = False


def grant_appeal(step: Step) -> Payload:
    """Two different reviewers; the exemption never erases the overdue fact."""
    task = step.task
    if task.reviewer_id is None:
        task.reviewer_id = step.actor.user_id
        return {"review": 1}
    if task.reviewer_id == step.actor.user_id:
        raise Conflict(
            N_("申诉须由两名不同的审核人同意，请由另一名审核人办理。"), code="same_reviewer"
        )
    forget(task)
    task.is_exempt = True
    return {"review": 2}
