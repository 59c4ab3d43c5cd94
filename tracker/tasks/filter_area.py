"""Knows which tasks lie in the area of a filter."""

from sqlalchemy import ColumnElement, false

from tracker.places.levels import levels_of
from tracker.tasks import queries


def in_area(code: str) -> ColumnElement[bool]:
    """Tasks in an area of whatever level has this code; none in what is no area."""
    level = levels_of([code]).get(code)
    return queries.searched(level) == code if level else false()
