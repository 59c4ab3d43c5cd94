"""Knows the tasks of a project (工程) or an action (行动): those found at points that carry it."""

from sqlalchemy import ColumnElement, select

from tracker.points.filters import of_action as points_of_action
from tracker.points.models import InspectionPoint
from tracker.tasks.models import Task


def of_action(code: str) -> list[ColumnElement[bool]]:
    """What is asked of a task; nothing when neither is."""
    if not code:
        return []
    return [Task.point_id.in_(select(InspectionPoint.id).where(points_of_action(code)))]
