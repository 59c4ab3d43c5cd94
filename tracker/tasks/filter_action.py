"""Knows the tasks of a campaign action (行动): those found at inspection points that carry it."""

from sqlalchemy import ColumnElement, select

from tracker.points.campaign import ACTIONS
from tracker.points.filters import of_action as points_of_action
from tracker.points.models import InspectionPoint
from tracker.tasks.models import Task


def known(text: str) -> str:
    """The code of an action of the campaign. Raises ValueError."""
    if text not in ACTIONS:
        raise ValueError(text)
    return text


def of_action(code: str) -> list[ColumnElement[bool]]:
    """What is asked of a task; nothing when no action is."""
    if not code:
        return []
    return [Task.point_id.in_(select(InspectionPoint.id).where(points_of_action(code)))]
