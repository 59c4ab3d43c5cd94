"""Knows what a person could do lately, so that work done with a right since lost is kept for the office."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.inspections import subjects
from tracker.inspections.intake_reading import Item, Kind
from tracker.inspections.round_models import Round, RoundInspector, RoundPoint, RoundState
from tracker.inspections.visits import MAX_AGE
from tracker.people.models import User
from tracker.points.models import InspectionPoint, PointChange
from tracker.tasks.models import Task


def lately(user: User) -> Actor:
    """The person with every grant held within the time that a phone may keep an item."""
    since = clock.now() - MAX_AGE
    grants = [
        grant.as_grant()
        for grant in user.grants
        if grant.revoked_at is None or grant.revoked_at >= since
    ]
    return Actor(user.id, user.name, user.organization_id, tuple(dict.fromkeys(grants)))


def was_possible(session: Session, item: Item, user: User) -> bool:
    """Whether the person could do it lately and lost the right since."""
    before = lately(user)
    if item.kind is Kind.VISIT:
        point = _row(session, InspectionPoint, item.content, "point_id")
        return point is not None and (
            allows(before, Permission.VISIT_MAKE, subjects.of_point(session, point))
            or _was_named(session, point.id, user.id)
            or _was_moved(session, point.id, item)
        )
    if item.kind is Kind.REPORT:
        return allows(before, Permission.TASK_REPORT)
    number = item.content.get("number")
    task = session.scalar(select(Task).where(Task.number == str(number)))
    return task is not None and allows(before, Permission.TASK_SUBMIT, task)


def _row(
    session: Session, table: type[InspectionPoint], content: Mapping[str, Any], name: str
) -> InspectionPoint | None:
    key = content.get(name)
    return session.get(table, key) if type(key) is int and 0 <= key < 2**31 else None


def _was_named(session: Session, point_id: int, user_id: int) -> bool:
    """A round that is closed by now named the person for the point."""
    return (
        session.scalar(
            select(RoundPoint.round_id)
            .join(Round, Round.id == RoundPoint.round_id)
            .join(RoundInspector, RoundInspector.round_id == Round.id)
            .where(
                RoundPoint.point_id == point_id,
                RoundInspector.user_id == user_id,
                or_(RoundPoint.inspector_id.is_(None), RoundPoint.inspector_id == user_id),
                Round.state == RoundState.CLOSED,
                Round.closed_at >= clock.now() - MAX_AGE,
            )
            .limit(1)
        )
        is not None
    )


def _was_moved(session: Session, point_id: int, item: Item) -> bool:
    """The point was moved or given to another unit after the visit."""
    return (
        session.scalar(
            select(PointChange.id)
            .where(
                PointChange.point_id == point_id,
                PointChange.at >= item.made_at,
                PointChange.kind.in_(("move", "edit", "import")),
            )
            .limit(1)
        )
        is not None
    )
